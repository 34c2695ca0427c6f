"""What Offramp keeps of a host: its keys, and the answers that it was given."""
