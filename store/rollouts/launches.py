"""Begins the journeys of a wave, many at a time; no account gets a second journey.

Who is excluded, exempt or unable to take part is asked here, when a launch comes to a member, and not at the enrolment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, insert, or_, select, update

from domain.journal import EventKind
from domain.rollouts.cohorts import Ineligibility, Who
from domain.switches import Switch, SwitchStop
from store.journeys import switches
from store.journeys.journeys import Journey
from store.people import journal
from store.people.accounts import Account
from store.people.journal import Raised
from store.rollouts import members, passed_over
from store.rollouts.ineligibility import ineligibility
from store.rollouts.members import LaunchPosition, Member

STRETCH = 200
"""How many members are looked at together, so that many who cannot take part do not take a transaction each."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A part of a wave: where it ends (None when nobody is left), and the accounts whose journeys are to be started.

    `is_stopped`: nobody is started now, because launches are stopped for everybody, or for all who are left.
    """

    place: LaunchPosition | None
    account_ids: Sequence[str] = ()
    is_stopped: bool = False


def open_next(
    session: Session,
    cohort_id: str,
    policy_id: str,
    *,
    exclude: Who | None,
    wave: int,
    below: int,
    after: LaunchPosition,
    batch: int,
    at: datetime,
) -> Opened:
    """Begin the journeys of the next members, `batch` at most. Members who cannot take part now are passed over.

    Their accounts stay locked until the transaction ends, so nobody becomes excluded or exempt in between; so does the
    switch of launches, so that nobody is launched once a stop is done. A wave does not end before those have been
    launched whom it passed over because of a stop: it waits for them, and then begins from its first place again.
    """
    switches.lock(session, Switch.LAUNCHES, to_turn=False)
    stops = switches.open_stops(session, Switch.LAUNCHES)
    if any(stop.slice is None for stop in stops):
        return Opened(place=after, is_stopped=True)
    stretch = members.to_launch(session, cohort_id, below=below, after=after, batch=max(batch, STRETCH))
    if not stretch:
        reason = ineligibility(exclude, now=at, stops=stops)
        return _come_back(session, cohort_id, reason, below=below, after=after)
    reasons = _reasons(session, [place.account_id for place in stretch], exclude, at, stops)
    stretch = stretch[: _fitting(stretch, reasons, batch)]
    able = [place.account_id for place in stretch if reasons[place.account_id] is None]
    opened = _open(session, cohort_id, policy_id, able, wave=wave, at=at)
    too_late = dict.fromkeys(set(able) - set(opened), Ineligibility.JOURNEY_ALREADY)
    because = {place.account_id: reasons[place.account_id] for place in stretch} | too_late
    passed_over.note(session, cohort_id, {each: why for each, why in because.items() if why}, at=at)
    return Opened(place=stretch[-1], account_ids=opened)


def has_able(session: Session, cohort_id: str, *, exclude: Who | None, below: int, at: datetime) -> bool:
    """Whether any member whom a wave would launch can take part now."""
    places = members.unlaunched(cohort_id, below=below, after=LaunchPosition()).order_by(None).subquery()
    query = (
        select(Account.account_id)
        .join(places, places.c.account_id == Account.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(ineligibility(exclude, now=at).is_(None))
    )
    return session.exec(query.limit(1)).first() is not None


def pass_over_next(
    session: Session, cohort_id: str, *, exclude: Who | None, below: int, after: LaunchPosition, at: datetime
) -> LaunchPosition | None:
    """Note why the next members cannot take part, and start nobody; returns the last place, None at the end."""
    stretch = members.to_launch(session, cohort_id, below=below, after=after, batch=STRETCH)
    if not stretch:
        return None
    reasons = _reasons(session, [place.account_id for place in stretch], exclude, at)
    passed_over.note(session, cohort_id, {each: why for each, why in reasons.items() if why}, at=at)
    return stretch[-1]


def opened_beyond(
    session: Session, cohort_id: str, *, wave: int, after: LaunchPosition, batch: int
) -> Opened:
    """The next journeys that the wave has begun already: a launch that died may not have started their workflows."""
    stretch = members.launched_beyond(session, cohort_id, wave=wave, after=after, batch=batch)
    if not stretch:
        return Opened(place=None, account_ids=())
    return Opened(place=stretch[-1], account_ids=[place.account_id for place in stretch])


def _come_back(
    session: Session, cohort_id: str, reason: ColumnElement[Any], *, below: int, after: LaunchPosition
) -> Opened:
    """What is left at the end of a wave: nobody, people for whom launches are stopped, or people to look at again.

    Those may begin now, or have another `reason` now for which they cannot take part.
    """
    left_out = members.unlaunched(cohort_id, below=below, after=LaunchPosition()).where(
        Member.passed_over_because == Ineligibility.LAUNCHES_STOPPED
    )
    if session.exec(left_out.limit(1)).first() is None:
        return Opened(place=None)
    places = left_out.order_by(None).subquery()
    go_on = (
        select(Account.account_id)
        .join(places, places.c.account_id == Account.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(or_(reason.is_(None), reason != Ineligibility.LAUNCHES_STOPPED))
    )
    if session.exec(go_on.limit(1)).first() is None:
        return Opened(place=after, is_stopped=True)
    return Opened(place=LaunchPosition())


def _reasons(
    session: Session,
    account_ids: Sequence[str],
    exclude: Who | None,
    now: datetime,
    stops: Sequence[SwitchStop] = (),
) -> dict[str, Ineligibility | None]:
    """Why accounts cannot take part, None for those that can; locks them all, in one order for all launches."""
    query = (
        select(Account.account_id, ineligibility(exclude, now=now, stops=stops))
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(col(Account.account_id).in_(account_ids))
        .order_by(Account.account_id)
        .with_for_update(key_share=True, of=Account)
    )
    return {account_id: Ineligibility(why) if why else None for account_id, why in session.exec(query)}


def _fitting(
    stretch: Sequence[LaunchPosition], reasons: Mapping[str, Ineligibility | None], batch: int
) -> int:
    """How many members of the stretch come before more of them can take part than fit into the batch."""
    able = [number for number, place in enumerate(stretch) if reasons[place.account_id] is None]
    return able[batch] if len(able) > batch else len(stretch)


def _open(
    session: Session, cohort_id: str, policy_id: str, account_ids: Sequence[str], *, wave: int, at: datetime
) -> Sequence[str]:
    # The lock was waited for with an older view of the journeys: somebody may have begun one meanwhile.
    has_journey = exists().where(col(Journey.account_id) == col(Account.account_id))
    versions = dict(
        session.execute(
            update(Account)
            .where(col(Account.account_id).in_(account_ids), ~has_journey)
            .values(
                facts_version=Account.facts_version + 1, progress_at=at, stuck_since=None, stuck_reason=None
            )
            .returning(col(Account.account_id), col(Account.facts_version))
        ).all()
    )
    if not versions:
        return ()
    opened = [account_id for account_id in account_ids if account_id in versions]  # RETURNING knows no order
    rows: list[dict[str, Any]] = [
        {"account_id": account_id, "policy_id": policy_id, "policy_changes": 0, "started_at": at}
        for account_id in opened
    ]
    session.execute(insert(Journey), rows)
    entries = [
        Raised(
            account_id=account_id, version=versions[account_id], detail={"cohort": cohort_id, "wave": wave}
        )
        for account_id in opened
    ]
    # The launch starts the journeys itself, with the facts, so the relay need not tell them again.
    journal.append_many(session, EventKind.JOURNEY_STARTED, entries, at=at, is_published=True)
    session.execute(
        update(Member)
        .where(col(Member.cohort_id) == cohort_id, col(Member.account_id).in_(opened))
        .values(wave=wave, launched_at=at, passed_over_at=None, passed_over_because=None)
    )
    return opened
