"""Objections: the owner says of a notice that it was not them; what it told of is frozen until support has looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import LastRoute, LinkRejected, Refused, TooLateToObject, Unknown
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.messages.samples import NOTICES
from domain.objections import WINDOW, Outcome, can_be_objected_to, is_open, may_hold, may_void_codes
from store.engine.types import Instant
from store.journeys import facts, sms
from store.messages import messages, notices
from store.messages.messages import Message
from store.people import accounts, journal, links, passkeys, recovery_codes, sessions
from store.people.accounts import Account
from store.people.passkeys import Passkey


class Objection(SQLModel, table=True):
    """One objection to one notice; `outcome` is how support settled it.

    `passkey_id` is the passkey that the notice tells of, unless that was gone; the last way in is not on hold.
    """

    __table_args__ = (
        Index("ix_objection_account", "account_id", "made_at"),
        Index(
            "ix_objection_open",
            "made_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    objection_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id")
    message_key: str = Field(unique=True)
    template: str
    made_at: datetime = Field(sa_type=Instant)
    passkey_id: str | None = Field(default=None, foreign_key="passkey.passkey_id")
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None
    settled_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ToldChange:
    """One change that the owner was told of, by however many channels, and the objection to it."""

    notice: Message
    objection: Objection | None


def look(session: Session, message_key: str) -> ToldChange:
    """The notice of a key, and the objection to its event. Raises LinkRejected."""
    notice = messages.get(session, message_key)
    if notice is None or notice.account_id is None or not can_be_objected_to(Template(notice.template)):
        raise LinkRejected("this message tells of nothing to object to")
    made = _of_account(session, notice.account_id)
    return ToldChange(notice=notice, objection=made.get(notices.same_event(message_key)))


def make(session: Session, message_key: str, *, at: datetime) -> Objection:
    """Object to a notice, and stop what it tells of; objecting twice, by whatever channel, is once.

    Always: every session of the account ends, its links are void, SMS that is about to go comes back, and the
    journey rests. Raises LinkRejected, TooLateToObject.
    """
    notice = look(session, message_key).notice
    account = accounts.lock(session, notice.account_id or "")
    if known := look(session, message_key).objection:
        return known
    if not is_open(notice.created_at, at):
        raise TooLateToObject("the notice is too old")
    objection = Objection(
        account_id=account.account_id, message_key=message_key, template=notice.template, made_at=at
    )
    recipient = notice.recipient
    _restore_sms(session, account, at=at)
    objection.passkey_id = _stop_passkey(session, account.account_id, notice, at=at)
    _stop_codes(session, account.account_id, notice, at=at)
    sessions.end_all(session, account.account_id, at=at)
    links.void_all(session, account.account_id, at=at)
    _keep(session, account, objection, former_email=recipient if "@" in recipient else None)
    return objection


def settle(
    session: Session, objection_id: str, *, outcome: Outcome, by: str, reason: str, at: datetime
) -> Objection:
    """Close an objection; the journey goes on when none is open. Raises Unknown, LastRoute, and Refused when closed.

    `upheld` removes the passkey, `dismissed` takes it off hold; whatever else was stopped stays so.
    """
    account = accounts.lock(session, get(session, objection_id).account_id)
    objection = session.get_one(Objection, objection_id, populate_existing=True)
    if objection.settled_at:
        raise Refused(f"this objection is settled: {objection.outcome}")
    _settle_passkey(session, account, objection, outcome, at=at)
    objection.settled_at, objection.outcome, objection.settled_by = at, outcome, by
    objection.reason = reason
    session.add(objection)
    session.flush()
    if not any(one.settled_at is None for one in _of_account(session, account.account_id).values()):
        account.disputed_since = None
        session.add(account)
    detail = {"objection_id": objection_id, "outcome": outcome, "by": by, "reason": reason}
    kind = EventKind.OBJECTION_SETTLED
    journal.append(session, account.account_id, kind, at=at, actor=Actor.STAFF, **detail)
    session.refresh(objection)
    return objection


def get(session: Session, objection_id: str) -> Objection:
    """One objection. Raises Unknown."""
    found = session.get(Objection, objection_id)
    if found is None:
        raise Unknown(f"no objection {objection_id}")
    return found


def open_ones(session: Session) -> Sequence[Objection]:
    """The objections that support has not settled, oldest first."""
    # Written out, because a parameter keeps SQLite from using the partial index.
    query = select(Objection).where(text("settled_at IS NULL"))
    return session.exec(query.order_by(col(Objection.made_at))).all()


def all_of_them(session: Session, *, limit: int = 1000) -> Sequence[Objection]:
    """The latest objections, settled ones too, oldest first."""
    query = select(Objection).order_by(col(Objection.made_at).desc()).limit(limit)
    return list(reversed(session.exec(query).all()))


def recent(session: Session, account_id: str, *, now: datetime) -> list[ToldChange]:
    """What the owner was told of and can still object to, newest first; of several channels the e-mail."""
    query = select(Message).where(
        col(Message.account_id) == account_id,
        col(Message.template).in_(NOTICES),
        col(Message.created_at) > now - WINDOW,
    )
    by_event: dict[str, Message] = {}
    for notice in session.exec(query.order_by(col(Message.created_at).desc(), col(Message.channel))):
        by_event.setdefault(notices.same_event(notice.key), notice)
    made = _of_account(session, account_id)
    return [ToldChange(notice=notice, objection=made.get(event)) for event, notice in by_event.items()]


def of_account(session: Session, account_id: str) -> Sequence[Objection]:
    """An account's objections, newest first."""
    query = select(Objection).where(Objection.account_id == account_id)
    return session.exec(query.order_by(col(Objection.made_at).desc())).all()


