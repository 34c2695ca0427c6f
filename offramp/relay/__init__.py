"""Carries journal entries and messages from the database to Temporal, and says whether that works."""
