"""Figures that are slow to count, kept for a short time."""
