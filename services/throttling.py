"""Counts attempts before they are made."""

from domain.safety.throttle import Throttle
from services.container import Services
from store.engine import throttles


def require_attempts(services: Services, **subjects: str) -> None:
    """Count one attempt of each named throttle for its subject. Raises Throttled, with the counts kept."""
    now = services.clock()
    with services.database.transaction() as session:
        counted = [
            throttles.count(session, Throttle(name), subject, now=now) for name, subject in subjects.items()
        ]
    refusals = [refusal for refusal in counted if refusal]
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.retry_after)
