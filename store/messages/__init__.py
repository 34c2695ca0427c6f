"""Messages from their row to their fate: queued, claimed, handed over, and what providers report later."""
