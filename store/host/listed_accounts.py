"""The accounts that a host's list has named so far, in a temporary table, however many they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Column, MetaData, String, Table, exists, text
from sqlalchemy.schema import CreateTable
from sqlmodel import Session, col, select

from store.engine.database import Database
from store.engine.upserts import insert_into
from store.people.accounts import Account, is_deleted

_AT_ONCE = 500

_LISTED = Table(
    "listed_account",
    MetaData(),  # not one of the schema's tables
    Column("account_id", String, primary_key=True),
    prefixes=["TEMPORARY"],
)


@contextmanager
def opened(database: Database) -> Iterator[Session]:
    """A session that notes which accounts are listed. Its connection ends with it, and the notes do, too."""
    with database.own_connection() as session:
        session.execute(CreateTable(_LISTED))
        session.commit()
        yield session


def note(session: Session, account_ids: Sequence[str]) -> None:
    """Note that these accounts are listed, and end the transaction: the list may be slow to come."""
    if account_ids:
        rows = [{"account_id": account_id} for account_id in account_ids]
        session.execute(insert_into(session, _LISTED).values(rows).on_conflict_do_nothing())
    session.commit()


def missing(session: Session, *, before: datetime) -> Iterator[str]:
    """The host's ids of all accounts from before a moment that were not noted, in the order of their coming."""
    session.execute(text("ANALYZE listed_account"))  # nothing else counts the rows of a temporary table
    is_listed = exists().where(_LISTED.c.account_id == col(Account.account_id))
    query = select(Account.external_id).where(~is_deleted(), col(Account.created_at) < before, ~is_listed)
    in_order = query.order_by(col(Account.account_id)).execution_options(yield_per=_AT_ONCE)
    yield from session.exec(in_order)
    session.commit()
