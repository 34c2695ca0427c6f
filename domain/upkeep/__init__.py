"""After the end: what a person has left to sign in with, whether it still works, and what a loss would take."""
