"""What hangs on secret keys: keyed digests, which name their key, and sealed columns, which only the keys can tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, and_, tuple_
from sqlmodel import Session, SQLModel, col, func, or_, select, update

from domain.safety.disputes import DISPUTE_LIFETIME
from domain.safety.guessing import REMEMBERED_FOR
from domain.safety.objections import WINDOW
from domain.safety.secret_keys import Hanging
from store.evidence.keys import EvidenceKey
from store.host.answered_requests import KEPT_FOR, AnsweredRequest
from store.host.sign_ons import SignOn
from store.host.signing_keys import SigningKey
from store.messages.message_rows import Message
from store.people.authenticator_apps import AuthenticatorApp
from store.people.door_notes import DoorNote
from store.people.first_answers import FirstAnswer
from store.people.guesses import GuessCount
from store.people.one_time_codes import OneTimeCode
from store.people.recovery_codes import RecoveryCode
from store.rights.traces import ERASED
from store.safety.rescues import Rescue
from store.webhooks.subscriptions import WebhookSubscription

BATCH = 500
"""Sealed rows that are read, or closed again, in one transaction."""

Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, kw_only=True)
class SealedColumn:
    """A column that lies sealed, the primary key of its table, and which rows anybody still opens at a moment."""

    kind: Hanging
    table: type[SQLModel]
    name: str
    key: tuple[str, ...]
    live: Callable[[datetime], Conditions] = lambda _: ()

    @property
    def column(self) -> Any:
        """The column itself."""
        return getattr(self.table, self.name)

    @property
    def keys(self) -> tuple[Any, ...]:
        """The columns of the primary key."""
        return tuple(getattr(self.table, name) for name in self.key)


@dataclass(frozen=True, kw_only=True)
class SealedValue:
    """One row's sealed value, and its primary key."""

    key: tuple[Any, ...]
    sealed: bytes


SEALED = (
    SealedColumn(kind=Hanging.MESSAGE, table=Message, name="sealed", key=("key",)),
    SealedColumn(kind=Hanging.DOOR_NOTE, table=DoorNote, name="sealed", key=("note_id",)),
    SealedColumn(
        kind=Hanging.SIGN_ON,
        table=SignOn,
        name="sealed_hint",
        key=("sign_on_id",),
        live=lambda now: (col(SignOn.expires_at) > now,),
    ),
    SealedColumn(
        kind=Hanging.HOST_ANSWER,
        table=AnsweredRequest,
        name="sealed_body",
        key=("key_id", "name_digest"),
        live=lambda now: (col(AnsweredRequest.began_at) > now - KEPT_FOR,),
    ),
    SealedColumn(
        kind=Hanging.WEBHOOK,
        table=WebhookSubscription,
        name="sealed_secret",
        key=("subscription_id",),
        live=lambda _: (col(WebhookSubscription.ended_at).is_(None),),
    ),
    SealedColumn(
        kind=Hanging.FORMER_WEBHOOK,
        table=WebhookSubscription,
        name="former_secret",
        key=("subscription_id",),
        live=lambda now: (col(WebhookSubscription.former_until) > now,),
    ),
    SealedColumn(kind=Hanging.SIGNING_KEY, table=SigningKey, name="sealed", key=("number",)),
    SealedColumn(kind=Hanging.EVIDENCE_KEY, table=EvidenceKey, name="sealed", key=("number",)),
    SealedColumn(kind=Hanging.AUTHENTICATOR_APP, table=AuthenticatorApp, name="sealed", key=("app_id",)),
)
"""Every column that outlives a minute and is opened again."""


def digests(session: Session, *, now: datetime) -> dict[tuple[str, Hanging], int]:
    """How many digests that still count hang on each key, by key id and kind; the id of those without one is empty."""
    counts = {}
    for kind, table, conditions in _digests(now):
        counted = select(table.key_id, func.count()).where(*conditions).group_by(table.key_id)
        for key_id, count in session.exec(counted):
            counts[key_id, kind] = count
    return counts


def sealed(
    session: Session, column: SealedColumn, *, after: tuple[Any, ...] | None, now: datetime
) -> Sequence[SealedValue]:
    """The next values of a column by the order of its table's primary key, at most a batch."""
    query = sqlalchemy.select(*column.keys, column.column).where(
        col(column.column).is_not(None), *column.live(now)
    )
    if after is not None:
        query = query.where(tuple_(*column.keys) > tuple_(*after))
    rows = session.execute(query.order_by(*column.keys).limit(BATCH)).all()
    return [SealedValue(key=tuple(row[:-1]), sealed=row[-1]) for row in rows]


def put(session: Session, column: SealedColumn, value: SealedValue, *, sealed_again: bytes) -> bool:
    """Put a value in the place of the one that was read; False if that has changed in the meantime."""
    is_row = [key == given for key, given in zip(column.keys, value.key, strict=True)]
    changed = update(column.table).where(*is_row, column.column == value.sealed)
    result = session.execute(changed.values({column.name: sealed_again}))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _digests(now: datetime) -> Sequence[tuple[Hanging, Any, Conditions]]:
    """The tables with keyed digests, and which rows still count. A void set may yet come back by an objection."""
    voided_at = col(RecoveryCode.voided_at)
    may_work = or_(voided_at.is_(None), voided_at > now - WINDOW - DISPUTE_LIFETIME)
    is_erased = col(RecoveryCode.digest).startswith(ERASED)
    is_ours = and_(col(RecoveryCode.host_id).is_(None), ~is_erased, may_work)
    return (
        (Hanging.RECOVERY_CODE, RecoveryCode, (col(RecoveryCode.used_at).is_(None), is_ours)),
        (
            Hanging.RESCUE,
            Rescue,
            (
                col(Rescue.digest).is_not(None),
                col(Rescue.used_at).is_(None),
                col(Rescue.stopped_at).is_(None),
                col(Rescue.expires_at) > now,
            ),
        ),
        (
            Hanging.ONE_TIME_CODE,
            OneTimeCode,
            (col(OneTimeCode.used_at).is_(None), col(OneTimeCode.expires_at) > now),
        ),
        (
            Hanging.GUESS_COUNT,
            GuessCount,
            (col(GuessCount.failures) > 0, col(GuessCount.last_at) > now - REMEMBERED_FOR),
        ),
        (Hanging.FIRST_ANSWER, FirstAnswer, (col(FirstAnswer.expires_at) > now,)),
    )
