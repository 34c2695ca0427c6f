"""Everything that is shown as a table fits a terminal of 80 columns, with no word cut or broken."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from rich.console import RenderableType

from domain.journal import EventKind
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.guardrails import Against, Metric, Sample, assess
from domain.rollouts.rollout import Stage, Standing
from domain.staff.staff import Role
from offramp.clock import clock
from offramp.crowd import pictures
from offramp.crowd.counting import AttackTally, KindTally, Summary
from offramp.crowd.kinds import ATTACKERS, PersonKind
from offramp.views import cohort_pictures, plan_pictures, terminal
from services.rollouts import cohort_plans
from services.rollouts.cohort_portraits import CohortLine, CohortPortrait, LogLine
from services.safety import objections
from store import Database
from store.messages import notices
from store.rollouts.measurements import WaveFunnel
from store.staff import staff_keys
from tests.clocks import START
from tests.factories import make_account, make_cohort, make_guardrail, make_journey, make_passkey
from tests.offramp.conftest import Run
from tests.staff import make_staff

ADDRESS = "maximiliane.von-hohenzollern-sigmaringen@identity.customer-operations.example.com"
COHORT = "spring-2027-prepaid-customers-of-the-north-east"
REASON = "the help desk is full until the day after the holiday, and nobody is there to look at cases"
COLUMNS = 80
WIDE = 1000
DRAWN = re.compile(r"[━╸╺─│╭╮╰╯]+")

Look = Callable[..., str]


@pytest.fixture
def look(offramp: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """What a command, or a picture, looks like on a terminal of some width."""

    def looked(*shown: str | RenderableType, width: int) -> str:
        monkeypatch.setattr(terminal.out, "_width", width)
        if all(isinstance(word, str) for word in shown):
            return offramp(*shown).out
        terminal.out.print(*shown)
        return capsys.readouterr().out

    return looked


def words(shown: str) -> set[str]:
    return {word.rstrip(":,") for word in DRAWN.sub(" ", shown).split()}


def assert_fits(look: Look, *shown: str | RenderableType) -> None:
    narrow, wide = (look(*shown, width=width) for width in (COLUMNS, WIDE))
    assert words(wide)
    assert words(wide) - words(narrow) == set()
    assert "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= COLUMNS


def test_policies_fit(look: Look) -> None:
    assert_fits(look, "policies")


def test_messages_fit(look: Look) -> None:
    assert_fits(look, "messages", "list")


def test_members_of_staff_fit(look: Look, home_database: Database) -> None:
    with home_database.transaction() as session:
        make_staff(session, ADDRESS[-60:], Role.OPERATOR).name = "Maximiliane von Hohenzollern-Sigmaringen"
        make_staff(session, "sam@example.com", Role.VIEWER, joined=False)
    assert_fits(look, "staff", "list")


def test_keys_fit(look: Look, home_database: Database) -> None:
    with home_database.transaction() as session:
        staff_id = make_staff(session, "ada@example.com", Role.SUPPORT).staff_id
        staff_keys.make(session, staff_id, "token", name="zendesk of the second line", at=clock())
    assert_fits(look, "staff", "keys", "ada@example.com")


def test_an_account_and_its_objections_fit(look: Look, home_database: Database) -> None:
    with home_database.transaction() as session:
        ada = make_account(
            session, external_id="customer-0198c0de-0000-7000-8000-00000000ada0", email=ADDRESS[-60:]
        )
        make_journey(session, ada.account_id, STANDARD)
        passkey_id = make_passkey(session, ada.account_id, bound_at=START).passkey_id
        notices.tell(session, ada, Template.PASSKEY_BOUND, event=passkey_id, at=START)
        key = f"{notices.event_key(ada.account_id, Template.PASSKEY_BOUND, passkey_id)}:email"
        objection_id = objections.make(session, key, at=START).objection_id
    assert_fits(look, "account", "objections")
    assert_fits(look, "account", "show", ada.external_id)
    look(
        "account",
        "settle",
        objection_id,
        "--outcome",
        "dismissed",
        "--reason",
        REASON,
        "--by",
        ADDRESS[-60:],
        width=WIDE,
    )
    assert_fits(look, "account", "objections", "--all")


def test_the_plan_of_a_cohort_fits(look: Look, home_database: Database) -> None:
    with home_database.transaction() as session:
        for _ in range(3):
            make_account(session)
        plan = cohort_plans.draw(session, make_cohort(name=COHORT), now=START)
    assert_fits(look, plan_pictures.picture(plan))


def test_cohorts_fit(look: Look) -> None:
    headline = "Wave 2 of 4 is watched, until all guardrails pass or somebody says otherwise"
    line = CohortLine(name=COHORT, stage="baking", headline=headline, launched_at=START)
    assert_fits(look, cohort_pictures.listing([line, line]))


def test_a_cohort_fits(look: Look) -> None:
    assert_fits(look, cohort_pictures.picture(portrait()))


def portrait() -> CohortPortrait:
    """A cohort with everything that can be shown of one."""
    against = make_guardrail(Metric.SIGN_IN_FAILURES, against=Against.HOLDOUT)
    some, many = Sample(hits=3, size=40), Sample(hits=700, size=12_000)
    first = WaveFunnel(wave=0, members=12_345, launched=12_345, passkey_proven=4_321, suspended=1_234)
    return CohortPortrait(
        name=COHORT,
        cohort_id="0198c0de-0000-7000-8000-000000000000",
        launched_at=START,
        policy="standard",
        standing=Standing(stage=Stage.BAKING),
        headline="Wave 1 of 2 is watched",
        waits_for="the guardrails, since a while",
        bakes_for=timedelta(days=2),
        waves=(first, WaveFunnel(wave=None, held_out=True, members=500)),
        passed_over={Ineligibility.EXCLUDED: 12, Ineligibility.JOURNEY_ALREADY: 3_456},
        percents=(2.5, 100.0),
        assessed_at=START,
        draw=None,
        assessments=(assess(make_guardrail(), many), assess(against, some, many)),
        log=(LogLine(at=START, kind="paused", by=ADDRESS[-60:], reason=REASON, detail={"wave": 1}),),
    )


def test_a_crowd_fits(look: Look) -> None:
    counts = dict.fromkeys(EventKind, 123)
    rows = [
        KindTally(kind=kind, people=100, ends={}, by_people=counts, by_database=counts) for kind in PersonKind
    ]
    crowd = Summary(
        rows=rows,
        differences=[],
        broken={},
        seconds=60.0,
        waits=(0.5, 1.5),
        is_whole=True,
        attacks=[AttackTally(kind=kind, attackers=999, defeated=998, succeeded=1) for kind in ATTACKERS],
    )
    assert_fits(look, pictures.picture(crowd))
