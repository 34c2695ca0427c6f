"""`offramp cohort`, as it is typed: plans and lists without Temporal, and commands to rollouts that run."""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.rollouts.rollout import Stage
from offramp.usage.options import os_user
from services.rollouts.cohort_files import parse
from store import Database
from store.rollouts import cohorts, tallies
from tests.factories import keep_cohort, make_account
from tests.offramp.conftest import Ran, Run
from tests.temporal import end_journeys, journey_worker
from tests.waiting import eventually
from workflows import rollouts
from workflows.rollouts import workflow_id

SPRING = """
name = "spring"
policy = "fast"
pace = 6000
guardrails = []
assess_every = "1 s"
[[waves]]
percent = 50
bake = "10 min"
[[waves]]
percent = 100
bake = "10 min"
"""
WHY = ("--reason", "a test")


@pytest.fixture
def file(home: Path) -> Path:
    path = home.parent / "cohort.toml"
    path.write_text(SPRING)
    return path


def people(database: Database, count: int, **changes: Any) -> None:
    with database.transaction() as session:
        for _ in range(count):
            make_account(session, **changes)


def log(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        row = cohorts.by_name(session, "spring")
        assert row
        return [
            (entry.kind, entry.by, entry.reason)
            for entry in reversed(cohorts.entries(session, row.cohort_id))
        ]


def test_a_plan_tells_people_waves_and_times(offramp: Run, home_database: Database, file: Path) -> None:
    people(home_database, 10)
    people(home_database, 1, phone=None)
    people(home_database, 2, sms_method="only")
    ran = offramp("cohort", "plan", str(file))
    assert ran.code == 0
    assert "13 members; 0 held out; 12 journeys to start, about" in ran.out
    assert "1 cannot take part: they have no phone number" in ran.out
    assert "2 have text-message codes as their only way in at the service" in ran.out
    assert "11 have ways in there of which the service has told nothing" in ran.out
    assert "E-mails a day at most" in ran.out
    with home_database.reading() as session:
        assert cohorts.every(session) == []


def test_a_plan_is_there_for_machines(offramp: Run, home_database: Database, file: Path) -> None:
    people(home_database, 10)
    answer = json.loads(offramp("cohort", "plan", str(file), "--json").out)
    assert answer["census"]["people"] == 10
    assert [wave["people"] for wave in answer["forecast"]["waves"]] == [5, 5]
    assert sum(day["emails"] for day in answer["forecast"]["days"]) == 30


def test_a_plan_warns_of_guardrails_that_cannot_pass(offramp: Run, home_database: Database) -> None:
    people(home_database, 10)
    described = SPRING.replace("guardrails = []", "").replace("fast", "standard")
    ran = offramp("cohort", "plan", "-", stdin=described.encode())
    assert "lock_outs needs 249 to pass, even if nothing goes wrong: it holds wave 1, 2" in ran.out
    assert "at least 7 d 23 h longer than its bake" in ran.out


@pytest.mark.parametrize(
    ("described", "refusal"),
    [
        (b"name = ", "describes no cohort, for 1 mistake:\n  end of document: Invalid value"),
        (b'name = "a"\npase = 3', "for 2 mistakes:\n  waves: is missing"),
        (b"\xff", "is not UTF-8 (byte 1)"),
        (b"#" * (1 << 20) + b"##", "is larger than 1 MiB"),
    ],
)
def test_a_bad_description_is_refused_with_every_mistake(
    offramp: Run, home_database: Database, described: bytes, refusal: str
) -> None:
    ran = offramp("cohort", "plan", "-", stdin=described)
    assert ran.code == 2
    assert refusal in ran.err
    assert ran.out == ""


def test_a_file_that_is_not_there_is_told(offramp: Run) -> None:
    ran = offramp("cohort", "launch", "nowhere.toml", *WHY)
    assert (ran.code, ran.err) == (2, "offramp: nowhere.toml cannot be read: No such file or directory\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("launch", "cohort.toml"),
        ("edit", "cohort.toml"),
        ("pause", "spring"),
        ("extend", "spring", "--by", "1 h"),
    ],
)
def test_without_temporal_nothing_is_ordered(
    offramp: Run, home_database: Database, file: Path, arguments: tuple[str, ...]
) -> None:
    if arguments[0] != "launch":
        with home_database.transaction() as session:
            keep_cohort(session, parse(SPRING.replace("6000", "7")))
    ran = offramp("cohort", *arguments, *WHY)
    assert ran.code == 3
    assert "Temporal" in ran.err
    with home_database.reading() as session:
        kept = [cohorts.description(row).pace for row in cohorts.every(session)]
        assert kept == ([] if arguments[0] == "launch" else [7])


def test_an_order_needs_a_reason(offramp: Run, home_database: Database) -> None:
    assert offramp("cohort", "pause", "spring").code == 2
    assert "say why" in offramp("cohort", "pause", "spring", "--reason", " ").err


def test_an_extension_needs_a_length_of_time(offramp: Run, home_database: Database) -> None:
    ran = offramp("cohort", "extend", "spring", "--by", "2 dys", *WHY)
    assert (ran.code, "is not a unit of time" in ran.err) == (2, True)


def test_without_cohorts_the_list_is_empty(offramp: Run, home_database: Database) -> None:
    assert offramp("cohort", "list").out == "no cohort has been launched yet\n"
    assert json.loads(offramp("cohort", "list", "--json").out) == []
    ran = offramp("cohort", "status", "spring")
    assert (ran.code, "no cohort is called spring" in ran.err) == (1, True)


def test_somebody_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert os_user() == "unknown"


