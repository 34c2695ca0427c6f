"""What running workflows of older releases do otherwise, by the names of Temporal's patches."""

WATCHED_TO_THE_END = "watched-to-the-end"
"""Rollouts of older releases ended with the last wave, and were not assessed while they were paused."""

EMPTY_WAVES = "empty-waves-pass"
"""Rollouts of older releases kept a wave that has nobody to launch waiting for its window, and watched it."""

DATABASE_DECIDES = "database-decides"
"""Rollouts of older releases wrote down anew where they stood when the database knew more than they did."""
