"""The limits of the domain, by their kind."""

from domain.safety.throttle import LIMITS, Limit, SoftLimit, Throttle


def strict(throttle: Throttle) -> Limit:
    """A strict limit."""
    limit = LIMITS[throttle]
    assert isinstance(limit, Limit)
    return limit


def soft(throttle: Throttle) -> SoftLimit:
    """A soft limit."""
    limit = LIMITS[throttle]
    assert isinstance(limit, SoftLimit)
    return limit
