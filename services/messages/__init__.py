"""Applies what providers report about messages."""
