"""Messages from the row to the fate: queued, claimed, handed over, and what providers told of them."""
