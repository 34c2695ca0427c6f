"""What the pages promise, over HTTP, on a real database."""
