"""Writes up what happened at the door: sends codes and links that were asked for, and journals attempts that failed.

The relay does this soon after each request. A request cannot do it: it would take longer for somebody than for nobody.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog

from domain.codes import LINK_LIFETIME
from domain.errors import BudgetSpent
from domain.facts import Channel, Method, SmsState
from domain.messages.messages import CODE_LIFETIME, Purpose, Template
from domain.ports import Clock
from domain.tracing import TRACEPARENT
from services.people.admission import note_failure
from store import Database, Session
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, contacts, door_notes, links, one_time_codes
from store.people.accounts import Account
from store.people.door_notes import DoorNote, DoorNoteKind
from store.people.links import Link, LinkPurpose
from store.people.one_time_codes import OneTimeCode

log = structlog.get_logger()

BATCH = 100
"""How many notes one turn writes up at most."""


def write_up(database: Database, clock: Clock) -> bool:
    """Write up the notes that wait, each in a transaction of its own; returns whether more may wait."""
    with database.reading() as session:
        if not door_notes.is_any(session):
            return False
    return all(_write_up_next(database, clock) for _ in range(BATCH))


def _write_up_next(database: Database, clock: Clock) -> bool:
    with database.transaction() as session:
        note = door_notes.take(session)
        if note is None:
            return False
        if note.account_id:  # a note about nobody has served its purpose
            trace = TRACEPARENT.set(note.traceparent)
            try:
                _WRITERS[DoorNoteKind(note.kind)](session, note, clock)
            finally:
                TRACEPARENT.reset(trace)
    return True


def _send_code(session: Session, note: DoorNote, clock: Clock) -> None:
    account = accounts.get(session, note.account_id)
    if account.sms in (SmsState.SUSPENDED, SmsState.REMOVED):
        _say_how_else(session, account, note)
        return
    code = one_time_codes.address_to(session, note.detail["code_id"], account.account_id)
    if account.phone is None or code is None or code.expires_at <= clock():
        return
    try:
        messages.add(session, _message(account, code, note.sealed), at=note.at)
    except BudgetSpent as spent:
        # The page does not show it: else somebody could find out by one contact that codes were asked for by another.
        log.warning("sign_in_code_over_budget", account_id=account.account_id, until=spent.until)
        return
    log.info("sign_in_code_asked", account_id=account.account_id)


def _say_how_else(session: Session, account: Account, note: DoorNote) -> None:
    """No code goes to an account whose text messages are off; its owner is told by e-mail how to sign in now."""
    if account.email is None:
        return
    message = NewMessage(
        key=f"{account.account_id}:{Template.SMS_ASKED_FOR}:{note.detail['code_id']}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.SMS_ASKED_FOR,
        channel=Channel.EMAIL,
        recipient=account.email,
        locale=account.locale,
        expires_at=note.at + CODE_LIFETIME,
    )
    try:
        messages.add(session, message, at=note.at)
    except BudgetSpent as spent:
        log.warning("sign_in_code_over_budget", account_id=account.account_id, until=spent.until)


def _message(account: Account, code: OneTimeCode, sealed: bytes | None) -> NewMessage:
    return NewMessage(
        key=f"{account.account_id}:{Template.SIGN_IN_CODE}:{code.code_id}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.SIGN_IN_CODE,
        channel=Channel.SMS,
        recipient=account.phone or "",
        locale=account.locale,
        values={"minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=sealed,
        expires_at=code.expires_at,
    )


def _send_link(session: Session, note: DoorNote, clock: Clock) -> None:
    account = accounts.get(session, note.account_id)
    if not _is_established(session, account, note) or note.at + LINK_LIFETIME <= clock():
        return
    link = Link(
        link_id=note.detail["link_id"],
        purpose=LinkPurpose.KNOW_BROWSER,
        account_id=account.account_id,
        made_at=note.at,
        expires_at=note.at + LINK_LIFETIME,
    )
    link_id, expires_at = link.link_id, link.expires_at
    links.add(session, link)
    message = NewMessage(
        key=f"{account.account_id}:{Template.SIGN_IN_LINK}:{link_id[:16]}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.SIGN_IN_LINK,
        channel=Channel.EMAIL,
        recipient=account.email or "",
        locale=account.locale,
        values={"hours": f"{LINK_LIFETIME / timedelta(hours=1):g}"},
        sealed=note.sealed,
        expires_at=expires_at,
    )
    messages.add(session, message, at=note.at)
    log.info("sign_in_link_asked", account_id=account.account_id)


def _send_proof(session: Session, note: DoorNote, clock: Clock) -> None:
    """Send a code that proves a contact, where the account has an established one of the kind that was asked for."""
    account, channel = accounts.get(session, note.account_id), Channel(note.detail["channel"])
    contact = contacts.present(session, account).get(channel)
    is_off = channel is Channel.SMS and account.sms in (SmsState.SUSPENDED, SmsState.REMOVED)
    is_shared = channel in contacts.shared_channels(session, account)
    if contact is None or is_off or is_shared or not contact.trust.is_established(note.at):
        return
    code = one_time_codes.address_to(session, note.detail["code_id"], account.account_id)
    if code is None or code.expires_at <= clock():
        return
    message = NewMessage(
        key=f"{account.account_id}:{Template.RECOVERY_PROOF}:{code.code_id}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.RECOVERY_PROOF,
        channel=channel,
        recipient=contact.address,
        locale=account.locale,
        values={"minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=note.sealed,
        expires_at=code.expires_at,
    )
    try:
        messages.add(session, message, at=note.at)
    except BudgetSpent as spent:
        log.warning("recovery_code_over_budget", account_id=account.account_id, until=spent.until)


def _is_established(session: Session, account: Account, note: DoorNote) -> bool:
    """Whether the account has an address that proves something: a provisional one may be a stranger's."""
    email = contacts.present(session, account).get(Channel.EMAIL)
    return email is not None and email.trust.is_established(note.at)


def _journal_failure(session: Session, note: DoorNote, clock: Clock) -> None:
    method, reason = Method(note.detail["method"]), note.detail["reason"]
    note_failure(session, note.account_id, method, at=note.at, reason=reason)


_WRITERS: dict[DoorNoteKind, Callable[[Session, DoorNote, Clock], None]] = {
    DoorNoteKind.CODE_ASKED: _send_code,
    DoorNoteKind.SIGN_IN_FAILED: _journal_failure,
    DoorNoteKind.LINK_ASKED: _send_link,
    DoorNoteKind.PROOF_ASKED: _send_proof,
}
