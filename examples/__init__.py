"""Sample hosts: a shop with a login of its own, brought off text-message codes in either way."""
