"""What begins when a backup takes the database's place: another epoch, and an end of what nobody can know."""

from dataclasses import dataclass
from datetime import datetime

from domain.recovery import RecoveryStage
from store import Session
from store.engine import epochs
from store.host import webhook_sending
from store.journeys import journeys
from store.messages import restored
from store.people import journal
from store.rollouts import cohorts
from store.safety import recoveries, recovery_notices


@dataclass(frozen=True, kw_only=True)
class Restore:
    """What a restored backup comes to. `known_until` is when the newest thing happened that the database knows.

    `notices_again` are said a second time if they went out after the backup; `given_up` become `unknown`, and are not
    said again; `events_again` go to hosts a second time, under their own ids. `journeys` and `rollouts` go on from the
    backup, and may say again what they said since.
    """

    known_until: datetime | None
    journeys: int
    rollouts: int
    notices_again: int
    given_up: int
    events_again: int


def foretell(session: Session, *, now: datetime) -> Restore:
    """What `begin` would come to; changes nothing."""
    return Restore(
        known_until=journal.latest_at(session),
        journeys=journeys.count_running(session),
        rollouts=len(cohorts.under_way(session)),
        notices_again=restored.count_said_again(session, now=now),
        given_up=restored.count_given_up(session, now=now),
        events_again=webhook_sending.count_may_have_gone(session),
    )


def begin(session: Session, *, by: str, now: datetime) -> int:
    """Begin another epoch of the database; returns its number. Nothing else may be at work on the database."""
    restored.give_up(session, now=now)
    restored.say_again(session, now=now)
    for recovery in recoveries.waiting(session):
        # Somebody may have stopped it since the backup, and nobody knows: it waits anew, and all are told anew.
        if recovery.stage == RecoveryStage.WAITING:
            recovery_notices.wait_anew(session, recovery, at=now)
        else:
            recoveries.end(session, recovery, RecoveryStage.LAPSED, at=now)
    return epochs.renew(session, by=by, at=now)
