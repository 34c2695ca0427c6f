"""The pages of the desk: search, lists, cases, and acts of support."""
