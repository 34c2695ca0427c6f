"""Every command of the runbook can be typed as it stands there, with names of one's own in place of capitals."""

import re
import shlex
from pathlib import Path

import pytest

from domain.host.webhooks import new_webhook_secret
from domain.rollouts.guardrails import Metric
from domain.rollouts.slices import Dimension
from offramp.opening import read_settings
from offramp.views.terminal import Exit
from offramp.wiring import make_seal
from store import Database, Session
from store.rollouts.slice_holds import HeldSlice
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription
from tests.clocks import START
from tests.factories import keep_cohort, make_account
from tests.offramp.conftest import Run

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"

HOLD_ID = "0197c3a2-6b1e-7c39-b0aa-4d1c2f9a7e55"

THEIR_OWN = {
    "COHORT": "spring",
    "EXTERNAL_ID": "u-1001",
    "HOLD": HOLD_ID,
    "NAME": "login",
    "…": "the pager rang",
}
"""What an operator puts in place of each word."""

RUN_ON = {"up", "api", "worker", "metrics"}
"""Commands that run until they are stopped: only what they say of themselves is asked for."""


def commands() -> list[str]:
    """The commands in the order of the runbook, each once."""
    return list(dict.fromkeys(re.findall(r"`offramp ([^`]+)`", RUNBOOK.read_text())))


@pytest.fixture
def site(home_database: Database) -> Database:
    """A database with the cohort and the account that an operator names."""
    with home_database.transaction() as session:
        _hold(session, keep_cohort(session))
        make_account(session, external_id="u-1001")
        _subscribe(session)
    return home_database


def _hold(session: Session, cohort_id: str) -> None:
    """A slice of the cohort without the prompt."""
    held_slice = HeldSlice(
        hold_id=HOLD_ID,
        cohort_id=cohort_id,
        dimension=Dimension.BROWSER,
        value="Chrome 131",
        metric=Metric.PROMPT_FAILURES,
        low=0.5,
        size=30,
        since=START,
    )
    session.add(held_slice)


def _subscribe(session: Session) -> None:
    """A receiver that cannot be reached, as its name is none."""
    subscription = WebhookSubscription(
        name="login",
        url="https://host.invalid/offramp",
        sealed_secret=make_seal(read_settings()).close(new_webhook_secret()),
        made_by="olga",
        made_at=START,
    )
    subscriptions.add(session, subscription)


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_runbook_is_understood(offramp: Run, site: Database, command: str) -> None:
    words = [THEIR_OWN.get(word, word) for word in shlex.split(command)]
    assert not [word for word in words if word.isupper()], "a word that the test does not know"
    ran = offramp(*words, *(["--help"] if words[0] in RUN_ON else []))
    # Nothing runs here but the database, so a command may say that Temporal is away, and no worse.
    assert ran.code in (Exit.OK, Exit.NOT_WELL, Exit.UNREACHABLE), ran.err
    assert "Traceback" not in ran.err


def test_the_runbook_has_commands_for_what_it_asks_for() -> None:
    said = {tuple(shlex.split(command)[:2]) for command in commands()}
    assert {("cohort", "abort"), ("cohort", "resume"), ("retiring", "stop"), ("account", "show")} <= said