def _of_account(session: Session, account_id: str) -> dict[str, Objection]:
    """An account's objections by the event that they are about."""
    query = select(Objection).where(Objection.account_id == account_id)
    return {notices.same_event(one.message_key): one for one in session.exec(query)}


def _restore_sms(session: Session, account: Account, *, at: datetime) -> None:
    """At once, and before the rest: a passkey can be put on hold then without locking its owner out."""
    if account.sms in (SmsState.NOTICE, SmsState.SUSPENDED):
        sms.restore(session, account.account_id, at=at, actor=Actor.PERSON, reason="objection")


def _stop_passkey(session: Session, account_id: str, notice: Message, *, at: datetime) -> str | None:
    if notice.template != Template.PASSKEY_BOUND:
        return None
    passkey = session.get(Passkey, notice.values.get("passkey_id", ""))
    if passkey is None or passkey.account_id != account_id or passkey.removed_at:
        return None
    if may_hold(facts.read(session, account_id), proven=passkey.last_used_at is not None):
        passkeys.freeze(session, passkey, at=at)
    return passkey.passkey_id


def _stop_codes(session: Session, account_id: str, notice: Message, *, at: datetime) -> None:
    """Whoever made a set of codes, or has used one, can be expected to have the others."""
    if set_id := notice.values.get("set_id"):
        if_proven = may_void_codes(facts.read(session, account_id))
        recovery_codes.void_set(session, account_id, set_id, at=at, if_proven=if_proven)


def _keep(session: Session, account: Account, objection: Objection, *, former_email: str | None) -> None:
    at, is_first = objection.made_at, account.disputed_since is None
    account.disputed_since = account.disputed_since or at
    session.add_all([account, objection])
    session.flush()
    ids = {"objection_id": objection.objection_id, "key": objection.message_key}
    about = {"template": objection.template, "passkey_id": objection.passkey_id}
    kind, account_id = EventKind.OBJECTED, account.account_id
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, **ids, **about)
    if is_first:  # further ones add to the case that is open
        case = {"objection_id": objection.objection_id, "reason": "objection"}
        journal.append(session, account_id, EventKind.SUPPORT_CASE, at=at, actor=Actor.PERSON, **case)
    template, event = Template.OBJECTION_NOTED, objection.objection_id
    former = former_email if former_email != account.email else None
    notices.tell(session, account, template, event=event, at=at, former_email=former)
    session.refresh(objection)


def _settle_passkey(
    session: Session, account: Account, objection: Objection, outcome: Outcome, *, at: datetime
) -> None:
    passkey = session.get(Passkey, objection.passkey_id) if objection.passkey_id else None
    if passkey is None or passkey.removed_at:
        return
    if outcome is Outcome.UPHELD:
        _remove(session, account, passkey, at=at)
    else:
        passkeys.thaw(session, passkey)


def _remove(session: Session, account: Account, passkey: Passkey, *, at: datetime) -> None:
    known = facts.read(session, account.account_id)
    if passkey.is_active and not may_hold(known, proven=passkey.last_used_at is not None):
        raise LastRoute(
            "the passkey is the last way into the account that is known to work; help to another first"
        )
    passkey_id, name = passkey.passkey_id, passkey.name
    passkeys.remove(session, passkey, at=at)
    sessions.end_of_passkey(session, passkey_id, at=at)
    kind = EventKind.PASSKEY_REMOVED
    journal.append(session, account.account_id, kind, at=at, actor=Actor.STAFF, passkey_id=passkey_id)
    values = {"device": name, "passkey_id": passkey_id}
    notices.tell(session, account, Template.PASSKEY_REMOVED, event=passkey_id, at=at, values=values)
