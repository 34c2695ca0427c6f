"""A crowd for looking: people with software authenticators who live through a development instance over HTTP."""
