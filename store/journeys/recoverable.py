"""Counts what accounts could show to get back in, by one statement: how many have which proofs, with which roots."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlmodel import Session, col

from domain.facts import Channel, SmsState
from domain.recovery import Proof
from domain.recovery_rules import ProofKind
from domain.trust import Root
from store.people import authenticator_apps, recovery_codes, trust
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.recovery_codes import RecoveryCode

_NONE = ""
_ROOTS = (Root.HOST, Root.SMS)
_KINDS = (
    ProofKind.EMAIL,
    ProofKind.SMS,
    *(ProofKind.RECOVERY_CODE for _ in _ROOTS),
    *(ProofKind.AUTHENTICATOR_APP for _ in _ROOTS),
)


def count(session: Session, scope: Select[Any], *, now: datetime) -> list[tuple[tuple[Proof, ...], int]]:
    """The proofs of the accounts in scope, and how many accounts have just these. The host's word is none of them.

    Whoever has no contact to which the way in could be sent has no proofs that help.
    """
    columns = _roots(now)
    is_reachable = (columns[0] != _NONE) | _has_phone(now)
    columns = [case((is_reachable, column), else_=_NONE) for column in columns]
    named = [column.label(f"proof_{number}") for number, column in enumerate(columns)]
    each = select(*named).where(col(Account.account_id).in_(scope)).subquery()
    alike = select(*each.c, func.count()).group_by(*each.c)
    return [(tuple(_proofs(*roots)), number) for *roots, number in session.execute(alike)]


def of_accounts(
    session: Session, account_ids: Sequence[str], *, now: datetime
) -> dict[str, tuple[tuple[Proof, ...], frozenset[Channel]]]:
    """What each of several accounts could show, and by which channels the link could reach it."""
    query = select(col(Account.account_id), _has_phone(now), *_roots(now))
    rows = session.execute(query.where(col(Account.account_id).in_(account_ids)))
    return {
        account_id: (tuple(_proofs(*of_account)), frozenset(_channels(of_account[0], has_phone=has_phone)))
        for account_id, has_phone, *of_account in rows
    }


def _channels(email_root: str, *, has_phone: bool) -> Iterator[Channel]:
    if email_root:
        yield Channel.EMAIL
    if has_phone:
        yield Channel.SMS


def _roots(now: datetime) -> list[ColumnElement[str]]:
    """What each proof goes back to, in the order of `_KINDS`; nothing where the account has none."""
    codes = [_has_root(RecoveryCode, root, recovery_codes.works_now(), now) for root in _ROOTS]
    apps = [_has_root(AuthenticatorApp, root, authenticator_apps.works_now(), now) for root in _ROOTS]
    return [_email_root(now), _sms_root(now), *codes, *apps]


def _proofs(*roots: str) -> Iterator[Proof]:
    kinds = zip(_KINDS, roots, strict=True)
    return (Proof(kind=kind, root=Root(root)) for kind, root in kinds if root)


def _email_root(now: datetime) -> ColumnElement[str]:
    """What the address goes back to; nothing if it is not established. One without a record came with the account."""
    return case(
        (col(Account.email).is_(None), _NONE),
        (_is_on_record(Channel.EMAIL), _record_root(Channel.EMAIL, now)),
        (col(Account.host_email) == col(Account.email), Root.HOST.value),
        else_=_NONE,
    )


def _sms_root(now: datetime) -> ColumnElement[str]:
    is_on = col(Account.sms).in_((SmsState.ON, SmsState.NOTICE))
    return case((and_(is_on, _has_phone(now)), Root.SMS.value), else_=_NONE)


def _has_phone(now: datetime) -> ColumnElement[bool]:
    """Whether the account has an established number; one without a record came with the account."""
    is_established = ~_is_on_record(Channel.SMS) | (_record_root(Channel.SMS, now) != _NONE)
    return and_(col(Account.phone).is_not(None), is_established)


def _has_root(
    table: Any, root: Root, works_now: tuple[ColumnElement[bool], ...], now: datetime
) -> ColumnElement[str]:
    """A root, if something that works goes back to it; all that is not the host's counts as SMS's."""
    is_hosts = col(table.root) == Root.HOST
    has_one = exists().where(
        col(table.account_id) == col(Account.account_id),
        is_hosts if root is Root.HOST else ~is_hosts,
        trust.is_established(table, now),
        *works_now,
    )
    return case((has_one, root.value), else_=_NONE)


def _record(channel: Channel) -> tuple[ColumnElement[bool], ...]:
    address = Account.email if channel is Channel.EMAIL else Account.phone
    return (
        col(ContactRecord.account_id) == col(Account.account_id),
        col(ContactRecord.channel) == channel,
        col(ContactRecord.address) == col(address),
        col(ContactRecord.ended_at).is_(None),
    )


def _is_on_record(channel: Channel) -> ColumnElement[bool]:
    return exists().where(*_record(channel))


def _record_root(channel: Channel, now: datetime) -> ColumnElement[str]:
    established = select(func.min(ContactRecord.root)).where(
        *_record(channel),
        col(ContactRecord.held_at).is_(None),
        col(ContactRecord.disowned_at).is_(None),
        trust.is_established(ContactRecord, now),
    )
    return func.coalesce(established.scalar_subquery(), _NONE)
