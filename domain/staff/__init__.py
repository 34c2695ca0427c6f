"""Who works in the console, what each role may do, and what takes two of them."""
