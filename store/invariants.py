"""Counts the rows that break a promise; every count must read 0.

A further promise is a name in `Invariant`, and one line in `PROMISES` with the query that counts its breaches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.messages.messages import MessageState
from store import breaches as queries
from store import exemption_breaches, trust_breaches
from store.messages.messages import Message


class Invariant(StrEnum):
    """The promises, by name."""

    SMS_OFF_ON_PROOF = "sms_off_on_proof"
    SOME_PROVEN_ROUTE = "some_proven_route"
    SMS_OFF_IN_A_JOURNEY = "sms_off_in_a_journey"
    SENDINGS_SETTLED = "sendings_settled"
    HANDED_ONCE = "handed_once"
    MEMBERS_IN_PLACE = "members_in_place"
    FACTS_JOURNALED = "facts_journaled"
    VERSIONS_UNIQUE = "versions_unique"
    CONTACTS_OFF_RECORD = "contacts_off_record"
    CHANGED_BY_ITS_EQUAL = "changed_by_its_equal"
    OWNER_TOLD = "owner_told"
    EXEMPTIONS_AGREE = "exemptions_agree"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What is promised, and the query that counts its breaches at a time."""

    words: str
    query: Callable[[datetime], SelectOfScalar[int]]


PROMISES = {
    Invariant.SMS_OFF_ON_PROOF: Promise(
        words="no account has SMS suspended or removed without a stored off-proof",
        query=queries.sms_off_without_proof,
    ),
    Invariant.SOME_PROVEN_ROUTE: Promise(
        words="no account is left without a proven route", query=queries.without_route
    ),
    Invariant.SMS_OFF_IN_A_JOURNEY: Promise(
        words="no account has SMS given notice or switched off outside a journey",
        query=queries.sms_off_outside_journey,
    ),
    Invariant.SENDINGS_SETTLED: Promise(
        words="no message is being sent for longer than sending can take", query=queries.sending_for_too_long
    ),
    Invariant.HANDED_ONCE: Promise(
        words="no message was taken by a provider twice", query=queries.handed_twice
    ),
    Invariant.MEMBERS_IN_PLACE: Promise(
        words="no member was launched who is held out, or whose wave has not begun",
        query=queries.members_out_of_place,
    ),
    Invariant.FACTS_JOURNALED: Promise(
        words="no account's facts have changed without a journal entry", query=queries.facts_not_journaled
    ),
    Invariant.VERSIONS_UNIQUE: Promise(
        words="no two journal entries of an account have one version", query=queries.repeated_versions
    ),
    Invariant.CONTACTS_OFF_RECORD: Promise(
        words="no journal entry or message key holds a phone number or an address",
        query=queries.contacts_on_record,
    ),
    Invariant.CHANGED_BY_ITS_EQUAL: Promise(
        words="no route or contact was changed by a session that was trusted less than it",
        query=trust_breaches.changed_from_below,
    ),
    Invariant.OWNER_TOLD: Promise(
        words="every change of a route or contact reached a contact that its author had not brought along",
        query=trust_breaches.told_to_nobody,
    ),
    Invariant.EXEMPTIONS_AGREE: Promise(
        words="nobody is exempt without a row in the register that ends on the same day, and the reverse",
        query=exemption_breaches.register_differs,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Breach:
    """How many rows break a promise; the promise is kept when there are 0."""

    invariant: Invariant
    promise: str
    count: int


def breaches(session: Session, *, now: datetime) -> list[Breach]:
    """Count the breaches of every invariant."""
    return [
        Breach(
            invariant=invariant,
            promise=promise.words,
            count=session.execute(promise.query(now)).scalar_one(),
        )
        for invariant, promise in PROMISES.items()
    ]


def broken(session: Session, *, now: datetime) -> dict[str, int]:
    """How often each promise is broken; promises that are kept are missing."""
    return {breach.invariant.value: breach.count for breach in breaches(session, now=now) if breach.count}


def count_shut_out_by_stop(session: Session) -> int:
    """How many people have answered STOP to the texts that were their only proven way in, which breaks no promise."""
    count: int = session.execute(queries.stopped_without_other_way()).scalar_one()
    return count


def count_gone_at_host(session: Session) -> int:
    """How many people have no text messages any more, and no other way in since the host has taken the last away."""
    count: int = session.execute(queries.gone_at_host()).scalar_one()
    return count


def unknown_messages(session: Session, *, limit: int = 20) -> Sequence[str]:
    """Keys of the latest messages whose sender was lost: nobody knows whether they went out."""
    query = select(Message.key).where(col(Message.state) == MessageState.UNKNOWN)
    return session.exec(query.order_by(col(Message.settled_at).desc()).limit(limit)).all()
