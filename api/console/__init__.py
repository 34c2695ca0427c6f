"""The operators' pages: cohorts, their launches and orders, and adoption."""
