"""Journeys with their policies, the facts that they go by, and the SMS state that they change."""
