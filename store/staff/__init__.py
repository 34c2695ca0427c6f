"""Members of staff with their passkeys, keys, sessions and requests, and the audit of what they did."""
