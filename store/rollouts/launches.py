"""Begins the journeys of a wave, many at a time; no account gets a second journey."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, insert, update

from domain.journal import EventKind
from store.journeys.journeys import Journey
from store.people import journal
from store.people.accounts import Account
from store.people.journal import Raised
from store.rollouts import members
from store.rollouts.members import LaunchPosition, Member


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A part of a wave: where it ends (None when nobody is left), and the accounts whose journeys are to be started."""

    place: LaunchPosition | None
    account_ids: Sequence[str]


def open_next(
    session: Session,
    cohort_id: str,
    policy_id: str,
    *,
    wave: int,
    below: int,
    after: LaunchPosition,
    batch: int,
    at: datetime,
) -> Opened:
    """Begin the journeys of the next members. Members who have a journey, and members without a phone, are skipped."""
    stretch = members.to_launch(session, cohort_id, below=below, after=after, batch=batch)
    if not stretch:
        return Opened(place=None, account_ids=())
    account_ids = [place.account_id for place in stretch]
    return Opened(
        place=stretch[-1], account_ids=_open(session, cohort_id, policy_id, account_ids, wave=wave, at=at)
    )


def opened_beyond(
    session: Session, cohort_id: str, *, wave: int, after: LaunchPosition, batch: int
) -> Opened:
    """The next journeys that the wave has begun already: a launch that died may not have started their workflows."""
    stretch = members.launched_beyond(session, cohort_id, wave=wave, after=after, batch=batch)
    if not stretch:
        return Opened(place=None, account_ids=())
    return Opened(place=stretch[-1], account_ids=[place.account_id for place in stretch])


def _open(
    session: Session, cohort_id: str, policy_id: str, account_ids: Sequence[str], *, wave: int, at: datetime
) -> Sequence[str]:
    raised = session.execute(
        update(Account)
        .where(col(Account.account_id).in_(account_ids), col(Account.phone).is_not(None))
        .values(facts_version=Account.facts_version + 1, progress_at=at, stuck_since=None, stuck_reason=None)
        .returning(col(Account.account_id), col(Account.facts_version))
    ).all()
    if not raised:
        return ()
    opened = [account_id for account_id, _ in raised]
    rows: list[dict[str, Any]] = [
        {"account_id": account_id, "policy_id": policy_id, "policy_changes": 0, "started_at": at}
        for account_id in opened
    ]
    session.execute(insert(Journey), rows)
    entries = [
        Raised(account_id=account_id, version=version, detail={"cohort": cohort_id, "wave": wave})
        for account_id, version in raised
    ]
    # The launch starts the journeys itself, with the facts, so the relay need not tell them again.
    journal.append_many(session, EventKind.JOURNEY_STARTED, entries, at=at, is_published=True)
    session.execute(
        update(Member)
        .where(col(Member.cohort_id) == cohort_id, col(Member.account_id).in_(opened))
        .values(wave=wave, launched_at=at)
    )
    return opened
