"""Evidence for auditors: sealing the journal's days, making packs, and verifying them."""
