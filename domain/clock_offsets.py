"""How far the clock of a machine may differ from the database's, by which everything is decided."""

from datetime import timedelta

TOLD_FROM = timedelta(seconds=3)
"""From this difference on, operators are told."""

WORKS_UNTIL = timedelta(minutes=1)
"""Beyond this difference, a worker takes no work: certificates and signatures go by its machine's clock."""


def is_told(offset: timedelta) -> bool:
    """Whether a clock that is `offset` ahead of the database's, or behind if negative, is worth a word."""
    return abs(offset) >= TOLD_FROM


def may_work(offset: timedelta, *, is_working: bool) -> bool:
    """Whether a worker may take work. One that has stopped begins again when its clock is right, not only better."""
    return abs(offset) <= WORKS_UNTIL if is_working else not is_told(offset)
