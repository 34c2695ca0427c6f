"""Does what has waited long enough: changes of what was older than the session that asked for them."""

from datetime import datetime, timedelta

import structlog

from domain.errors import LastRoute, Unknown
from domain.journal import Actor, EventKind
from domain.safety.contact_keys import are_same
from domain.trust import Assurance, Bearer, Change, NotTrusted, Why
from services.container import Services
from services.people import addresses, bearers
from services.people.bearers import Door
from services.people.visits import Person, person_of
from store import Database, Session
from store.engine import raised_guards
from store.people import (
    accounts,
    authenticator_apps,
    journal,
    passkeys,
    recovery_codes,
    sessions,
    trust,
    waiting_changes,
)
from store.people.accounts import Account
from store.people.waiting_changes import WaitingChange, WaitOutcome
from store.safety import app_removal, passkey_release, passkey_removal

log = structlog.get_logger()

AGAIN_AFTER = timedelta(hours=1)
"""How long a change waits again: in a dispute, under guard, or while what is to take its place is not established."""


def carry_out_due(database: Database, *, now: datetime) -> bool:
    """Do a batch of the changes whose moment has come, each in a transaction; returns whether there were any."""
    with database.reading() as session:
        due = waiting_changes.due(session, now=now)
    for account_id, change_id in due:
        with database.transaction() as session:
            account = accounts.lock(session, account_id)
            if row := waiting_changes.find(session, account_id, change_id):
                _carry_out(session, account, row, now=now)
    return bool(due)


def reject(services: Services, person: Person, change_id: str) -> None:
    """Stop a change that waits: from the session that asked, or from one with an older root.

    That a lost device comes back is asked for by weaker sessions alone, so any established passkey stops it. What was
    stopped already stays so. Raises NotTrusted, Unknown.
    """
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.REJECT, now=now)
        row = waiting_changes.find(session, person.account_id, change_id)
        if row is None:
            if waiting_changes.was_done(session, person.account_id, change_id):
                raise Unknown("this change does not wait any more")
            return
        if not may_stop(session, door, row):
            raise NotTrusted(Change.REJECT, Why.NEEDS_OLDER_PASSKEY)
        waiting_changes.settle(session, row, WaitOutcome.REJECTED, at=now)
        kind = EventKind.CHANGE_STOPPED
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, change=row.change)


def may_stop(session: Session, door: Door, row: WaitingChange) -> bool:
    """Whether a session is old enough to stop a change; whether it may stop any is the table's business."""
    asker = sessions.look_up(session, row.session_id) if row.session_id else None
    is_younger = bool(asker and asker.rooted_at and asker.rooted_at < door.bearer.rooted_at)
    return row.change == Change.RELEASE_PASSKEY or not is_younger


def _carry_out(session: Session, account: Account, row: WaitingChange, *, now: datetime) -> None:
    if account.disputed_since or raised_guards.find_up(session, now=now):
        waiting_changes.put_off(session, row, until=now + AGAIN_AFTER)
        return
    asker = _asker(session, row)
    outcome = WaitOutcome.WITHDRAWN
    if asker is not None:
        outcome = _do(session, account, row, asker, now=now) or outcome
    if row.due_at > now:
        return
    waiting_changes.settle(session, row, outcome, at=now)
    kind = EventKind.CHANGE_DONE if outcome is WaitOutcome.DONE else EventKind.CHANGE_STOPPED
    journal.append(session, account.account_id, kind, at=now, actor=Actor.SYSTEM, change=row.change)
    if outcome is WaitOutcome.DONE:
        log.info("change_done", account_id=account.account_id, change=row.change)
    else:
        log.info("change_stopped", account_id=account.account_id, change=row.change)


def _asker(session: Session, row: WaitingChange) -> Person | None:
    """Who asked; None if the passkey or app that opened their session has gone or is on hold since."""
    web_session = sessions.look_up(session, row.session_id) if row.session_id else None
    person = person_of(web_session) if web_session else None
    if person and person.passkey_id and not passkeys.is_usable(session, person.passkey_id):
        return None
    if web_session and web_session.app_id:
        app = authenticator_apps.look_up(session, web_session.app_id)
        return person if app and app.is_working else None
    return person


