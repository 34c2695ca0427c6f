"""The shop with passkeys of its own: Offramp decides and hears what happened, and serves no page."""
