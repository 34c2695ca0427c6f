"""A host hears of an end date with each prompt: when it comes, in words too, and that it has come."""

from datetime import timedelta
from typing import Any

import pytest

from domain.desk.acts import Rest
from domain.facts import Milestone
from domain.safety.end_dates import EndDate
from services.host import prompts
from services.host.prompts import SigningIn
from store import Database
from store.journeys import journeys, policies
from store.people import accounts
from tests.api.world import World, make_world
from tests.clocks import START, FakeClock
from tests.factories import make_policy

DAY = timedelta(days=1)
END = START + 30 * DAY
POLICY = make_policy(end=EndDate(at=END))
TOLD: dict[str, Any] = {"told_end_at": END, "told_end_since": START}


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """A running Offramp, on SQLite and on PostgreSQL."""
    return make_world(database, clock)


def test_before_the_end_a_prompt_says_the_day_and_can_be_put_off(world: World) -> None:
    account = world.account(POLICY)
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id, locale="de"))
    assert (prompt.ends_at, prompt.is_over, prompt.until) == (END, False, END)
    assert prompt.skips_left > 0
    assert prompt.words
    assert f"Ab {END.day}. " in prompt.words.body
    assert "bisher" not in prompt.words.body


@pytest.mark.parametrize(
    ("locale", "said"), [("en-GB", f"From {END.day} {END:%B}"), ("en", f"From {END:%B} {END.day}")]
)
def test_every_step_says_the_day_in_the_readers_way(world: World, locale: str, said: str) -> None:
    account = world.account(POLICY, email_verified_at=START)
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id, locale=locale))
    assert prompt.step is Milestone.PASSKEY_ENROLLED
    assert prompt.words
    assert said in prompt.words.body
    assert "as before" not in prompt.words.body


def test_from_the_end_on_the_prompt_cannot_be_put_off_even_by_who_was_left_alone(world: World) -> None:
    account = world.account(POLICY, snoozed_until=END + 9 * DAY, **TOLD)
    world.clock.advance(30 * DAY)
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id))
    assert (prompt.is_over, prompt.skips_left) == (True, 0)
    assert prompt.step is Milestone.EMAIL_VERIFIED
    assert prompt.words
    assert "Since " in prompt.words.body


def test_an_exemption_puts_the_end_off(world: World) -> None:
    account = world.account(POLICY, rest=Rest.OTHER, rests_until=END + 9 * DAY)
    world.clock.advance(31 * DAY)
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id))
    assert (prompt.ends_at, prompt.is_over, prompt.step) == (END + 9 * DAY, False, None)


def test_without_an_end_date_nothing_is_said_of_one(world: World) -> None:
    account = world.account()
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id))
    assert (prompt.ends_at, prompt.is_over) == (None, False)


def test_whoever_has_nothing_left_to_set_up_is_led_there_all_the_same(world: World) -> None:
    account = world.ready_account()
    with world.database.transaction() as session:
        journeys.renew(session, account.account_id, policies.store(session, POLICY, at=START))
        row = accounts.get(session, account.account_id)
        row.told_end_at, row.told_end_since = END, START
        session.add(row)
    world.clock.advance(30 * DAY)
    prompt = prompts.ask(world.services, SigningIn(external_id=account.external_id))
    assert (prompt.step, prompt.is_over) == (None, True)
    assert prompt.go_to
