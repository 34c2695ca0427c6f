"""The last sign of life is kept, by name."""

from datetime import timedelta

from store import Database
from store.engine import heartbeats
from tests.clocks import START
from tests.store.racing import at_once


def beat(database: Database, name: str, *, after: timedelta = timedelta()) -> None:
    with database.transaction() as session:
        heartbeats.beat(session, name, at=START + after)


def test_the_last_sign_of_life_counts(database: Database) -> None:
    with database.reading() as session:
        assert heartbeats.last(session, "relay") is None
    beat(database, "relay")
    beat(database, "relay", after=timedelta(seconds=2))
    beat(database, "another")
    with database.reading() as session:
        assert heartbeats.last(session, "relay") == START + timedelta(seconds=2)


def test_two_that_begin_at_once_do_not_disturb_each_other(database: Database) -> None:
    at_once(lambda: beat(database, "relay"))
    with database.reading() as session:
        assert heartbeats.last(session, "relay") == START
