"""What is done with what providers tell of messages."""
