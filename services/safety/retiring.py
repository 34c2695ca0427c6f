"""Stops retiring SMS for everybody, and lets it go on; whoever does so answers for it in the audit."""

from collections.abc import Mapping
from datetime import datetime

from domain.retiring import SYSTEM, Retiring, lasting, new_breaches, still_known
from domain.staff.staff import Author
from domain.switches import Switch
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import Session
from store.journeys import retiring
from store.journeys import switches as stored_switches


def stop(session: Session, author: Author, *, reason: str, at: datetime) -> Retiring:
    """Stop it. Journeys wait when they would give notice, suspend or remove. Raises BadReason, Refused."""
    switches.stop(session, author, _turn(reason, at))
    return retiring.read(session)


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
    switches.resume(session, author, _turn(reason, at), counts, anyway=anyway)
    return retiring.read(session)


def heed(session: Session, counts: Mapping[str, int], *, before: Mapping[str, int], at: datetime) -> bool:
    """Stop retiring if a promise is broken that nobody has looked at; True if this has stopped it.

    `counts` are the breaches that `broken` has found now, `before` those of the last look: a breach that mends itself
    between two looks, like a message whose sender was lost, stops nothing.
    """
    known_counts = still_known(stored_switches.accepted(session, Switch.RETIRING), counts)
    stored_switches.accept(session, Switch.RETIRING, known_counts)
    names = lasting(new_breaches(counts, known_counts), before)
    if not names:
        return False
    return switches.stop_by_itself(session, _turn(f"invariant: {', '.join(names)}", at), by=SYSTEM)


def _turn(reason: str, at: datetime) -> SwitchTurn:
    return SwitchTurn(switch=Switch.RETIRING, reason=reason, at=at)
