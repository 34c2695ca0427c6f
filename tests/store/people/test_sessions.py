"""A session lives until it expires or is ended, and is kept without its token."""

from datetime import timedelta

import pytest

from domain.facts import Method
from store import Database
from store.people import sessions
from tests.clocks import START
from tests.factories import make_account, make_web_session


@pytest.fixture
def tokens(database: Database, account_id: str) -> list[str]:
    """Three browsers of one account, the last signed in by a passkey; and one of somebody else."""
    names = ["first", "second", "third"]
    with database.transaction() as session:
        for name in names:
            passkey_id = "passkey" if name == "third" else None
            make_web_session(
                session, name, account_id=account_id, method=Method.PASSKEY, passkey_id=passkey_id
            )
        make_web_session(session, "theirs", account_id=make_account(session).account_id)
    return [*names, "theirs"]


def living(database: Database, tokens: list[str], *, after: timedelta = timedelta()) -> list[str]:
    with database.reading() as session:
        return [token for token in tokens if sessions.find(session, token, now=START + after)]


def test_a_session_is_found_by_its_token_alone(
    database: Database, account_id: str, tokens: list[str]
) -> None:
    with database.reading() as session:
        row = sessions.find(session, "first", now=START)
        assert row is not None
        assert row.account_id == account_id
        assert "first" not in str(row.model_dump())
        assert sessions.find(session, "nobody's", now=START) is None


def test_sessions_expire(database: Database, tokens: list[str]) -> None:
    assert living(database, tokens, after=timedelta(hours=12) - timedelta(seconds=1)) == tokens
    assert living(database, tokens, after=timedelta(hours=12)) == []


def test_one_session_is_ended_alone(database: Database, tokens: list[str]) -> None:
    with database.transaction() as session:
        first = sessions.find(session, "first", now=START)
        assert first is not None
        sessions.end(session, first.session_id, at=START)
    assert living(database, tokens) == ["second", "third", "theirs"]


def test_all_of_an_accounts_sessions_are_ended_but_the_one_to_keep(
    database: Database, account_id: str, tokens: list[str]
) -> None:
    with database.transaction() as session:
        second = sessions.find(session, "second", now=START)
        assert second is not None
        sessions.end_all(session, account_id, at=START, keep=second.session_id)
    assert living(database, tokens) == ["second", "theirs"]
    with database.transaction() as session:
        sessions.end_all(session, account_id, at=START)
    assert living(database, tokens) == ["theirs"]


def test_a_removed_passkey_takes_its_sessions_with_it(database: Database, tokens: list[str]) -> None:
    with database.transaction() as session:
        sessions.end_of_passkey(session, "passkey", at=START)
    assert living(database, tokens) == ["first", "second", "theirs"]
