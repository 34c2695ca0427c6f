"""People whom an earlier release has deleted keep their traces until housekeeping; no row says less than before."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import Database, housekeeping, schema
from store.people import accounts
from store.rights import traces
from tests.clocks import START
from tests.store.test_schema import downgrade
from tests.whole_persons import make_whole_person

TABLES = ("account", "message", "journal", "audit", "session", "passkey", "member")


LATER_COLUMNS = ("forgotten_at", "lacks_device_since", "app_id", "told_end_at", "told_end_since")
"""The column that is new, and those that came after it."""


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of these tables, but for what was not there before."""
    with database.reading() as session:
        return {
            table: [
                {name: value for name, value in row.items() if name not in LATER_COLUMNS}
                for row in session.execute(text(f'SELECT * FROM "{table}" ORDER BY 1, 2')).mappings()
            ]
            for table in TABLES
        }


def test_every_row_stays_as_it_was_and_traces_of_the_deleted_go_afterwards(database: Database) -> None:
    ada = make_whole_person(database)
    bob = make_whole_person(database, external_id="bob", number=2)
    downgrade(database, to="0038")
    with database.transaction() as session:
        session.execute(
            text("UPDATE account SET deleted_at = created_at WHERE account_id = :ada"), {"ada": ada}
        )
    before = rows(database)
    schema.migrate(database)
    assert json.dumps(rows(database), default=str) == json.dumps(before, default=str)
    with database.reading() as session:
        assert traces.left(session, limit=9) == [ada]
    with database.transaction() as session:
        housekeeping.clear(session, now=START)
    with database.reading() as session:
        assert accounts.get(session, ada).forgotten_at == START
        assert accounts.get(session, bob).forgotten_at is None
        whose = session.execute(text("SELECT DISTINCT account_id FROM session")).scalars().all()
    assert whose == [bob]


def test_what_was_forgotten_stays_forgotten_by_a_downgrade_and_the_guards_are_back(
    database: Database,
) -> None:
    make_whole_person(database)
    with database.transaction() as session:
        session.execute(text("UPDATE audit SET came_from = ''"))
    downgrade(database, to="0038")
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT DISTINCT came_from FROM audit")).scalars().all() == [""]
    for statement in ("UPDATE audit SET came_from = ''", "UPDATE journal SET detail = '{}'"):
        refused(database, statement)
    schema.migrate(database)


def refused(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is only ever added to"), database.engine.begin() as connection:
        connection.execute(text(statement))
