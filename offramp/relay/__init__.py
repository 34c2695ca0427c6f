"""Carries what the database says to Temporal, and says whether it does."""
