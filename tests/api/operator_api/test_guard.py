"""The guard as JSON: a program raises it and lets it last longer, and never makes it protect less."""

from datetime import timedelta

import pytest

from domain.safety.guard import Guard
from domain.staff.staff import AuditKind, Role
from store.engine import raised_guards
from tests.api.operator_api.test_operator_api import Program
from tests.api.staff.staff import audited
from tests.api.world import World

WHY = {"reason": "many SIM swaps", "on_behalf_of": "the alarm of the night"}


@pytest.fixture
def program(world: World) -> Program:
    """A program with an admin's key."""
    return Program(world, Role.ADMIN)


def find_up(world: World) -> Guard | None:
    with world.database.reading() as session:
        return raised_guards.find_up(session, now=world.clock())


def test_a_program_raises_it_and_reads_where_it_stands(world: World, program: Program) -> None:
    assert program.get("/guard").json() == {"is_up": False, "up": None, "past": []}
    answer = program.send("/guard", length="PT6H", **WHY)
    assert (answer.status_code, answer.json()["is_up"]) == (200, True)
    assert program.get("/guard").json() == answer.json()
    up = find_up(world)
    assert up is not None
    assert (up.until - world.clock(), up.reason) == (timedelta(hours=6), "many SIM swaps")
    assert "for the alarm of the night" in up.by
    assert audited(world)[-1].kind == AuditKind.GUARD_RAISED


def test_it_lets_it_last_longer_and_not_shorter(world: World, program: Program) -> None:
    program.send("/guard", length="PT6H", **WHY)
    assert program.send("/guard", length="P1D", **WHY).status_code == 200
    before = find_up(world)
    assert program.send("/guard", length="PT15M", **WHY).status_code == 403
    assert find_up(world) == before


@pytest.mark.parametrize("length", ["PT14M", "P8D", "soon", ""])
def test_a_length_that_is_not_allowed_raises_nothing(world: World, program: Program, length: str) -> None:
    assert program.send("/guard", length=length, **WHY).status_code in (400, 422)
    assert find_up(world) is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.OPERATOR])
def test_others_read_it_and_do_not_raise_it(world: World, role: Role) -> None:
    program = Program(world, role)
    assert program.get("/guard").status_code == 200
    assert program.send("/guard", length="PT6H", **WHY).status_code == 403
    assert find_up(world) is None


def test_it_wants_a_reason_without_anybodys_number(world: World, program: Program) -> None:
    assert program.send("/guard", length="PT6H", **(WHY | {"reason": " "})).status_code >= 400
    assert (
        program.send("/guard", length="PT6H", **(WHY | {"reason": "call +49 30 1234567"})).status_code >= 400
    )
    assert find_up(world) is None