def _do(
    session: Session, account: Account, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    """Do one change; None if it makes no sense any more, or waits longer."""
    match Change(row.change):
        case Change.REMOVE_PASSKEY:
            return _remove_passkey(session, account, row, asker, now=now)
        case Change.CHANGE_EMAIL:
            return _change_email(session, row, asker, now=now)
        case Change.MAKE_CODES:
            return _end_older_codes(session, row, asker, now=now)
        case Change.REMOVE_AUTHENTICATOR_APP:
            return _remove_app(session, account, row, asker, now=now)
        case Change.BIND_AUTHENTICATOR_APP:
            return _end_older_app(session, account, row, asker, now=now)
        case Change.RELEASE_PASSKEY:
            return _release_passkey(session, account, row, asker, now=now)
    return None


def _remove_passkey(
    session: Session, account: Account, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    passkey = passkeys.find_kept(session, account.account_id, row.subject_id)
    if passkey is None:
        return None
    try:
        passkey_removal.require_another_way(session, passkey)
    except LastRoute:
        return None
    bearer = Bearer(
        assurance=Assurance.HIGH, root=asker.root, rooted_at=asker.rooted_at, session_id=asker.session_id
    )
    passkey_removal.carry_out(session, account, passkey, bearer, at=now, actor=Actor.PERSON)
    return WaitOutcome.DONE


def _change_email(
    session: Session, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    door = bearers.look(session, asker, now=now)
    if are_same(door.account.email, row.subject_id):
        return None
    addresses.put(session, door, row.subject_id)
    accounts.verify_email(session, door.account, row.subject_id, at=now)
    kind = EventKind.EMAIL_VERIFIED
    journal.append(session, door.account.account_id, kind, at=now, actor=Actor.PERSON, by="waiting")
    return WaitOutcome.DONE


def _end_older_codes(
    session: Session, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    newer = [
        code
        for code in recovery_codes.other_sets(session, row.account_id, row.subject_id)
        if code.proven_at and code.made_at >= asker.rooted_at
    ]
    if not newer:
        return None
    if not any(trust.of_row(code).is_established(now) for code in newer):
        waiting_changes.put_off(session, row, until=now + AGAIN_AFTER)
        return None
    recovery_codes.void_set(session, row.account_id, row.subject_id, at=now, voided_in=row.session_id)
    return WaitOutcome.DONE


def _remove_app(
    session: Session, account: Account, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    app = authenticator_apps.find(session, account.account_id, row.subject_id)
    if app is None:
        return None
    try:
        app_removal.require_another_way(session, app)
    except LastRoute:
        return None
    bearer = Bearer(
        assurance=Assurance.HIGH, root=asker.root, rooted_at=asker.rooted_at, session_id=asker.session_id
    )
    app_removal.carry_out(session, account, app, bearer, at=now, actor=Actor.PERSON)
    return WaitOutcome.DONE


def _end_older_app(
    session: Session, account: Account, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    newer = [
        app
        for app in authenticator_apps.working(session, row.account_id)
        if app.app_id != row.subject_id and app.bound_at >= asker.rooted_at
    ]
    if not newer:
        return None
    if not any(trust.of_row(app).is_established(now) for app in newer):
        waiting_changes.put_off(session, row, until=now + AGAIN_AFTER)
        return None
    return _remove_app(session, account, row, asker, now=now)


def _release_passkey(
    session: Session, account: Account, row: WaitingChange, asker: Person, *, now: datetime
) -> WaitOutcome | None:
    passkey = passkeys.find_kept(session, row.account_id, row.subject_id)
    if passkey is None or not passkey.is_lost:
        return None
    bearer = Bearer(
        assurance=Assurance.LOW, root=asker.root, rooted_at=asker.rooted_at, session_id=asker.session_id
    )
    passkey_release.carry_out(session, account, passkey, bearer, at=now, actor=Actor.PERSON)
    return WaitOutcome.DONE
