"""Where the switch of retiring stood in an earlier release is among the stops after the migration, and back again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.retiring import Retiring
from domain.rollouts.slices import Dimension
from domain.staff.staff import AuditKind, Author
from domain.switches import Switch
from store import Database, schema
from store.journeys import retiring, switches
from store.staff import audit
from tests.clocks import START
from tests.store.test_schema import downgrade
from tests.switches import stop

HOUR = timedelta(hours=1)
STOPPED = Retiring(is_stopped=True, since=START, by="ada", reason="a look", accepted={"facts_journaled": 2})
BY_ITSELF = Retiring(
    is_stopped=True, since=START, by="offramp", reason="invariant: facts_journaled", is_automatic=True
)
RESUMED = Retiring(since=START + HOUR, by="bob", reason="all well", accepted={"facts_journaled": 2})
SET = (
    "UPDATE retiring_switch SET is_stopped = :is_stopped, since = :since, by = :by, reason = :reason, "
    "is_automatic = :is_automatic, accepted = :accepted"
)


def put(database: Database, before: Retiring) -> None:
    """As the earlier release has it."""
    values = {
        "is_stopped": before.is_stopped,
        "since": before.since.replace(tzinfo=None) if before.since else None,
        "by": before.by,
        "reason": before.reason,
        "is_automatic": before.is_automatic,
        "accepted": '{"facts_journaled": 2}' if before.accepted else "{}",
    }
    if database.engine.dialect.name == "postgresql":
        values["since"] = before.since
    with database.transaction() as session:
        session.execute(text(SET), values)


@pytest.mark.parametrize("before", [Retiring(), STOPPED, BY_ITSELF, RESUMED])
def test_the_switch_stands_where_it_stood(database: Database, before: Retiring) -> None:
    downgrade(database, to="0049")
    put(database, before)
    schema.migrate(database)
    assert state(database) == before
    downgrade(database, to="0049")
    schema.migrate(database)
    assert state(database) == before


def test_what_had_gone_on_again_has_its_stop_from_the_audit(database: Database) -> None:
    with database.transaction() as session:
        kind = AuditKind.RETIRING_STOPPED
        audit.append(session, Author(by="ada"), kind, at=START, reason="texts fail")
    downgrade(database, to="0049")
    put(database, RESUMED)
    schema.migrate(database)
    with database.reading() as session:
        (ended,) = switches.latest(session, limit=9)
    assert (ended.since, ended.by, ended.reason) == (START, "ada", "texts fail")
    assert (ended.ended_at, ended.ended_by, ended.ended_because) == (START + HOUR, "bob", "all well")


def test_what_was_stopped_for_some_is_stopped_for_everybody_where_slices_are_unknown(
    database: Database,
) -> None:
    stop(database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    downgrade(database, to="0049")
    schema.migrate(database)
    assert state(database).is_stopped
    with database.reading() as session:
        (open_stop,) = switches.open_stops(session, Switch.RETIRING)
    assert (open_stop.slice, open_stop.reason) == (None, "something is down")


def state(database: Database) -> Retiring:
    with database.reading() as session:
        return retiring.read(session)
