"""Counts the rows that break a promise; every count must read 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, and_, col, exists, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.facts import SmsState
from domain.messages.messages import SEND_TIMEOUT, MessageState
from store.journeys.journeys import Journey
from store.journeys.sms import StoredOffProof
from store.messages.messages import Message
from store.people import passkeys
from store.people.accounts import Account
from store.people.journal import JournalEntry
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode


class Invariant(StrEnum):
    """The promises, by name."""

    SMS_OFF_ON_PROOF = "sms_off_on_proof"
    SOME_PROVEN_ROUTE = "some_proven_route"
    SMS_OFF_IN_A_JOURNEY = "sms_off_in_a_journey"
    FACTS_JOURNALED = "facts_journaled"
    VERSIONS_UNIQUE = "versions_unique"
    SENDINGS_SETTLED = "sendings_settled"


PROMISES = {
    Invariant.SMS_OFF_ON_PROOF: "no account has SMS suspended or removed without a stored off-proof",
    Invariant.SOME_PROVEN_ROUTE: "no account is left without a proven route",
    Invariant.SMS_OFF_IN_A_JOURNEY: "no account has SMS given notice or switched off outside a journey",
    Invariant.FACTS_JOURNALED: "no account's facts have changed without a journal entry",
    Invariant.VERSIONS_UNIQUE: "no two journal entries of an account have one version",
    Invariant.SENDINGS_SETTLED: "no message is being sent for longer than sending can take",
}


@dataclass(frozen=True, kw_only=True)
class Breach:
    """How many rows break a promise; the promise is kept when there are 0."""

    invariant: Invariant
    promise: str
    count: int


def breaches(session: Session, *, now: datetime) -> list[Breach]:
    """Count the breaches of every invariant."""
    queries = {
        Invariant.SMS_OFF_ON_PROOF: _accounts(_sms_off(), ~_proof_on_record()),
        Invariant.SOME_PROVEN_ROUTE: _accounts(~_texts_reach(), ~_passkey_proven(), ~_recovery_proven()),
        Invariant.SMS_OFF_IN_A_JOURNEY: _accounts(
            col(Account.sms) != SmsState.ON, ~exists().where(col(Journey.account_id) == Account.account_id)
        ),
        Invariant.FACTS_JOURNALED: _accounts(col(Account.facts_version) != _last_version()),
        Invariant.VERSIONS_UNIQUE: _repeated_versions(),
        Invariant.SENDINGS_SETTLED: _sending_for_too_long(now),
    }
    return [
        Breach(invariant=invariant, promise=PROMISES[invariant], count=session.execute(query).scalar_one())
        for invariant, query in queries.items()
    ]


def unknown_messages(session: Session, *, limit: int = 20) -> Sequence[str]:
    """Keys of the latest messages whose sender was lost: nobody knows whether they went out."""
    query = select(Message.key).where(col(Message.state) == MessageState.UNKNOWN)
    return session.exec(query.order_by(col(Message.settled_at).desc()).limit(limit)).all()


def _accounts(*conditions: ColumnElement[bool]) -> SelectOfScalar[int]:
    return select(func.count()).select_from(Account).where(*conditions)


def _sms_off() -> ColumnElement[bool]:
    return col(Account.sms).in_([SmsState.SUSPENDED, SmsState.REMOVED])


def _texts_reach() -> ColumnElement[bool]:
    return and_(~_sms_off(), col(Account.phone).is_not(None))


def _proof_on_record() -> ColumnElement[bool]:
    return exists().where(
        col(StoredOffProof.account_id) == Account.account_id,
        col(StoredOffProof.state) == Account.sms,
        col(StoredOffProof.at) >= Account.sms_since,
    )


def _passkey_proven() -> ColumnElement[bool]:
    return exists().where(
        col(Passkey.account_id) == Account.account_id,
        *passkeys.is_active(),
        col(Passkey.last_used_at).is_not(None),
    )


def _recovery_proven() -> ColumnElement[bool]:
    return exists().where(
        col(RecoveryCode.account_id) == Account.account_id,
        col(RecoveryCode.proven_at).is_not(None),
        col(RecoveryCode.used_at).is_(None),
        col(RecoveryCode.voided_at).is_(None),
    )


def _last_version() -> ColumnElement[int]:
    version = select(func.max(JournalEntry.version)).where(JournalEntry.account_id == Account.account_id)
    return func.coalesce(version.scalar_subquery(), 0)


def _repeated_versions() -> SelectOfScalar[int]:
    repeated = (
        select(JournalEntry.account_id)
        .group_by(JournalEntry.account_id, col(JournalEntry.version))
        .having(func.count() > 1)
    )
    return select(func.count()).select_from(repeated.subquery())


def _sending_for_too_long(now: datetime) -> SelectOfScalar[int]:
    # The relay settles a lost claim within seconds; the doubled time lets it do so first.
    return (
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.state) == MessageState.SENDING,
            or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) <= now - 2 * SEND_TIMEOUT),
        )
    )
