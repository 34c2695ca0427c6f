"""The switch that stops retiring SMS for everybody: nobody is given notice, and nobody's codes are switched off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

SYSTEM = "offramp"
"""Who stops retiring when a promise is broken."""


@dataclass(frozen=True, kw_only=True)
class Retiring:
    """Where the switch stands. `since` is when it was last turned, by `by`, for `reason`; None if it never was.

    `is_automatic`: Offramp stopped by itself, because a promise was broken. `accepted` are the breaches, by the name of
    their invariant, that an admin knew of when retiring was resumed.
    """

    is_stopped: bool = False
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    is_automatic: bool = False
    accepted: Mapping[str, int] = field(default_factory=dict)


def new_breaches(counts: Mapping[str, int], accepted: Mapping[str, int]) -> dict[str, int]:
    """The breaches that no admin has looked at yet, by the name of their invariant."""
    return {name: count for name, count in counts.items() if count > accepted.get(name, 0)}


def still_known(accepted: Mapping[str, int], counts: Mapping[str, int]) -> dict[str, int]:
    """The accepted breaches that are still there: what was mended and breaks again is new."""
    return {name: min(count, counts[name]) for name, count in accepted.items() if name in counts}


def lasting(now: Mapping[str, int], before: Mapping[str, int]) -> list[str]:
    """The invariants that were broken at two looks in a row; what mends itself meanwhile is none."""
    return sorted(name for name, count in now.items() if count and before.get(name))
