"""Verifies an e-mail address by a code or by a link; until then the account keeps the address it had."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from domain.codes import LINK_LIFETIME, new_code, new_token
from domain.errors import CodeRejected, LinkRejected, Refused
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import CODE_LIFETIME, Purpose, Template
from domain.safety.contact_keys import are_same
from domain.trust import Change, Waits
from services.container import Services
from services.people import (
    addresses,
    bearers,
    first_answers,
    typed_codes,
    waiting_notices,
)
from services.people.bearers import Door
from services.people.visits import Person, Visit, person_of
from services.throttling import require_attempts
from store import Session
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, journal, links, one_time_codes, sessions, waiting_changes
from store.people.accounts import Account
from store.people.first_answers import SecretKind
from store.people.links import Link, LinkPurpose
from store.people.one_time_codes import CodePurpose, OneTimeCode

log = structlog.get_logger()


class AlreadyVerified(Refused):
    """The account has a verified address; only the account page replaces it."""


@dataclass(frozen=True, kw_only=True)
class EmailStanding:
    """An account's e-mail address, and the address to which a code was sent."""

    current: str | None
    is_verified: bool
    pending: str | None


def standing(services: Services, person: Person) -> EmailStanding:
    """The state of this person's e-mail address."""
    with services.database.reading() as session:
        account = accounts.get(session, person.account_id)
        code = one_time_codes.latest(session, person.session_id, CodePurpose.VERIFY_EMAIL)
        return EmailStanding(
            current=account.email,
            is_verified=account.email_verified_at is not None,
            pending=code.email if code else None,
        )


def is_expected(services: Services, person: Person) -> bool:
    """Whether this session has asked for a code that can still be typed."""
    with services.database.reading() as session:
        now = services.clock()
        code = one_time_codes.latest(session, person.session_id, CodePurpose.VERIFY_EMAIL)
        return bool(code and code.used_at is None and code.tries_left and code.expires_at > now)


def ask(services: Services, visit: Visit, person: Person, email: str, *, replaces: bool = False) -> None:
    """Send a code and a link to an address. Raises Throttled, NotTrusted, AlreadyVerified.

    `replaces`: the address is to take the place of a verified one. Another spelling of the address on record is no
    other address: the code goes to the spelling on record, and verifies that.
    """
    require_attempts(services, codes_per_account=f"email:{person.account_id}", codes_per_address=visit.place)
    now, code, token = services.clock(), new_code(), new_token()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        account = door.account
        if account.email_verified_at and not (replaces and not are_same(account.email, email)):
            raise AlreadyVerified
        email = _as_on_record(account, email)
        _require(session, door, email)
        row = one_time_codes.issue(
            session,
            session_id=person.session_id,
            purpose=CodePurpose.VERIFY_EMAIL,
            account_id=account.account_id,
            email=email,
            digest=services.peppers.digest(**_named(person, code)).digest,
            key_id=services.peppers.key_id,
            now=now,
        )
        links.make(session, token, _link(person, email, now))
        link = f"{services.site.origin}/verify-email?token={token}"
        sealed = services.seal.close(json.dumps({"code": code, "link": link}))
        messages.add(session, _message(account, row, email, sealed), at=now)
    log.info("email_code_asked", account_id=person.account_id)


def answer(services: Services, visit: Visit, person: Person, typed: str) -> None:
    """Verify the address by its code. Raises CodeRejected, Throttled.

    The session may send a right code twice within a minute.
    """
    take = partial(_take, services=services, person=person)
    typed_codes.answer(services, visit, person, typed, SecretKind.EMAIL_CODE, take)


def _take(session: Session, code: str, *, services: Services, person: Person) -> OneTimeCode | CodeRejected:
    """Verify by the code, if it is right; a refusal is returned, so that the spent try is kept."""
    now = services.clock()
    pending = one_time_codes.pending(session, person.session_id, CodePurpose.VERIFY_EMAIL, now=now)
    digests = services.peppers.candidates(**_named(person, code))
    taken = one_time_codes.take(pending, *digests, now=now)
    if isinstance(taken, OneTimeCode) and not _verify(session, person, taken.email or "", at=now, by="code"):
        return CodeRejected(tries_left=0)
    return taken


