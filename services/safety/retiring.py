"""Stops retiring SMS for everybody, and lets it go on; whoever does so answers for it in the audit."""

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Refused
from domain.retiring import SYSTEM, Retiring, lasting, new_breaches, still_known
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from store import Session, invariants
from store.journeys import retiring
from store.staff import audit


class PromisesBroken(Refused):
    """Retiring cannot be resumed, because promises are broken; `counts` are the breaches by invariant."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        names = ", ".join(f"{name} ({count})" for name, count in counts.items())
        super().__init__(f"promises are broken: {names}. `offramp doctor` says more")
        self.counts = counts


def stop(session: Session, author: Author, *, reason: str, at: datetime) -> Retiring:
    """Stop it. Journeys wait when they would give notice, suspend or remove. Raises BadReason, Refused."""
    why, before = clean_reason(reason), retiring.read(session)
    if before.is_stopped and not before.is_automatic:
        raise Refused(f"retiring is stopped already, by {before.by}: {before.reason}")
    stopped = Retiring(is_stopped=True, since=at, by=author.by, reason=why)
    retiring.turn(session, stopped)
    audit.append(session, author, AuditKind.RETIRING_STOPPED, at=at, reason=why)
    return stopped


def resume(
    session: Session,
    author: Author,
    counts: Mapping[str, int],
    *,
    reason: str,
    at: datetime,
    anyway: bool = False,
) -> Retiring:
    """Let it go on; `counts` are the breaches that `broken` has found. The worker releases the journeys that wait.

    Raises BadReason, Refused if it is not stopped, and PromisesBroken while promises are broken, unless `anyway`: then
    these breaches count as known, and only further breaches stop retiring again.
    """
    why, before = clean_reason(reason), retiring.read(session)
    if not before.is_stopped:
        raise Refused("retiring is not stopped")
    if counts and not anyway:
        raise PromisesBroken(counts)
    resumed = Retiring(since=at, by=author.by, reason=why, accepted=counts)
    retiring.turn(session, resumed)
    audit.append(session, author, AuditKind.RETIRING_RESUMED, at=at, reason=why, accepted=dict(counts))
    return resumed


def heed(session: Session, counts: Mapping[str, int], *, before: Mapping[str, int], at: datetime) -> bool:
    """Stop retiring if a promise is broken that nobody has looked at; True if this has stopped it.

    `counts` are the breaches that `broken` has found now, `before` those of the last look: a breach that mends itself
    between two looks, like a message whose sender was lost, stops nothing.
    """
    current = retiring.read(session)
    known_counts = still_known(current.accepted, counts)
    retiring.accept(session, known_counts)
    names = lasting(new_breaches(counts, known_counts), before)
    if current.is_stopped or not names:
        return False
    reason = f"invariant: {', '.join(names)}"
    stopped = Retiring(
        is_stopped=True, since=at, by=SYSTEM, reason=reason, is_automatic=True, accepted=known_counts
    )
    retiring.turn(session, stopped)
    audit.append(session, Author(by=SYSTEM), AuditKind.RETIRING_STOPPED, at=at, reason=reason)
    return True


def broken(session: Session, *, now: datetime) -> dict[str, int]:
    """How often each promise is broken; promises that are kept are missing."""
    breaches = invariants.breaches(session, now=now)
    return {breach.invariant.value: breach.count for breach in breaches if breach.count}
