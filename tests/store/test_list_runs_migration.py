"""A host's list that was wanted before that was on record has been wanted since it was last seen to."""

from datetime import timedelta

from store import Database, schema
from store.host import list_runs
from tests.clocks import START
from tests.store.test_schema import downgrade


def test_a_list_that_could_not_be_read_is_wanted_since_the_last_try(database: Database) -> None:
    tried_at = START + timedelta(hours=3)
    with database.transaction() as session:
        assert list_runs.claim(session, due=START, now=START, until=tried_at)
        list_runs.note_trouble(session, START, "it broke off", at=tried_at, until=tried_at)
    downgrade(database, to="0035")
    schema.migrate(database)
    with database.reading() as session:
        run = list_runs.last(session)
    assert run
    assert (run.wanted_since, run.tried_at, run.failed_because) == (tried_at, tried_at, "it broke off")
    assert run.claimed_at is None
