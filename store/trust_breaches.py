"""The queries behind the promises of trust. They look back 30 days, as long as anybody can object to a change."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, or_, select, text
from sqlmodel.sql.expression import SelectOfScalar

from domain.facts import Channel
from domain.messages.messages import MessageState, Template
from domain.safety.objections import WINDOW
from store.messages.messages import Message
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.safety.objections import Objection

_SETTLING = timedelta(hours=1)
"""How long ago something must have become established, so that whatever is under way is done."""

# Written out, because parameters keep SQLite from using the partial indexes.
_REMOVED = text("passkey.removed_as <> 'high'")
_ENDED = text("contact.ended_as <> 'high'")
_VOIDED = text("recovery_code.voided_as <> 'high'")
_APP_REMOVED = text("authenticator_app.removed_as <> 'high'")
_CONTACT_TOLD = text("contact.way = 'notice'")
_CODES_TOLD = text("recovery_code.way = 'notice'")
_APP_TOLD = text("authenticator_app.way = 'notice'")


def changed_from_below(now: datetime) -> SelectOfScalar[int]:
    """Established routes and contacts that a session of less than full assurance has removed or replaced.

    A proven set of codes, or an app, may go for a successor that is established too; an address that nobody had
    verified, for one that somebody has.
    """
    since = now - WINDOW
    another = aliased(RecoveryCode)
    has_successor = exists().where(
        col(another.account_id) == RecoveryCode.account_id,
        col(another.set_id) != RecoveryCode.set_id,
        col(another.established_from) <= RecoveryCode.voided_at,
    )
    newer = aliased(AuthenticatorApp)
    has_newer_app = exists().where(
        col(newer.account_id) == AuthenticatorApp.account_id,
        col(newer.app_id) != AuthenticatorApp.app_id,
        col(newer.established_from) <= AuthenticatorApp.removed_at,
    )
    is_unverified = (col(ContactRecord.channel) == Channel.EMAIL) & col(ContactRecord.verified_at).is_(None)
    return _sum(
        select(func.count())
        .select_from(Passkey)
        .where(_REMOVED, *_was_established(Passkey, col(Passkey.removed_at), since)),
        select(func.count())
        .select_from(ContactRecord)
        .where(_ENDED, ~is_unverified, *_was_established(ContactRecord, col(ContactRecord.ended_at), since)),
        select(func.count(func.distinct(col(RecoveryCode.set_id)))).where(
            _VOIDED, ~has_successor, *_was_established(RecoveryCode, col(RecoveryCode.voided_at), since)
        ),
        select(func.count())
        .select_from(AuthenticatorApp)
        .where(
            _APP_REMOVED,
            ~has_newer_app,
            *_was_established(AuthenticatorApp, col(AuthenticatorApp.removed_at), since),
        ),
    )


def told_to_nobody(now: datetime) -> SelectOfScalar[int]:
    """Passkeys, codes, apps and contacts established by a notice that no independent contact has got before.

    Whoever has objected since has a dispute of their own about it, which all contacts are told of.
    """
    return _sum(
        _untold(
            select(func.count()).select_from(Passkey),
            Passkey,
            col(Passkey.bound_at),
            Template.PASSKEY_BOUND,
            ("passkey_id", col(Passkey.passkey_id)),
            now,
        ).where(col(Passkey.way) == "notice", *_is_kept(Passkey)),
        _untold(
            select(func.count(func.distinct(col(RecoveryCode.set_id)))),
            RecoveryCode,
            col(RecoveryCode.made_at),
            Template.RECOVERY_CODES_MADE,
            ("set_id", col(RecoveryCode.set_id)),
            now,
        ).where(_CODES_TOLD),
        _untold(
            select(func.count()).select_from(AuthenticatorApp),
            AuthenticatorApp,
            col(AuthenticatorApp.bound_at),
            Template.AUTHENTICATOR_APP_BOUND,
            ("app_id", col(AuthenticatorApp.app_id)),
            now,
        ).where(_APP_TOLD, *_is_kept(AuthenticatorApp), col(AuthenticatorApp.proven_at).is_not(None)),
        _untold(
            select(func.count()).select_from(ContactRecord),
            ContactRecord,
            col(ContactRecord.bound_at),
            Template.EMAIL_CHANGED,
            ("contact_id", col(ContactRecord.contact_id)),
            now,
        ).where(_CONTACT_TOLD),
    )


def _was_established(table: Any, gone_at: Any, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return gone_at > since, col(table.established_from) <= gone_at


def _is_kept(table: Any) -> tuple[ColumnElement[bool], ...]:
    return (col(table.removed_at).is_(None),)


def _untold(
    query: Select[Any],
    table: Any,
    bound_at: Any,
    template: Template,
    named: tuple[str, Any],
    now: datetime,
) -> Select[Any]:
    """What a session has bound, and a notice has established in the last 30 days that reached nobody in time."""
    name, subject_id = named
    is_told = exists().where(
        col(Message.account_id) == table.account_id,
        col(Message.template) == template,
        col(Message.vouches).is_(True),
        col(Message.state).in_((MessageState.SENT, MessageState.GATHERED)),
        col(Message.settled_at) <= table.established_from,
        col(Message.values)[name].as_string() == subject_id,
    )
    is_disputed = or_(
        exists().where(col(Objection.account_id) == table.account_id, col(Objection.made_at) >= bound_at),
        exists().where(col(Account.account_id) == table.account_id, col(Account.held_since).is_not(None)),
    )
    return query.where(
        col(table.established_from) > now - WINDOW,
        col(table.established_from) <= now - _SETTLING,
        col(table.bound_in).is_not(None),
        ~is_told,
        ~is_disputed,
    )


def _sum(*counts: Any) -> SelectOfScalar[int]:
    first, *others = [count.scalar_subquery() for count in counts]
    return select(sum(others, start=first))
