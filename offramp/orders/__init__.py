"""Carries operators' orders: to rollouts in Temporal, and for journeys outside of cohorts to the database."""
