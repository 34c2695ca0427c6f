"""The switches for everything at once: who turned them, for whom, and why."""

import pytest

from domain.errors import Refused
from domain.retiring import Retiring
from domain.rollouts.slices import Dimension, Slice
from domain.staff.reasons import BadReason
from domain.staff.staff import AuditKind
from domain.switches import BadSlice, Switch
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import Database
from store.journeys import retiring
from store.journeys import switches as stored_switches
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.switches import ADA, resume, stop, turn

COUNTRY, PROVIDER = Dimension.COUNTRY, Dimension.PROVIDER


def test_a_stop_and_its_end_are_kept_with_who_when_and_why(database: Database) -> None:
    stop(database, Switch.NUDGES, COUNTRY, "de")
    with database.reading() as session:
        (begun,) = stored_switches.open_stops(session)
    assert (begun.switch, begun.slice) == (Switch.NUDGES, Slice(by=COUNTRY, value="DE"))
    assert (begun.since, begun.by, begun.reason) == (START, "ada", "something is down")
    resume(database, Switch.NUDGES, COUNTRY, "DE")
    with database.reading() as session:
        assert stored_switches.open_stops(session) == []
        (ended,) = stored_switches.latest(session, limit=9)
        entries = audit.latest(session, Sought(), limit=9)
    assert (ended.stop_id, ended.ended_at, ended.ended_by) == (begun.stop_id, START, "ada")
    assert [(entry.kind, entry.by, entry.detail) for entry in reversed(entries)] == [
        (AuditKind.SWITCH_STOPPED, "ada", {"switch": "nudges", "people": "country DE"}),
        (AuditKind.SWITCH_RESUMED, "ada", {"switch": "nudges", "people": "country DE"}),
    ]


def test_one_stop_ends_and_those_for_other_people_stay(sqlite_database: Database) -> None:
    stop(sqlite_database, Switch.PROMPTS)
    stop(sqlite_database, Switch.PROMPTS, COUNTRY, "DE")
    resume(sqlite_database, Switch.PROMPTS)
    with sqlite_database.reading() as session:
        assert [each.whom for each in stored_switches.open_stops(session)] == ["country DE"]
    with pytest.raises(Refused, match="prompts are not stopped; it is for country DE"):
        resume(sqlite_database, Switch.PROMPTS)


def test_what_is_stopped_is_not_stopped_again(sqlite_database: Database) -> None:
    stop(sqlite_database, Switch.LAUNCHES, COUNTRY, "DE")
    with pytest.raises(Refused, match="launches for country DE are stopped already, by ada"):
        stop(sqlite_database, Switch.LAUNCHES, COUNTRY, "DE")
    stop(sqlite_database, Switch.LAUNCHES, COUNTRY, "FR")


def test_both_need_a_reason(sqlite_database: Database) -> None:
    without = SwitchTurn(switch=Switch.NUDGES, reason=" ", at=START)
    with pytest.raises(BadReason), sqlite_database.transaction() as session:
        switches.stop(session, ADA, without)
    stop(sqlite_database, Switch.NUDGES)
    with pytest.raises(BadReason), sqlite_database.transaction() as session:
        switches.resume(session, ADA, without, {})


@pytest.mark.parametrize(
    ("dimension", "value", "problem"),
    [(COUNTRY, "Germany", "no country has the code"), (PROVIDER, "Acme", "no passkey provider is called")],
)
def test_a_country_or_a_provider_that_nobody_knows_is_refused(
    dimension: Dimension, value: str, problem: str
) -> None:
    with pytest.raises(BadSlice, match=problem):
        turn(Switch.RETIRING, dimension, value)


def test_retiring_for_some_people_leaves_the_switch_for_everybody_as_it_was(
    sqlite_database: Database,
) -> None:
    stop(sqlite_database, Switch.RETIRING, PROVIDER, "bitwarden")
    with sqlite_database.reading() as session:
        assert retiring.read(session) == Retiring()
        (begun,) = stored_switches.open_stops(session)
        assert begun.slice == Slice(by=PROVIDER, value="Bitwarden")
        assert begun.aaguids == ("d548826e-79b4-db40-a3d8-11116f7e8349",)
