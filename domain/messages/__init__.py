"""What Offramp says, when it may say it, and what became of it; rules only, no sending."""
