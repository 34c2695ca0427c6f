"""The host: the service whose accounts are moved, what it may ask and tell, and how its keys work."""
