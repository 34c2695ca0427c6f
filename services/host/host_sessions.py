"""Keeps the session at the host in which something was bound, so that trust and objections work as they do here."""

from collections.abc import Sequence
from datetime import datetime

from domain.codes import digest
from domain.host.events import HostEvent
from domain.host.route_trust import HostSession, Opener, host_session, read_rooted_in
from domain.safety.bindings import new_binding
from domain.trust import Bearer, Trust
from store import Session
from store.journeys import waits
from store.messages import notices
from store.people import passkeys, sessions, trust
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.people.sessions import WebSession


def begin(session: Session, account: Account, event: HostEvent, *, at: datetime, now: datetime) -> Bearer:
    """The session at the host that an event tells of; it is on record as one that has ended, and no browser has it."""
    name = f"host:{account.account_id} {event.source} {event.event_id}"
    rooted_in = read_rooted_in(event.data.get("rooted_in"))
    kept = passkeys.kept(session, account.account_id)
    at_host = host_session(
        rooted_in,
        [_opener(session, passkey, now=now) for passkey in kept],
        opened_by=_named(kept, event.data.get("opened_by")),
        session_id=digest(name),
        is_disputed=account.disputed_since is not None,
        at=at,
    )
    method = rooted_in.method
    sessions.start(session, name, _row(account.account_id, method, at_host, at=at, now=now))
    return at_host.bearer


def _opener(session: Session, passkey: Passkey, *, now: datetime) -> Opener:
    is_lowered = passkey.lowered_at is not None
    counted = trust.counted(session, trust.of_row(passkey), now=now)
    return Opener(passkey_id=passkey.passkey_id, trust=counted, is_lowered=is_lowered)


def _named(kept: Sequence[Passkey], host_id: object) -> str | None:
    """Which passkey on record the host says has opened a session."""
    return next((passkey.passkey_id for passkey in kept if host_id and passkey.host_id == host_id), None)


def bind(
    session: Session, account: Account, bearer: Bearer, *, at: datetime, now: datetime
) -> tuple[Trust, dict[str, str]]:
    """The trust of what such a session has bound at `at`, and the values by which its notice lets the waiting begin.

    All waiting begins when Offramp hears of it: before, nobody could tell the owner, whatever the host's clock said.
    """
    policy = waits.policy_now(session, account.account_id, now=now)
    bound = new_binding(
        bearer,
        guarded=passkeys.guards(session, account.account_id, now=now),
        told_independently=bool(notices.independent(session, account, bearer)),
        sim_swap_window=policy.sim_swap_window,
        now=now,
    )
    waiting = notices.waits(bound, cooling_off=policy.cooling_off, sim_swap_window=policy.sim_swap_window)
    return Trust(
        root=bound.root,
        rooted_at=bound.rooted_at,
        bound_at=at,
        way=bound.way,
        established_from=at if bound.established_from == now else bound.established_from,
    ), waiting


def _row(account_id: str, method: str, at_host: HostSession, *, at: datetime, now: datetime) -> WebSession:
    return WebSession(
        session_id="",
        account_id=account_id,
        method=method,
        passkey_id=at_host.opener.passkey_id if at_host.opener else None,
        root=at_host.bearer.root,
        rooted_at=at_host.bearer.rooted_at,
        started_at=at,
        expires_at=now,
        ended_at=now,
        changed_at=now,
    )
