"""Takes what a host tells of the passkeys that live with it; events may come in any order, late, and more than once."""

from datetime import date, datetime
from functools import partial

from domain.facts import Method
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.host.route_trust import RootedIn, read_rooted_in
from domain.journal import Actor, EventKind
from domain.journal_details import PasskeySignInDetail
from domain.messages.messages import Template
from domain.safety.provisional import ProvisionalKind
from domain.trust import Bearer, Trust, Way
from services.host import host_sessions
from services.people import standing
from services.people.passkey_proofs import proves
from store import Session
from store.messages import notices
from store.people import accounts, host_routes, journal, passkeys, trust
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.safety import passkey_removal

LONGEST_NAME = 40
"""The most characters that are kept of a passkey's name or platform."""

_UNNAMED = "A device"


def bound(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """A passkey was bound at the host. What came before of its uses counts from now on; a removal before ends it.

    The account is locked by the caller. Its contacts are told, as they are of a passkey that is bound here. A second
    event about the same passkey may vouch for it: the host has looked meanwhile who its owner is.
    """
    host_id, at = str(event.data["passkey_id"]), min(event.at, now)
    if known_passkey := host_routes.find_passkey(session, account.account_id, host_id):
        return _vouch(session, account, known_passkey, event, host_id, at=at, now=now)
    _note(session, account, event, host_id, at=at)
    if host_routes.of_route(session, account.account_id, HostEventKind.PASSKEY_REMOVED, host_id):
        return EventOutcome.OVERTAKEN
    bearer = host_sessions.begin(session, account, event, at=at, now=now)
    new_trust, waits = host_sessions.bind(session, account, bearer, at=at, now=now)
    passkey = _passkey(account, event, host_id, new_trust, bearer)
    passkeys.add(session, passkey)
    _tell(session, account, passkey, waits, bearer, now=now)
    for use in host_routes.of_route(session, account.account_id, HostEventKind.PASSKEY_USED, host_id):
        _use(session, account, passkey, at=use.at, day=use.day, now=now)
    return EventOutcome.HEEDED


def used(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """A passkey has signed in at the host; its day counts by the event's own time, in the person's time zone."""
    host_id, at = str(event.data["passkey_id"]), min(event.at, now)
    passkey = host_routes.find_passkey(session, account.account_id, host_id)
    if passkey and passkey.removed_at:
        return EventOutcome.OVERTAKEN
    if passkey and passkey.frozen_at and passkey.frozen_at <= at:
        return EventOutcome.IGNORED
    _note(session, account, event, host_id, at=at)
    if passkey:
        _use(session, account, passkey, at=at, day=standing.today(account.time_zone, at), now=now)
    return EventOutcome.HEEDED


def removed(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """A passkey is gone at the host: a fact that nothing here can refuse, even if it was the last way in."""
    host_id, at = str(event.data["passkey_id"]), min(event.at, now)
    passkey = host_routes.find_passkey(session, account.account_id, host_id)
    if passkey and passkey.removed_at:
        return EventOutcome.OVERTAKEN
    _note(session, account, event, host_id, at=at)
    if passkey:
        passkey_removal.carry_out(session, account, passkey, None, at=now, actor=Actor.HOST)
    return EventOutcome.HEEDED


def _vouch(
    session: Session,
    account: Account,
    passkey: Passkey,
    event: HostEvent,
    host_id: str,
    *,
    at: datetime,
    now: datetime,
) -> EventOutcome:
    """Establish a provisional passkey by the host's own word, unless the account is in dispute."""
    is_vouched = read_rooted_in(event.data.get("rooted_in")) is RootedIn.HOST
    is_waiting = passkey.is_active and not trust.of_row(passkey).is_established(now)
    if not (is_vouched and is_waiting) or account.disputed_since:
        return EventOutcome.OVERTAKEN
    _note(session, account, event, host_id, at=at)
    passkeys.establish(session, passkey, from_=now, way=Way.VOUCHED)
    kind, what = EventKind.CONFIRMED, ProvisionalKind.PASSKEY
    journal.append(session, account.account_id, kind, at=now, actor=Actor.HOST, what=what)
    return EventOutcome.HEEDED


def _note(session: Session, account: Account, event: HostEvent, host_id: str, *, at: datetime) -> None:
    day = standing.today(account.time_zone, at)
    host_routes.note(session, account.account_id, event, host_id=host_id, at=at, day=day)


def _passkey(account: Account, event: HostEvent, host_id: str, new_trust: Trust, bearer: Bearer) -> Passkey:
    is_synced = bool(event.data.get("synced"))
    platform = _plain(event.data.get("platform"))
    return Passkey(
        # No credential id has a colon or a blank, so that no browser can name this one.
        credential_id=f"host:{account.account_id} {host_id}",
        account_id=account.account_id,
        public_key=b"",
        sign_count=0,
        aaguid="",
        backup_eligible=is_synced,
        backed_up=is_synced,
        name=_plain(event.data.get("name")) or platform or _UNNAMED,
        platform=platform,
        bound_at=new_trust.bound_at,
        bound_by=read_rooted_in(event.data.get("rooted_in")).method,
        host_id=host_id,
        **trust.columns(new_trust, bound_in=bearer.session_id),
    )


def _plain(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return " ".join("".join(letter for letter in text if letter.isprintable()).split())[:LONGEST_NAME]


def _tell(
    session: Session,
    account: Account,
    passkey: Passkey,
    waits: dict[str, str],
    bearer: Bearer,
    *,
    now: datetime,
) -> None:
    passkey_id = passkey.passkey_id
    journal.append(
        session,
        account.account_id,
        EventKind.PASSKEY_BOUND,
        at=now,
        actor=Actor.HOST,
        passkey_id=passkey_id,
        host_passkey_id=passkey.host_id,
        method=Method(passkey.bound_by),
        synced=passkey.backed_up,
    )
    values, template = {"device": passkey.name, "passkey_id": passkey_id} | waits, Template.PASSKEY_BOUND
    notices.tell(session, account, template, event=passkey_id, at=now, values=values, by=bearer)


def _use(
    session: Session, account: Account, passkey: Passkey, *, at: datetime, day: date, now: datetime
) -> None:
    account_id, passkey_id = account.account_id, passkey.passkey_id
    is_news = proves(session, account_id, passkey, day=day)
    passkeys.note_use(session, passkey, at=max(at, passkey.last_used_at or at), day=day)
    if account.last_sign_in_at is None or account.last_sign_in_at < at:
        accounts.note_sign_in(session, account_id, at=at)
    append = partial(journal.append, session, account_id, at=now, actor=Actor.HOST)
    detail = PasskeySignInDetail(passkey_id=passkey_id, platform="", milliseconds=None)
    append(EventKind.PASSKEY_SIGNED_IN, detail)
    if is_news:
        append(EventKind.PASSKEY_PROVEN, passkey_id=passkey_id)
