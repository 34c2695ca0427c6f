"""Carries what operators order to Temporal: rollouts, and journeys outside of cohorts."""
