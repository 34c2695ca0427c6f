"""The switches as JSON: programs read what is stopped, and turn what takes no ceremony."""

import pytest

from domain.rollouts.slices import Dimension, Slice
from domain.staff.staff import AuditKind, Role
from domain.switches import Switch
from store.journeys import switches
from tests.api.operator_api.test_operator_api import Program
from tests.api.staff.staff import audited
from tests.api.world import World
from tests.switches import stop

WHY = {"reason": "texts fail", "on_behalf_of": "the night shift"}


@pytest.fixture
def program(world: World) -> Program:
    return Program(world)


def test_a_program_stops_something_for_a_slice_and_lets_it_go_on(world: World, program: Program) -> None:
    assert program.get("/switches").json() == {"is_stopped": False, "stops": []}
    begun = program.send("/switches/nudges/stop", by="country", value="de", **WHY).json()
    assert (begun["switch"], begun["slice"]) == ("nudges", {"by": "country", "value": "DE"})
    assert program.get("/switches").json() == {"is_stopped": True, "stops": [begun]}
    ended = program.send("/switches/nudges/resume", by="country", value="DE", **WHY).json()
    assert (ended["stop_id"], ended["ended_because"]) == (begun["stop_id"], "texts fail")
    assert not program.get("/switches").json()["is_stopped"]
    turns = [entry for entry in audited(world) if entry.kind.startswith("switch_")]
    assert [entry.kind for entry in turns] == [AuditKind.SWITCH_STOPPED, AuditKind.SWITCH_RESUMED]
    assert {entry.detail["on_behalf_of"] for entry in turns} == {"the night shift"}


def test_a_refusal_says_why_and_changes_nothing(world: World, program: Program) -> None:
    answer = program.send("/switches/launches/stop", by="browser", value="Chrome", **WHY)
    assert (answer.status_code, "only for everybody, or by country" in answer.text) == (409, True)
    stop(world.database, Switch.NUDGES)
    assert program.send("/switches/nudges/stop", **WHY).status_code == 409
    with world.database.reading() as session:
        assert len(switches.open_stops(session)) == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.SUPPORT])
@pytest.mark.parametrize("order", ["stop", "resume"])
def test_no_key_turns_retiring(world: World, role: Role, order: str) -> None:
    stop(world.database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    assert Program(world, role).send(f"/switches/retiring/{order}", **WHY).status_code == 403
    with world.database.reading() as session:
        (left,) = switches.open_stops(session)
    assert left.slice == Slice(by=Dimension.COUNTRY, value="DE")
