"""Counts over all accounts: adoption, the census, and the totals that metrics are made of."""
