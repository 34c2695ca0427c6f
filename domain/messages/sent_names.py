"""The names by which Temporal and the providers know what they are given: the key, and the epoch of the database.

After a restored backup, keys of the time that was lost come again, for something else. What is told of the lost ones
later must not be taken for news of the new ones. In the first epoch, a name is the key itself.
"""

import re

_IN_EPOCH = re.compile(r"(.*)@e(\d+)", re.DOTALL)


def named(key: str, epoch: int) -> str:
    """The name of a key in an epoch."""
    return f"{key}@e{epoch}" if epoch else key


def read_name(name: str) -> tuple[str, int]:
    """The key and the epoch of a name."""
    parts = _IN_EPOCH.fullmatch(name)
    return (parts[1], int(parts[2])) if parts else (name, 0)
