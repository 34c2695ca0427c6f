"""The shop with Offramp's own pages: people go there for the set-up or a passkey, and come back."""