class Typed:
    """Types commands while the test's own event loop keeps a worker running."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        return await asyncio.to_thread(self._run, "cohort", *arguments, stdin=stdin)


@pytest.fixture
async def typed(
    offramp: Run,
    home_database: Database,
    environment: WorkflowEnvironment,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Typed]:
    """Commands, a worker that obeys them, and ten people."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", environment.client.service_client.config.target_host)
    people(home_database, 10)
    async with journey_worker(environment.client, home_database):
        yield Typed(offramp)
        await end_journeys(environment.client, home_database)


async def stands(database: Database, stage: Stage, *, wave: int = 0) -> None:
    def there() -> bool:
        with database.reading() as session:
            row = cohorts.by_name(session, "spring")
            return row is not None and row.stage == stage and cohorts.standing(row).wave == wave

    await eventually(there, f"the rollout to be {stage} in wave {wave}")


async def test_a_cohort_is_launched_commanded_and_aborted(
    typed: Typed, home_database: Database, file: Path
) -> None:
    launched = await typed("launch", str(file), *WHY, "--by", "ada")
    assert launched.code == 0, launched.err
    await stands(home_database, Stage.BAKING)
    assert "baking wave 1 of 2, 50 %" in (await typed("list")).out

    paused = await typed("pause", "spring", *WHY, "--by", "bilal")
    assert paused.out == "spring: paused in wave 1 of 2, 50 % (bilal: a test)\n"
    again = await typed("pause", "spring", *WHY, "--by", "chiara")
    assert (again.code, "pause is not possible while the rollout is paused" in again.err) == (1, True)

    assert (await typed("resume", "spring", *WHY)).code == 0
    longer = await typed("extend", "spring", "--by", "2 days", *WHY, "--who", "dana")
    assert "baking wave 1 of 2, 50 % (dana: a test)" in longer.out
    assert (await typed("advance", "spring", *WHY)).code == 0
    await stands(home_database, Stage.BAKING, wave=1)
    assert (await typed("abort", "spring", *WHY, "--by", "ada")).out == "spring: aborted (ada: a test)\n"

    written = log(home_database)
    assert ("launch", "ada", "a test") in written
    assert ("pause_refused", "chiara", "a test") in written
    assert [by for kind, by, _ in written if kind in ("pause", "extend", "abort")] == ["bilal", "dana", "ada"]
    resumed = next(by for kind, by, _ in written if kind == "resume")
    assert resumed == os_user()


async def test_a_status_tells_waves_guardrails_and_the_log(typed: Typed, home_database: Database) -> None:
    watched = '[[guardrails]]\nmetric = "undelivered"\nlimit = "5%"\nleast_sample = 500'
    described = SPRING.replace("guardrails = []", "") + watched
    await typed("launch", "-", *WHY, "--by", "ada", stdin=described.encode())
    await stands(home_database, Stage.BAKING)

    def assessed() -> bool:
        with home_database.reading() as session:
            row = cohorts.by_name(session, "spring")
            return row is not None and tallies.latest_assessments(session, row.cohort_id) is not None

    await eventually(assessed, "the first assessment")
    shown = (await typed("status", "spring")).out
    assert "baking wave 1 of 2, 50 %" in shown
    assert "Waits for the end of the wave's bake, " in shown
    assert "undelivered" in shown
    assert "of at least 500" in shown
    assert "launch by ada" in shown
    answer = json.loads((await typed("status", "spring", "--json")).out)
    assert answer["standing"]["stage"] == "baking"
    assert sum(wave["members"] for wave in answer["waves"]) == 10
    assert answer["assessments"][0]["verdict"] == "inconclusive"


async def test_a_status_is_watched_until_it_is_over(
    typed: Typed, home_database: Database, file: Path
) -> None:
    await typed("launch", str(file), *WHY)
    await stands(home_database, Stage.BAKING)
    await typed("rollback", "spring", *WHY, "--by", "ada")
    assert "rolled back (ada: a test)" in (await typed("status", "spring", "--watch")).out


async def test_a_launched_cohort_is_not_launched_again_but_edited(
    typed: Typed, home_database: Database, file: Path
) -> None:
    await typed("launch", str(file), *WHY)
    again = await typed("launch", str(file), *WHY)
    assert (again.code, "there is a cohort named spring already" in again.err) == (1, True)

    await stands(home_database, Stage.BAKING)
    faster = SPRING.replace("6000", "500")
    assert (await typed("edit", "-", *WHY, stdin=faster.encode())).out.startswith("spring is edited: ")
    moved = await typed("edit", "-", *WHY, stdin=(SPRING + "[include]\nphone_only = true").encode())
    assert (moved.code, "include cannot change after the launch" in moved.err) == (1, True)
    plan = await typed("plan", "-", stdin=(SPRING + "[include]\nphone_only = true").encode())
    assert "launched already" in plan.out
    assert "include is another than when spring was launched" in plan.out


async def test_an_order_that_no_worker_takes_is_told(
    offramp: Run,
    home_database: Database,
    file: Path,
    environment: WorkflowEnvironment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", environment.client.service_client.config.target_host)
    monkeypatch.setattr(rollouts, "ANSWERS_WITHIN", timedelta(seconds=1))
    typed = Typed(offramp)
    assert (await typed("launch", str(file), *WHY)).code == 0
    with home_database.reading() as session:
        (row,) = cohorts.every(session)
    ran = await typed("pause", "spring", *WHY)
    await environment.client.get_workflow_handle(workflow_id(row.cohort_id)).terminate("the test is over")
    assert ran.code == 3
    assert "no worker answered in time" in ran.err


async def test_nobody_is_ordered_about_who_is_not_there(typed: Typed) -> None:
    ran = await typed("pause", "spring", *WHY)
    assert (ran.code, "no cohort is called spring" in ran.err) == (1, True)
