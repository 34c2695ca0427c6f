"""Files of accounts: read, checked, and stored batch by batch."""
