"""After the end: check-ups for people, and lock-out drills for operators."""
