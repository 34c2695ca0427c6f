"""Counts attempts before they are made."""

from domain.safety.throttle import Throttle
from services.container import Services
from store.engine import throttles


def require_attempts(services: Services, *, is_known: bool = False, **subjects: str) -> None:
    """Count one attempt of each named throttle for its subject. Raises Throttled, with the counts kept.

    `is_known`: it is tried at a browser that the account knows, for which the guard tightens nothing.
    """
    now = services.clock()
    with services.database.transaction() as session:
        counted = [
            throttles.count(session, Throttle(name), subject, now=now, is_known=is_known)
            for name, subject in subjects.items()
        ]
    refusals = [refusal for refusal in counted if refusal]
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.retry_after)
