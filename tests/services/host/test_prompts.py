"""A host's sign-in shows what Offramp's own pages would, and its answers are written down as theirs are."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import Unknown
from domain.facts import Milestone, SmsState
from domain.host.ceremonies import Ceremonies
from domain.journal import EventKind
from domain.policy import SecondRoute
from domain.prompts import ANSWERABLE_FOR, CANNOT_NOW_PAUSE, CannotReason, PromptAnswer
from domain.rollouts.guardrails import Metric
from domain.rollouts.rollout import FROZEN, Stage, Standing
from domain.rollouts.slices import Dimension, Slice
from domain.switches import Switch
from services.host import prompts
from services.host.prompts import PromptOver, SigningIn, SignInPrompt, ToldAnswer
from services.people import standing
from services.people.prompting import NoSkipsLeft
from store import Database
from store.people import accounts
from store.people.accounts import Account
from store.rollouts import cohorts, slice_holds
from tests.api.world import IPHONE, World, make_world
from tests.ceremonies import PagePeople
from tests.clocks import START, FakeClock
from tests.factories import keep_cohort, make_member, make_passkey, make_policy
from tests.store.journeys.test_milestones import CODES, PASSKEYS, POLICIES, live
from tests.switches import stop

SKIPPED = ToldAnswer(answer=PromptAnswer.SKIPPED)
CANNOT = ToldAnswer(answer=PromptAnswer.CANNOT, reason=CannotReason.NO_DEVICE)
SEEN = ToldAnswer(answer=PromptAnswer.SEEN)
DAY = timedelta(days=1)


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """A running Offramp, on SQLite and on PostgreSQL."""
    return make_world(database, clock)


def ask(world: World, account: Account, **hints: Any) -> SignInPrompt:
    return prompts.ask(world.services, SigningIn(external_id=account.external_id, **hints))


def shown(world: World, account: Account, **hints: Any) -> str:
    prompt = ask(world, account, **hints)
    assert prompt.prompt_id
    return prompt.prompt_id


def answer(world: World, prompt_id: str, told: ToldAnswer, **changes: Any) -> None:
    prompts.answer(world.services, prompt_id, replace(told, **changes))


def as_pages_have_it(world: World, account: Account) -> tuple[Milestone | None, int, datetime | None]:
    with world.database.reading() as session:
        person_standing = standing.read(session, account.account_id, now=world.clock())
    if not person_standing.is_asked:
        return None, 0, None
    return person_standing.next_step, person_standing.skips_left, person_standing.skips_end_at


def as_hosts_have_it(world: World, account: Account) -> tuple[Milestone | None, int, datetime | None]:
    prompt = ask(world, account)
    return prompt.step, prompt.skips_left, prompt.until


def test_every_state_of_the_ways_in_comes_to_the_same_step_as_on_offramps_own_pages(
    world: World, people: PagePeople
) -> None:
    with world.database.transaction() as session:
        ids = [account_id for policy in POLICIES for account_id in live(session, people, policy)]
    moved = [world.reload(account_id) for account_id in ids]
    assert len(moved) == len(POLICIES) * len(PASSKEYS) * len(CODES)
    answers = [as_hosts_have_it(world, account) for account in moved]
    assert answers == [as_pages_have_it(world, account) for account in moved]
    assert {step for step, *_ in answers} == {None, *Milestone} - {Milestone.EMAIL_VERIFIED}


@pytest.mark.parametrize("mandatory_after", [None, 21 * DAY])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"exposed_at": START - timedelta(seconds=0.7), "skips_used": 1},
        {"exposed_at": START - 400 * DAY, "skips_used": 9},
        {"skips_used": 9, "skips_told": 12, "skips_told_until": START + 900 * DAY},
        {"skips_used": 9, "skips_told": 12},
        {"snoozed_until": START + timedelta(seconds=0.5)},
        {"snoozed_until": START + DAY},
        {"rests_until": START + DAY},
        {"rests_until": START - DAY},
    ],
)
def test_what_a_person_was_told_and_has_answered_counts_as_on_offramps_own_pages(
    world: World, changes: dict[str, Any], mandatory_after: timedelta | None
) -> None:
    account = world.account(make_policy(mandatory_after=mandatory_after), **changes)
    assert as_hosts_have_it(world, account) == as_pages_have_it(world, account)


def test_whoever_is_in_a_held_slice_is_not_asked_and_everybody_else_is(world: World) -> None:
    account = world.account()
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account.account_id)
        held = Slice(by=Dimension.BROWSER, value="Safari for iOS 18")
        slice_holds.begin(
            session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=world.clock()
        )
    assert ask(world, account, user_agent=IPHONE).step is None
    assert ask(world, account, user_agent=IPHONE.replace("Version/18", "Version/19")).step is not None
    assert ask(world, account).step is not None


def test_whoever_is_in_a_stopped_slice_is_not_asked_and_everybody_else_is(world: World) -> None:
    account, other = world.account(country="DE"), world.account(country="FR")
    stop(world.database, Switch.PROMPTS, Dimension.COUNTRY, "DE")
    assert (ask(world, account).step, as_pages_have_it(world, account)[0]) == (None, None)
    assert ask(world, other).step is not None
    stop(world.database, Switch.PROMPTS, Dimension.BROWSER, "Safari for iOS")
    assert ask(world, other, user_agent=IPHONE).step is None
    assert ask(world, other).step is not None


@pytest.mark.parametrize("stage", Stage)
def test_a_cohort_that_is_paused_or_given_up_asks_nobody(world: World, stage: Stage) -> None:
    account = world.account()
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account.account_id)
        cohorts.stand(session, cohort_id, Standing(stage=stage, version=2))
    assert (ask(world, account).step is None) is (stage in FROZEN)


@pytest.mark.parametrize(("zone", "step"), [("UTC", Milestone.PASSKEY_PROVEN), ("Pacific/Auckland", None)])
def test_a_passkey_that_signed_in_today_by_the_persons_calendar_is_not_asked_for_again_today(
    world: World, zone: str, step: Milestone | None
) -> None:
    policy = make_policy(proving_days=2, second_routes=(SecondRoute.SYNCED_PASSKEY,))
    account = world.account(policy, time_zone=zone, email_verified_at=START)
    with world.database.transaction() as session:
        tomorrow = START.date() + DAY  # in Auckland it is half past one in the night
        make_passkey(session, account.account_id, used_on=[tomorrow], backed_up=True)
    assert ask(world, account).step is step


def test_whoever_has_travelled_west_and_signed_in_on_a_day_that_is_still_to_come_has_done_so_today_too(
    world: World,
) -> None:
    policy = make_policy(proving_days=3, second_routes=(SecondRoute.SYNCED_PASSKEY,))
    account = world.account(policy, email_verified_at=START)
    with world.database.transaction() as session:
        days = [START.date(), START.date() + DAY]
        make_passkey(session, account.account_id, used_on=days, backed_up=True)
    assert ask(world, account).step is None


def test_nobody_is_asked_who_is_unknown_or_held_out_or_done(world: World) -> None:
    held_out, done = world.account(policy=None), world.ready_account()
    with world.database.transaction() as session:
        make_member(session, keep_cohort(session), held_out.account_id, held_out=True)
    nobody = prompts.ask(world.services, SigningIn(external_id="nobody"))
    assert nobody == ask(world, held_out) == ask(world, done) == SignInPrompt(sms=SmsState.ON)


def test_the_state_of_text_message_codes_is_told_whatever_is_shown(world: World) -> None:
    account = world.ready_account()
    world.set_sms(account, SmsState.SUSPENDED)
    assert ask(world, account) == SignInPrompt(sms=SmsState.SUSPENDED)


@pytest.mark.parametrize(
    ("own", "asked", "later"),
    [
        ("de", None, "Später erinnern"),
        ("de-AT", None, "Später erinnern"),
        ("de", "en-GB", "Remind me later"),
        ("en", "de_CH", "Später erinnern"),
        ("fr", None, "Remind me later"),
        ("en", "no language", "Remind me later"),
    ],
)
def test_the_words_are_in_the_language_of_the_sign_in_or_of_the_account(
    world: World, own: str, asked: str | None, later: str
) -> None:
    words = ask(world, world.account(locale=own), locale=asked).words
    assert words
    assert words.later == later
    assert "Example" in words.title


def test_a_prompt_leads_to_the_guided_set_up_or_to_the_hosts_own_page(
    database: Database, clock: FakeClock
) -> None:
    world = make_world(database, clock)
    account = world.account()
    hosted = "https://accounts.example.test/oidc/authorize?acr_values=urn%3Aofframp%3Asetup"
    assert ask(world, account).go_to == hosted
    for page, link in (
        ("https://shop.example/steps", "https://shop.example/steps?step=email_verified"),
        ("https://shop.example/?page=steps", "https://shop.example/?page=steps&step=email_verified"),
    ):
        at_host = make_world(database, clock, host_setup_url=page, ceremonies=Ceremonies.ORCHESTRATED)
        assert ask(at_host, account).go_to == link


def test_the_question_writes_nothing(world: World) -> None:
    account = world.account()
    before = world.reload(account.account_id).model_dump(), world.kinds(account)
    shown(world, account, user_agent=IPHONE, can_passkey=True)
    assert (world.reload(account.account_id).model_dump(), world.kinds(account)) == before


def test_a_prompt_is_an_exposure_on_a_device_that_can_make_a_passkey(world: World) -> None:
    account = world.account()
    answer(world, shown(world, account, user_agent=IPHONE, can_passkey=True), SEEN)
    assert world.reload(account.account_id).exposed_at == world.clock()
    assert world.journal(account)[-1].detail == {"capable": True, "platform": "iPhone"}


@pytest.mark.parametrize("hint", [None, False])
def test_a_prompt_is_none_where_nobody_knows_that_the_device_can(world: World, hint: bool | None) -> None:
    account = world.account()
    answer(world, shown(world, account, can_passkey=hint), SEEN)
    assert world.reload(account.account_id).exposed_at is None
    assert world.journal(account)[-1].detail == {"capable": False, "platform": "Device"}


def test_what_the_page_found_out_of_the_device_outweighs_the_hint(world: World) -> None:
    account = world.account()
    answer(world, shown(world, account), SEEN, can_passkey=True)
    assert world.reload(account.account_id).exposed_at == world.clock()


def test_putting_it_off_counts_once_and_was_seen(world: World) -> None:
    account = world.account(make_policy(skips_allowed=3, snooze=2 * DAY))
    prompt_id = shown(world, account, can_passkey=True)
    for _ in range(3):
        answer(world, prompt_id, SKIPPED)
    reloaded = world.reload(account.account_id)
    assert (reloaded.skips_used, reloaded.snoozed_until) == (1, START + 2 * DAY)
    assert world.kinds(account)[-2:] == [EventKind.PROMPT_SEEN, EventKind.PROMPT_SKIPPED]
    assert world.journal(account)[-1].detail == {"skips_left": 2}
    assert ask(world, account).step is None
    world.clock.advance(2 * DAY)
    assert ask(world, account).skips_left == 2


def test_each_prompt_is_one_of_its_own(world: World) -> None:
    account = world.account(make_policy(skips_allowed=3))
    tabs = [shown(world, account) for _ in range(2)]
    for prompt_id in tabs:
        answer(world, prompt_id, SKIPPED)
    assert world.reload(account.account_id).skips_used == 2


def test_what_the_person_was_offered_is_taken_although_another_tab_used_the_last_skip(world: World) -> None:
    account = world.account(make_policy(skips_allowed=1))
    tabs = [shown(world, account) for _ in range(2)]
    for prompt_id in tabs:
        answer(world, prompt_id, SKIPPED)
    assert world.journal(account)[-1].detail == {"skips_left": 0}


def test_no_prompt_is_a_dead_end_without_skips_there_is_still_cannot(world: World) -> None:
    account = world.account(make_policy(skips_allowed=0))
    prompt = ask(world, account)
    assert prompt.skips_left == 0
    assert prompt.words
    assert prompt.words.cannot
    with pytest.raises(NoSkipsLeft):
        answer(world, prompt.prompt_id or "", SKIPPED)
    assert world.reload(account.account_id).skips_used == 0
    answer(world, prompt.prompt_id or "", CANNOT)
    reloaded = world.reload(account.account_id)
    assert (reloaded.cannot_reason, reloaded.snoozed_until) == ("no_device", START + CANNOT_NOW_PAUSE)


def test_a_reason_that_is_left_out_is_another_reason(world: World) -> None:
    account = world.account()
    answer(world, shown(world, account), CANNOT, reason=None)
    assert world.journal(account)[-1].detail == {"reason": "other"}


def test_going_there_says_that_it_was_seen_and_no_more(world: World) -> None:
    account = world.account()
    before = len(world.kinds(account))
    answer(world, shown(world, account, can_passkey=True), ToldAnswer(answer=PromptAnswer.WENT))
    assert world.kinds(account)[before:] == [EventKind.PROMPT_SEEN]


def test_a_late_answer_counts_by_its_own_time(world: World) -> None:
    account = world.account(make_policy(snooze=2 * DAY))
    prompt_id = shown(world, account, can_passkey=True)
    world.clock.advance(3 * DAY)
    answer(world, prompt_id, SKIPPED, at=START + timedelta(minutes=1))
    reloaded = world.reload(account.account_id)
    assert reloaded.exposed_at == START + timedelta(minutes=1)
    assert reloaded.snoozed_until == START + 2 * DAY + timedelta(minutes=1)
    assert ask(world, account).step


@pytest.mark.parametrize(
    ("told_at", "counts_at"), [(START - DAY, START), (START + 9 * DAY, START + DAY), (None, START + DAY)]
)
def test_a_time_outside_the_bounds_is_brought_within(
    world: World, told_at: datetime | None, counts_at: datetime
) -> None:
    account = world.account()
    prompt_id = shown(world, account, can_passkey=True)
    world.clock.advance(DAY)
    answer(world, prompt_id, SEEN, at=told_at)
    assert world.reload(account.account_id).exposed_at == counts_at


def test_a_late_refusal_does_not_undo_the_progress_made_since(world: World) -> None:
    account = world.account()
    prompt_id = shown(world, account)
    with world.database.transaction() as session:
        accounts.raise_version(session, account.account_id, progress_at=START + timedelta(hours=2))
    world.clock.advance(DAY)
    answer(world, prompt_id, CANNOT, at=START + timedelta(hours=1))
    assert world.reload(account.account_id).cannot_reason is None
    assert EventKind.CANNOT_NOW not in world.kinds(account)


def test_of_two_refusals_the_later_one_stays_whichever_comes_first(world: World) -> None:
    account = world.account()
    early, late = shown(world, account), shown(world, account)
    world.clock.advance(DAY)
    answer(world, late, CANNOT, at=START + timedelta(hours=2), reason=CannotReason.SHARED_DEVICE)
    answer(world, early, CANNOT, at=START + timedelta(hours=1))
    assert world.reload(account.account_id).cannot_reason == "shared_device"


def test_a_week_later_an_answer_says_nothing_any_more(world: World) -> None:
    account = world.account()
    prompt_id = shown(world, account)
    world.clock.advance(ANSWERABLE_FOR)
    answer(world, prompt_id, SEEN)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(PromptOver):
        answer(world, prompt_id, SKIPPED, at=START)


def test_only_an_id_that_was_given_as_a_prompt_is_taken(world: World) -> None:
    prompt_id = shown(world, world.account())
    tampered = prompt_id[:-6] + ("A" if prompt_id[-6] != "A" else "B") + prompt_id[-5:]
    seal = world.services.seal
    others = [seal.close(text).decode() for text in ('{"code": "402913"}', '["link", 1, 2, 3, 4, 5, 6]', "7")]
    for forged in (tampered, "prompt", "ä", "", *others):
        with pytest.raises(Unknown):
            answer(world, forged, SEEN)


def test_an_id_is_one_part_of_a_path_and_tells_a_reader_nothing(world: World) -> None:
    account = world.account()
    prompt_id = shown(world, account)
    assert set(prompt_id) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert account.account_id not in prompt_id
