"""Finds accounts by ids, addresses, phone numbers, or their beginnings and ends.

An index answers every kind of search, however many accounts there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, literal_column, or_, select
from sqlmodel import Session, col

from domain.desk.queries import END_DIGITS, Reading, ReadingKind, readings
from store.desk import list_rows
from store.desk.list_rows import ListRow
from store.people.account_indexes import in_small
from store.people.accounts import Account

AT_MOST = 100
_LAST_LETTER = "\U0010ffff"
_PREFIXED = (ReadingKind.EXTERNAL_ID_PREFIX, ReadingKind.EMAIL_PREFIX)


@dataclass(frozen=True, kw_only=True)
class Results:
    """One page of results; `after` is the mark for the next page, and None on the last. The mark holds no contact."""

    people: tuple[ListRow, ...]
    after: str | None = None


def find(
    session: Session,
    typed: str,
    *,
    now: datetime,
    address: str = "",
    numbers: Sequence[str] = (),
    after: str | None = None,
    limit: int = 20,
) -> Results:
    """The accounts that a text may mean, exact matches first, each account once.

    `address` and `numbers` are as `readings` takes them.
    """
    size = min(limit, AT_MOST)
    hits = _hits(session, readings(typed, address=address, numbers=numbers), after)
    page = [hit for hit, _ in zip(hits, range(size + 1), strict=False)]
    account_ids = dict.fromkeys(account_id for _, account_id in page[:size])
    described = list_rows.describe(session, list(account_ids), now=now)
    return Results(
        people=tuple(described[account_id] for account_id in account_ids),
        after=_mark(*page[size - 1]) if len(page) > size else None,
    )


def _hits(session: Session, possible: Sequence[Reading], after: str | None) -> Iterator[tuple[int, str]]:
    """Accounts with the number of the reading that finds them, leaving out accounts that an earlier reading finds."""
    first, last_id = _read_mark(after)
    for number in range(first, len(possible)):
        reading = possible[number]
        for page in _pages(session, reading, last_id if number == first else None):
            repeated_ids = _matching_any(session, page, possible[:number])
            yield from ((number, account_id) for account_id in page if account_id not in repeated_ids)


def _pages(session: Session, reading: Reading, after: str | None) -> Iterator[Sequence[str]]:
    """All accounts of one reading, in the order of its index."""
    while True:
        ids = session.execute(ids_of(session, reading, after).limit(AT_MOST)).scalars().all()
        yield ids
        if len(ids) < AT_MOST:
            return
        after = ids[-1]


def ids_of(session: Session, reading: Reading, after: str | None) -> Select[Any]:
    """The query for one reading's accounts, behind the account `after`."""
    account_id = col(Account.account_id)
    query = select(account_id).where(_condition(session, reading))
    if reading.kind not in _PREFIXED:
        query = query.order_by(account_id)
        return query.where(account_id > after) if after else query
    spelled = _spelled(session, reading.kind)
    query = query.order_by(spelled, account_id)
    if after is None:
        return query
    spelled_after = select(spelled).where(account_id == after).scalar_subquery()
    # SQLite follows the index by `>=` alone, not by the alternatives.
    return query.where(spelled >= spelled_after, or_(spelled > spelled_after, account_id > after))


def _condition(session: Session, reading: Reading) -> ColumnElement[bool]:
    value = reading.value
    match reading.kind:
        case ReadingKind.ACCOUNT_ID:
            return col(Account.account_id) == value
        case ReadingKind.EXTERNAL_ID:
            return col(Account.external_id) == value
        case ReadingKind.EMAIL:
            return col(Account.email_key) == value
        case ReadingKind.PHONE:
            return col(Account.phone) == value
        case ReadingKind.PHONE_END:
            ends = col(Account.phone).endswith(value, autoescape=True)
            return and_(_LAST_DIGITS.op("=")(value[-END_DIGITS:]), ends)
    spelled = _spelled(session, reading.kind)
    lower = literal(value) if reading.kind is ReadingKind.EMAIL_PREFIX else in_small(session, literal(value))
    return and_(spelled >= lower, spelled < lower + _LAST_LETTER)


_LAST_DIGITS: ColumnElement[str] = literal_column("substr(account.phone, length(account.phone) - 3)")
"""As it is indexed, number and all: with a parameter in it, SQLite would not recognise it."""


def _spelled(session: Session, kind: ReadingKind) -> Any:
    """What beginnings are compared with, as it is indexed: in small letters, in the order of bytes."""
    if kind is ReadingKind.EMAIL_PREFIX:
        return col(Account.email_key)
    return in_small(session, col(Account.external_id))


def _matching_any(session: Session, account_ids: Sequence[str], earlier: Sequence[Reading]) -> set[str]:
    if not account_ids or not earlier:
        return set()
    any_of = or_(*(_condition(session, reading) for reading in earlier))
    query = select(col(Account.account_id)).where(col(Account.account_id).in_(account_ids), any_of)
    return set(session.execute(query).scalars())


def _mark(number: int, account_id: str) -> str:
    return f"{number}.{account_id}"


def _read_mark(after: str | None) -> tuple[int, str | None]:
    """Where to go on; an invalid mark means the beginning."""
    number, _, account_id = (after or "").partition(".")
    return (int(number), account_id) if number.isdecimal() and len(number) < 3 and account_id else (0, None)