def look(services: Services, visit: Visit, token: str) -> str:
    """The address that a link verifies. Looking does not use the link up. Raises LinkRejected.

    A browser that has just used the link may look at it once more.
    """
    secret = first_answers.sent(services, SecretKind.EMAIL_LINK, visit.door_id, token)
    with services.database.transaction() as session:
        if first_answers.find(session, services, secret) is not None:
            link = links.look_back(session, token)
        else:
            link = links.look(session, token, LinkPurpose.VERIFY_EMAIL, now=services.clock())
        return link.email or ""


def use(services: Services, visit: Visit, token: str) -> None:
    """Verify the address by its link, on any device, for the session that asked. Raises LinkRejected, NotTrusted.

    A browser may send the link twice within a minute.
    """
    secret = first_answers.sent(services, SecretKind.EMAIL_LINK, visit.door_id, token)
    with services.database.transaction() as session:
        try:
            link = links.use(session, token, LinkPurpose.VERIFY_EMAIL, now=services.clock())
        except LinkRejected:
            if first_answers.find(session, services, secret) is None:
                raise
        else:
            _verify_by_link(session, link, at=services.clock())
            first_answers.keep(session, services, secret)


def _verify_by_link(session: Session, link: Link, *, at: datetime) -> None:
    asker = sessions.look_up(session, link.made_in) if link.made_in else None
    person = person_of(asker) if asker else None
    if person is None or not _verify(session, person, link.email or "", at=at, by="link"):
        raise LinkRejected("another address was verified in the meantime")


def _link(person: Person, email: str, now: datetime) -> Link:
    return Link(
        link_id="",
        purpose=LinkPurpose.VERIFY_EMAIL,
        account_id=person.account_id,
        email=email,
        made_in=person.session_id,
        made_at=now,
        expires_at=now + LINK_LIFETIME,
    )


def _message(account: Account, code: OneTimeCode, email: str, sealed: bytes) -> NewMessage:
    return NewMessage(
        key=f"{account.account_id}:{Template.VERIFY_EMAIL}:{code.code_id}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.VERIFY_EMAIL,
        channel=Channel.EMAIL,
        recipient=email,
        locale=account.locale,
        values={"minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=sealed,
        expires_at=code.expires_at,
    )


def _require(session: Session, door: Door, email: str) -> Waits | None:
    """What the session has to wait for, if the address may be set from it at all. Raises NotTrusted."""
    on_record = bearers.email_of(session, door.account)
    if door.account.email_verified_at is None:
        is_on_record = on_record is not None and are_same(on_record.address, email)
        return door.require(Change.CONFIRM_EMAIL, on_record.trust if on_record and is_on_record else None)
    return door.require(Change.CHANGE_EMAIL, on_record.trust if on_record else None)


def _verify(session: Session, person: Person, email: str, *, at: datetime, by: str) -> bool:
    """Make this the account's verified address; False if another address was verified first.

    Replacing an address that is older than what the session goes back to takes a cooling-off.
    """
    door = bearers.lock(session, person, now=at)
    account = door.account
    if account.email_verified_at and are_same(account.email, email):
        return True
    if account.email_verified_at and not _is_asked_to_replace(session, person, email):
        return False
    waits = _require(session, door, email)
    bearers.note_change(session, person, now=at)
    if waits:
        change, until = Change.CHANGE_EMAIL, waits.until
        waiting_changes.ask(
            session, account.account_id, change, email, session_id=person.session_id, at=at, due_at=until
        )
        waiting_notices.tell(session, door, change, until=until)
        return True
    if not are_same(account.email, email):
        addresses.put(session, door, email)
    accounts.verify_email(session, account, _as_on_record(account, email), at=at)
    journal.append(session, account.account_id, EventKind.EMAIL_VERIFIED, at=at, actor=Actor.PERSON, by=by)
    log.info("email_verified", account_id=account.account_id, by=by)
    return True


def _is_asked_to_replace(session: Session, person: Person, email: str) -> bool:
    """Whether this session asked for the address after the present one was verified: then it is meant to replace it."""
    account = accounts.get(session, person.account_id)
    code = one_time_codes.latest(session, person.session_id, CodePurpose.VERIFY_EMAIL)
    verified_at = account.email_verified_at
    return bool(code and are_same(code.email, email) and verified_at and code.made_at >= verified_at)


def _as_on_record(account: Account, email: str) -> str:
    """The address in the account's own spelling, if it is the account's."""
    return account.email if account.email and are_same(account.email, email) else email


def _named(person: Person, code: str) -> dict[str, str]:
    return {"context": f"{CodePurpose.VERIFY_EMAIL}:{person.session_id}", "code": code}
