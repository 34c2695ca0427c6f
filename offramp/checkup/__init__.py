"""What `offramp doctor` looks at, and what it finds."""
