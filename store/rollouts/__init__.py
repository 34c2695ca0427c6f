"""Cohorts with their members, waves, measurements and holds."""
