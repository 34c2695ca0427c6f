"""Takes what a host tells of the recovery codes that live with it; the codes themselves never come here."""

from datetime import datetime

from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from services.host import host_sessions
from services.people import standing
from store import Session
from store.messages import notices
from store.people import host_routes, journal, recovery_codes
from store.people.accounts import Account
from store.people.recovery_codes import RecoveryCode

MOST_CODES = 50
"""The most codes that are counted of one set."""


def made(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """A set of codes was made at the host; it takes the place of every older one at once.

    That is more than some hosts do. But codes that no longer open anything must never count as a second way in.
    """
    host_id, at = str(event.data["set_id"]), min(event.at, now)
    newest_at = host_routes.newest_set_at(session, account.account_id)
    if host_routes.find_set(session, account.account_id, host_id) or (newest_at and newest_at > at):
        return EventOutcome.OVERTAKEN
    _note(session, account, event, host_id, at=at)
    set_id = _make(session, account, event, host_id, at=at, now=now)
    if host_routes.of_route(session, account.account_id, HostEventKind.RECOVERY_CODES_PROVEN, host_id):
        _prove(session, account, host_id, now=now)
    uses = host_routes.of_route(session, account.account_id, HostEventKind.RECOVERY_CODES_USED, host_id)
    if uses:
        left = min(use.codes_left or 0 for use in uses)
        host_routes.use_up(session, account.account_id, set_id, left=left, at=at)
    return EventOutcome.HEEDED


def proven(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """The person has typed a code of a set back at the host."""
    host_id, at = str(event.data["set_id"]), min(event.at, now)
    code = host_routes.find_set(session, account.account_id, host_id)
    if code and (code.proven_at or code.voided_at):
        return EventOutcome.OVERTAKEN
    _note(session, account, event, host_id, at=at)
    if code:
        _prove(session, account, host_id, now=now)
    return EventOutcome.HEEDED


def used(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """A code has signed in at the host, and `left` of its set are left; an older count says nothing new."""
    host_id, at, left = str(event.data["set_id"]), min(event.at, now), int(event.data["left"])
    code = host_routes.find_set(session, account.account_id, host_id)
    if code and left >= host_routes.left_of_set(session, account.account_id, code.set_id):
        return EventOutcome.OVERTAKEN
    _note(session, account, event, host_id, at=at, codes_left=left)
    if code:
        _use_up(session, account, code, event, left=left, now=now)
    return EventOutcome.HEEDED


def _note(
    session: Session,
    account: Account,
    event: HostEvent,
    host_id: str,
    *,
    at: datetime,
    codes_left: int | None = None,
) -> None:
    account_id, day = account.account_id, standing.today(account.time_zone, at)
    host_routes.note(session, account_id, event, host_id=host_id, at=at, day=day, codes_left=codes_left)


def _make(
    session: Session, account: Account, event: HostEvent, host_id: str, *, at: datetime, now: datetime
) -> str:
    account_id, count = account.account_id, min(int(event.data["count"]), MOST_CODES)
    bearer = host_sessions.begin(session, account, event, at=at, now=now)
    new_trust, waits = host_sessions.bind(session, account, bearer, at=at, now=now)
    # No digest has a colon or a blank, so that nobody can type one of these codes here.
    digests = [f"host:{account_id} {host_id} {number}" for number in range(count)]
    set_id = recovery_codes.make(
        session, account_id, digests, new_trust, bound_in=bearer.session_id, host_id=host_id
    )
    host_routes.void_others(session, account_id, set_id, at=now)
    values, template = {"set_id": set_id} | waits, Template.RECOVERY_CODES_MADE
    notices.tell(session, account, template, event=set_id, at=now, values=values, by=bearer)
    kind = EventKind.RECOVERY_CODES_MADE
    journal.append(session, account_id, kind, at=now, actor=Actor.HOST, codes=count)
    return set_id


def _prove(session: Session, account: Account, host_id: str, *, now: datetime) -> None:
    code = host_routes.find_set(session, account.account_id, host_id)
    if code is None:
        return
    recovery_codes.prove(session, code, at=now)
    kind = EventKind.RECOVERY_CODES_PROVEN
    journal.append(session, account.account_id, kind, at=now, actor=Actor.HOST)


def _use_up(
    session: Session, account: Account, code: RecoveryCode, event: HostEvent, *, left: int, now: datetime
) -> None:
    account_id, set_id = account.account_id, code.set_id
    host_routes.use_up(session, account_id, set_id, left=left, at=now)
    kind = EventKind.RECOVERY_CODE_USED
    journal.append(session, account_id, kind, at=now, actor=Actor.HOST, codes_left=left)
    values, template = {"left": str(left), "set_id": set_id}, Template.RECOVERY_CODE_USED
    notices.tell(session, account, template, event=f"{set_id}:{left}", at=now, values=values)
