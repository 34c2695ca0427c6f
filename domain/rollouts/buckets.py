"""Which part of a cohort an account belongs to: a stable hash, so that membership never changes."""

import hashlib

BUCKETS = 10_000
"""Buckets are numbered from 0 to 9999; each is a hundredth of a percent."""


def bucket(salt: str, account_id: str) -> int:
    """The bucket of an account in a cohort; the same salt and account give the same bucket for ever."""
    digest = hashlib.blake2b(f"{salt}\0{account_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % BUCKETS


def is_held_out(number: int, holdout_percent: float) -> bool:
    """Whether a bucket is in the holdout, which is measured and never launched: the last buckets are."""
    return number >= BUCKETS - round(holdout_percent * BUCKETS / 100)


def reach(percent: float) -> int:
    """How many buckets, from 0 on, a wave of this size reaches. Raising the percent only adds buckets."""
    return round(percent * BUCKETS / 100)


def is_reached(number: int, percent: float, holdout_percent: float) -> bool:
    """Whether a wave of this size launches a bucket."""
    return number < reach(percent) and not is_held_out(number, holdout_percent)
