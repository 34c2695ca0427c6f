"""OpenID Connect: who sends people here, how they come in, and how they go back."""
