"""Accounts with everything that signs them in, and the journal of what happened to them."""
