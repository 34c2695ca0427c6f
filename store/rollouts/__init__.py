"""Cohorts: their members, waves, measurements, and what holds them."""
