"""Tests mirror the rooms and read as sentences."""
