"""The database itself: connections, column types, upserts, wake-ups, and counts that expire."""
