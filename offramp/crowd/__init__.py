"""Plays a crowd: people with software authenticators, who use a development instance over HTTP."""
