"""Figures that are costly to count, kept for as long as they may be."""
