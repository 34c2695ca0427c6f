"""Cohorts and their rollouts as pure rules: who is in, which wave when, and what stops it."""
