"""The console as JSON: what operators' programs read and order, and who they have to be."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.rollout import Command, Stage
from domain.safety.end_dates import EndDate
from domain.staff.staff import AuditKind, Role
from store.rollouts import cohorts, passed_over
from tests.api.console.operators import SMALL, away, log, stage
from tests.api.staff.staff import at_desk, audited
from tests.api.support_api.test_support_api import key_of
from tests.api.world import World
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_member, make_policy

WHY = {"reason": "the plan of spring", "on_behalf_of": "the release pipeline"}
NAME = "spring"
DAY = timedelta(days=1)


@pytest.fixture
def cohort_id(world: World) -> str:
    """A launched cohort with an end date, and somebody on the way."""
    policy = make_policy(end=EndDate(at=START + 60 * DAY), name="of spring")
    account = world.account(policy)
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(name=NAME, policy=policy))
        make_member(session, cohort_id, account.account_id)
    return cohort_id


class Program:
    """A program with a key of a member of a role."""

    def __init__(self, world: World, role: Role = Role.OPERATOR) -> None:
        self.browser = world.browser("203.0.113.20")
        self.headers = key_of(world, role)

    def get(self, path: str) -> Response:
        return self.browser.client.get(f"/v1{path}", headers=self.headers)

    def send(self, path: str, method: str = "POST", **body: Any) -> Response:
        return self.browser.client.request(method, f"/v1{path}", json=body, headers=self.headers)


@pytest.fixture
def program(world: World) -> Program:
    return Program(world)


READS = [
    "/cohorts",
    f"/cohorts/{NAME}",
    f"/cohorts/{NAME}/end",
    f"/cohorts/{NAME}/passed-over",
    f"/cohorts/{NAME}/comparison?with={NAME}",
    "/adoption",
    "/today",
]
ORDERS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/cohorts", {"description": SMALL}),
    ("PUT", f"/cohorts/{NAME}", {"description": SMALL, "seen": 1}),
    ("POST", f"/cohorts/{NAME}/orders/pause", {"seen": 1}),
    ("POST", "/cohorts/pause-all", {}),
    ("PUT", f"/cohorts/{NAME}/end", {"day": None, "seen": 1}),
    ("POST", f"/cohorts/{NAME}/slices/none/lift", {}),
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("cohort_id")
def test_everybody_of_the_staff_reads_and_operators_order(world: World, role: Role) -> None:
    program = Program(world, role)
    for path in READS:
        assert program.get(path).status_code == 200, path
    for method, path, body in ORDERS:
        answer = program.send(path, method, **WHY, **body)
        is_refused = answer.json().get("reason") == "forbidden"
        assert is_refused is (role not in (Role.OPERATOR, Role.ADMIN)), (path, answer.text)


@pytest.mark.usefixtures("cohort_id")
def test_nobody_reads_or_orders_without_a_key(world: World) -> None:
    program = Program(world)
    program.headers = {"authorization": "Bearer none"}
    answers = [program.get(path) for path in READS]
    answers += [program.send(path, method, **WHY, **body) for method, path, body in ORDERS]
    assert {(answer.status_code, answer.json()["reason"]) for answer in answers} == {(401, "signed_out")}


def test_a_cohort_is_planned_launched_looked_at_and_commanded(world: World, program: Program) -> None:
    planned = program.send("/cohorts/plan", description=SMALL)
    assert (planned.status_code, planned.json()["is_launched"]) == (200, False)
    launched = program.send("/cohorts", **WHY, description=SMALL)
    assert (launched.status_code, launched.json()["name"]) == (201, "small")
    assert [line["name"] for line in program.get("/cohorts").json()["cohorts"]] == ["small"]
    shown = program.get("/cohorts/small").json()
    seen = shown["standing"]["version"]
    paused = program.send("/cohorts/small/orders/pause", **WHY, seen=seen)
    assert (paused.status_code, paused.json()["standing"]["stage"]) == (200, Stage.PAUSED)
    entry = log(world, shown["cohort_id"])[0]
    assert (entry.kind, entry.reason) == ("pause", WHY["reason"])
    assert entry.by == "operator@example.com, for the release pipeline"
    assert audited(world)[-1].kind == AuditKind.ROLLOUT_ORDERED


@pytest.mark.usefixtures("cohort_id")
def test_an_order_on_a_standing_that_has_changed_is_refused_with_the_reason(program: Program) -> None:
    paused = program.send(f"/cohorts/{NAME}/orders/pause", **WHY, seen=1).json()["standing"]
    late = program.send(f"/cohorts/{NAME}/orders/resume", **WHY, seen=paused["version"] - 1)
    assert (late.status_code, late.json()["reason"]) == (409, "not_allowed_now")
    assert "has moved on" in late.json()["detail"]
    still = program.get(f"/cohorts/{NAME}").json()["standing"]
    assert still == paused


@pytest.mark.parametrize("command", [Command.ABORT, Command.ROLLBACK])
def test_what_cannot_be_undone_takes_a_person(
    world: World, program: Program, cohort_id: str, command: Command
) -> None:
    answer = program.send(f"/cohorts/{NAME}/orders/{command}", **WHY, seen=1)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_by_key")
    assert stage(world, cohort_id) not in (Stage.ABORTED, Stage.ROLLED_BACK)


def test_a_key_says_for_whom_it_orders_and_every_order_says_why(
    world: World, program: Program, cohort_id: str
) -> None:
    nameless = program.send(f"/cohorts/{NAME}/orders/pause", reason="why", seen=1)
    assert (nameless.status_code, nameless.json()["reason"]) == (422, "bad_reason")
    unexplained = program.send(f"/cohorts/{NAME}/orders/pause", **WHY | {"reason": " "}, seen=1)
    assert (unexplained.status_code, unexplained.json()["reason"]) == (422, "bad_reason")
    assert stage(world, cohort_id) != Stage.PAUSED


def test_mistakes_of_a_description_are_named_with_their_place(program: Program) -> None:
    for path, body in (("/cohorts/plan", {}), ("/cohorts", WHY)):
        answer = program.send(path, **body, description='name = "small"\nwho = 3\n')
        assert (answer.status_code, answer.json()["reason"]) == (422, "bad_description")
        assert "who" in answer.json()["detail"]


def test_the_description_of_a_launched_cohort_is_changed_by_a_person_and_by_no_key(
    world: World, program: Program
) -> None:
    program.send("/cohorts", **WHY, description=SMALL)
    longer = SMALL + 'bake = "3 days"\n'
    by_key = program.send("/cohorts/small", "PUT", **WHY, description=longer, seen=1)
    assert (by_key.status_code, by_key.json()["reason"]) == (403, "not_by_key")
    desk = at_desk(world, Role.OPERATOR)
    body = {"reason": "longer", "description": longer, "seen": 1}
    stale = desk.browser.client.put("/v1/cohorts/small", json=body)
    assert (stale.status_code, stale.json()["reason"]) == (403, "step_up")
    desk.step_up()
    other = desk.browser.client.put("/v1/cohorts/other", json=body)
    assert (other.status_code, other.json()["reason"]) == (409, "not_allowed_now")
    assert desk.browser.client.put("/v1/cohorts/small", json=body).status_code == 200
    with world.database.reading() as session:
        row = cohorts.by_name(session, "small")
        assert row
        assert cohorts.description(row).waves[0].bake == 3 * DAY


def test_whoever_reads_the_audit_of_a_member_finds_what_their_programs_did(
    world: World, program: Program, cohort_id: str
) -> None:
    program.send("/cohorts/pause-all", **WHY)
    entry = audited(world)[-1]
    assert (entry.by, entry.detail["on_behalf_of"]) == ("operator@example.com", WHY["on_behalf_of"])
    assert log(world, cohort_id)[0].by == f"operator@example.com, for {WHY['on_behalf_of']}"


def test_a_length_of_time_that_no_rollout_can_wait_is_refused(
    world: World, program: Program, cohort_id: str
) -> None:
    for length in ("P9999999D", "-P1D", "PT0S"):
        answer = program.send(f"/cohorts/{NAME}/orders/extend", **WHY, seen=1, extend_by=length)
        assert answer.status_code in (409, 422), length
    assert stage(world, cohort_id) == Stage.LAUNCHING


def test_an_end_date_is_moved_later_by_a_key_and_nearer_by_two_members_alone(
    program: Program, cohort_id: str
) -> None:
    path = f"/cohorts/{NAME}/end"
    assert program.get(path).json()["outlook"]["people"]["not_seen"] == 1
    nearer = program.send(path, "PUT", **WHY, day="2026-04-01", seen=1)
    assert (nearer.status_code, nearer.json()["reason"]) == (409, "not_allowed_now")
    assert "two members" in nearer.json()["detail"]
    later = program.send(path, "PUT", **WHY, day="2026-06-01", zone="Europe/Berlin", seen=1)
    assert (later.status_code, later.json()["ends_at"]) == (200, "2026-05-31T22:00:00Z")
    lifted = program.send(path, "PUT", **WHY, day=None, seen=2)
    assert (lifted.status_code, lifted.json()["ends_at"]) == (200, None)


def test_all_rollouts_are_paused_at_once(world: World, program: Program, cohort_id: str) -> None:
    answer = program.send("/cohorts/pause-all", **WHY).json()
    assert (answer["are_all_paused"], [each["cohort"] for each in answer["rollouts"]]) == (True, [NAME])
    assert stage(world, cohort_id) == Stage.PAUSED


def test_nobody_there_is_said_so_and_when_to_ask_again(world: World, program: Program) -> None:
    away(world)
    answer = program.send("/cohorts", **WHY, description=SMALL)
    assert (answer.status_code, answer.json()["reason"]) == (503, "no_answer")
    assert answer.headers["retry-after"]


def test_whom_launches_have_passed_over_is_read_page_by_page_and_noted(
    world: World, program: Program, cohort_id: str
) -> None:
    for _ in range(3):
        account = world.account()
        with world.database.transaction() as session:
            make_member(session, cohort_id, account.account_id)
            passed_over.note(
                session, cohort_id, {account.account_id: Ineligibility.NO_PHONE}, at=world.clock()
            )
    first = program.get(f"/cohorts/{NAME}/passed-over?limit=2").json()
    rest = program.get(f"/cohorts/{NAME}/passed-over?limit=2&after={first['after']}").json()
    assert (len(first["people"]), len(rest["people"]), rest["after"]) == (2, 1, None)
    assert audited(world)[-1].kind == AuditKind.LIST_SEEN


def test_an_unknown_cohort_is_not_there(program: Program) -> None:
    for path in READS[1:5]:
        assert program.get(path).json()["reason"] == "unknown", path


def test_a_member_at_the_console_may_use_it_without_a_key(world: World, cohort_id: str) -> None:
    desk = at_desk(world, Role.OPERATOR)
    assert desk.browser.client.get(f"/v1/cohorts/{NAME}").json()["cohort_id"] == cohort_id
