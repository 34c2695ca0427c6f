"""Cohorts described in files, checked and planned before anybody is launched."""
