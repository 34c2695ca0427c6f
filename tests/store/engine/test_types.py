"""Instants come back as they went in, aware and in UTC, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from store import Database
from store.people import accounts
from tests.clocks import START
from tests.factories import make_account


def test_a_naive_instant_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive datetime"), database.transaction() as session:
        make_account(session, created_at=naive)
    with database.reading() as session:
        assert accounts.count(session) == 0


@pytest.mark.parametrize("hours", [-11, 0, 2, 13])
def test_an_instant_of_any_zone_comes_back_in_utc(database: Database, hours: int) -> None:
    exact = START.replace(microsecond=123456)
    local = exact.astimezone(timezone(timedelta(hours=hours)))
    with database.transaction() as session:
        account_id = make_account(session, created_at=local).account_id
    with database.reading() as session:
        kept = accounts.get(session, account_id).created_at
    assert kept == exact
    assert kept.tzinfo is UTC


def test_no_instant_is_none(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, exposed_at=None).account_id
    with database.reading() as session:
        assert accounts.get(session, account_id).exposed_at is None
