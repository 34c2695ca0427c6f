"""What hosts' events have told of each account: the newest word on each matter, and how people sign in there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Session, SQLModel, col, select

from domain.host.words import Word
from store.engine.types import Instant
from store.people.accounts import Account


class HeardAccount(SQLModel, table=True):
    """What a host has told of one account by events. Whoever reads or changes it has locked the account.

    `words` holds the newest word on each matter: its time by the host's clock, its id, and when it was heeded here.
    `sms_sign_ins` and `other_sign_ins` count sign-ins at the host. `passkey_device_at` is when the person was last seen
    there on a device that can make passkeys; `risk` is what the host said last of how risky a sign-in was.
    """

    __tablename__ = "heard_account"

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    words: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    sms_sign_ins: int = 0
    other_sign_ins: int = 0
    last_sms_sign_in_at: datetime | None = Field(default=None, sa_type=Instant)
    passkey_device_at: datetime | None = Field(default=None, sa_type=Instant)
    risk: str | None = None
    risk_at: datetime | None = Field(default=None, sa_type=Instant)


_TOLD = tuple(name for name in HeardAccount.model_fields if name != "account_id")


@dataclass(frozen=True, kw_only=True)
class HeardWord:
    """The newest word on a matter, and when it was heeded here."""

    word: Word
    heeded_at: datetime


def gather(session: Session, account_ids: Collection[str]) -> dict[str, HeardAccount]:
    """What was heard of several accounts, with as many queries as for one. The accounts are locked already.

    Until the transaction ends, `of` finds them without a query, as long as the caller keeps what this returns.
    """
    query = select(HeardAccount).where(col(HeardAccount.account_id).in_(account_ids))
    rows = {row.account_id: row for row in session.exec(query)} if account_ids else {}
    new_rows = [HeardAccount(account_id=account_id) for account_id in sorted(set(account_ids) - rows.keys())]
    session.add_all(new_rows)
    session.flush()
    return rows | {row.account_id: row for row in new_rows}


def write(session: Session, rows: Iterable[HeardAccount]) -> None:
    """Write what has changed in several rows by one statement: the ORM takes as many as there are kinds of changes."""
    for row in rows:
        if row in session and session.is_modified(row):
            for column in _TOLD:
                flag_modified(row, column)
    session.flush()


def of(session: Session, account_id: str) -> HeardAccount:
    """What was heard of an account that is locked; a new row if nothing was."""
    row = session.get(HeardAccount, account_id)
    if row is None:
        row = HeardAccount(account_id=account_id)
        session.add(row)
        session.flush()
    return row


def find(session: Session, account_id: str) -> HeardAccount | None:
    """What was heard of an account; None if nothing was."""
    return session.get(HeardAccount, account_id)


def forget(session: Session, account_id: str) -> None:
    """Forget what was heard of an account that is deleted."""
    if row := find(session, account_id):
        session.delete(row)
        session.flush()


def newest(session: Session, account_id: str, matter: str) -> HeardWord | None:
    """The newest word on a matter; None if nothing was heard of it."""
    kept = of(session, account_id).words.get(matter)
    if kept is None:
        return None
    at, event_id, heeded_at = kept
    word = Word(at=datetime.fromisoformat(at), event_id=event_id)
    return HeardWord(word=word, heeded_at=datetime.fromisoformat(heeded_at))


def is_news(session: Session, account_id: str, matter: str, word: Word) -> bool:
    """Whether nothing as new was heard on a matter."""
    heard = newest(session, account_id, matter)
    return heard is None or heard.word < word


def heed(session: Session, account_id: str, matters: Iterable[str], word: Word, *, now: datetime) -> None:
    """Note that a word is the newest on some matters."""
    row = of(session, account_id)
    kept = [word.at.isoformat(), word.event_id, now.isoformat()]
    row.words = row.words | dict.fromkeys(matters, kept)
    session.add(row)


def note_sign_in(session: Session, account: Account, *, by_sms: bool, at: datetime) -> None:
    """Count a sign-in at the host. Journeys do not decide by it, so the facts version stays."""
    row = of(session, account.account_id)
    if by_sms:
        row.sms_sign_ins += 1
        row.last_sms_sign_in_at = max(at, row.last_sms_sign_in_at or at)
    else:
        row.other_sign_ins += 1
    account.last_sign_in_at = max(at, account.last_sign_in_at or at)
    session.add_all((row, account))


def note_passkey_device(session: Session, account_id: str, *, at: datetime) -> None:
    """Note when the person was seen on a device that can make passkeys."""
    row = of(session, account_id)
    row.passkey_device_at = max(at, row.passkey_device_at or at)
    session.add(row)


def note_risk(session: Session, account_id: str, risk: str, *, at: datetime) -> None:
    """Keep how risky a sign-in was, by the host's word."""
    row = of(session, account_id)
    row.risk, row.risk_at = risk, at
    session.add(row)
