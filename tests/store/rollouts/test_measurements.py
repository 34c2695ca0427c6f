"""Rates count people, each once, from their launch on; the funnel says the same of everybody as the milestones do."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from domain.facts import Channel, Milestone, SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import NOT_ARRIVED, Fate, MessageState, Purpose, Template
from domain.milestones import reached
from domain.policy import Policy, SecondRoute
from domain.rollouts.guardrails import HOLDOUT_METRICS, Against, Metric, Verdict
from store import Database, Session
from store.journeys import facts
from store.messages.messages import Message
from store.people import accounts, journal
from store.rollouts import measurements, members
from store.rollouts.measurements import Reached, WaveFunnel
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_cohort,
    make_guardrail,
    make_member,
    make_passkey,
    make_policy,
    make_recovery_codes,
)
from tests.store.rollouts.measuring import measure

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SINCE = START + DAY
K = EventKind
_numbers = count(1)

Story = list[tuple[EventKind, timedelta] | tuple[EventKind, timedelta, dict[str, Any]]]


@pytest.fixture
def cohort_id(database: Database) -> str:
    """A launched cohort without members."""
    with database.transaction() as session:
        return keep_cohort(session)


def tell(session: Session, account_id: str, story: Story, *, actor: Actor = Actor.PERSON) -> None:
    """Write what happened to an account, each at a time after the beginning of the window."""
    for kind, after, *details in story:
        detail: dict[str, Any] = details[0] if details else {}
        journal.append(session, account_id, kind, at=SINCE + after, actor=actor, **detail)


def rate(database: Database, cohort_id: str, metric: Metric, *, held_out: bool = False) -> tuple[int, int]:
    with database.reading() as session:
        sample = measure(session, cohort_id, metric, since=SINCE, held_out=held_out)
    return sample.hits, sample.size


def measured(
    database: Database, cohort_id: str, metric: Metric, *stories: Story, held_out: bool = False
) -> tuple[int, int]:
    """What a metric says of one member for each story."""
    with database.transaction() as session:
        for story in stories:
            tell(session, make_member(session, cohort_id, held_out=held_out), story)
    return rate(database, cohort_id, metric, held_out=held_out)


OFF = (K.SMS_SUSPENDED, timedelta())
BEFORE = (K.SMS_SUSPENDED, -HOUR)
REFUSED = {"method": "sms", "reason": "sms_suspended"}
GONE = {"method": "sms", "reason": "sms_removed"}
MISTYPED = {"method": "sms", "reason": "wrong_code"}
CAPABLE, INCAPABLE = {"capable": True}, {"capable": False}


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("held_out", [False, True])
def test_of_nobody_nothing_is_known(
    database: Database, cohort_id: str, metric: Metric, held_out: bool
) -> None:
    assert rate(database, cohort_id, metric, held_out=held_out) == (0, 0)


LOCK_OUTS: list[tuple[Story, tuple[int, int]]] = [
    ([], (0, 0)),
    ([BEFORE, (K.RECOVERY_CODE_USED, HOUR)], (1, 1)),
    ([OFF], (0, 1)),
    ([OFF, (K.PASSKEY_SIGNED_IN, HOUR)], (0, 1)),
    ([OFF, (K.RECOVERY_CODE_USED, HOUR)], (1, 1)),
    ([OFF, (K.RECOVERY_CODES_PROVEN, HOUR)], (0, 1)),
    ([OFF, (K.RESCUED, HOUR)], (1, 1)),
    ([OFF, (K.RESCUE_ASKED, MINUTE), (K.RESCUE_APPROVED, HOUR), (K.RESCUE_STOPPED, DAY)], (0, 1)),
    ([OFF, (K.SIGN_IN_FAILED, HOUR, REFUSED)], (1, 1)),
    ([OFF, (K.SIGN_IN_FAILED, HOUR, GONE)], (1, 1)),
    ([OFF, (K.SIGN_IN_FAILED, HOUR, MISTYPED)], (0, 1)),
    ([OFF, (K.SIGN_IN_FAILED, HOUR)], (0, 1)),
    ([(K.RECOVERY_CODE_USED, HOUR), (K.SMS_SUSPENDED, 2 * HOUR)], (0, 1)),
    ([OFF, (K.RECOVERY_CODE_USED, HOUR), (K.SIGN_IN_FAILED, DAY, REFUSED)], (1, 1)),
    ([OFF, (K.SMS_RESTORED, HOUR), (K.SMS_SUSPENDED, DAY)], (0, 1)),
]


@pytest.mark.parametrize(("story", "expected"), LOCK_OUTS)
def test_who_needs_a_recovery_code_a_rescue_or_the_missing_text_is_locked_out(
    database: Database, cohort_id: str, story: Story, expected: tuple[int, int]
) -> None:
    assert measured(database, cohort_id, Metric.LOCK_OUTS, story) == expected


FAILED = (K.SIGN_IN_FAILED, HOUR, MISTYPED)
FAILURES: list[tuple[Story, tuple[int, int]]] = [
    ([OFF], (0, 0)),
    ([OFF, (K.PASSKEY_SIGNED_IN, HOUR)], (0, 1)),
    ([OFF, FAILED], (1, 1)),
    ([BEFORE, FAILED], (1, 1)),
    ([OFF, FAILED, (K.SIGNED_IN, HOUR + MINUTE)], (0, 1)),
    ([OFF, FAILED, (K.PASSKEY_SIGNED_IN, 2 * HOUR)], (0, 1)),
    ([OFF, FAILED, (K.PASSKEY_SIGNED_IN, 2 * HOUR + MINUTE)], (1, 1)),
    ([OFF, FAILED, (K.PASSKEY_SIGNED_IN, HOUR + MINUTE), (K.SIGN_IN_FAILED, 9 * HOUR)], (1, 1)),
    ([OFF, (K.PASSKEY_SIGNED_IN, MINUTE), FAILED, FAILED], (1, 1)),
]


@pytest.mark.parametrize(("story", "expected"), FAILURES)
def test_a_failed_sign_in_counts_unless_its_owner_gets_in_within_the_hour(
    database: Database, cohort_id: str, story: Story, expected: tuple[int, int]
) -> None:
    assert measured(database, cohort_id, Metric.SIGN_IN_FAILURES, story) == expected


@pytest.mark.parametrize("story", [[FAILED], [FAILED, (K.SMS_SUSPENDED, 2 * HOUR)]])
def test_what_failed_before_the_suspension_is_not_its_fault(
    database: Database, cohort_id: str, story: Story
) -> None:
    assert measured(database, cohort_id, Metric.SIGN_IN_FAILURES, story) == (0, 0)


def test_the_holdouts_sign_ins_count_as_they_are(database: Database, cohort_id: str) -> None:
    stories: list[Story] = [[FAILED], [(K.SIGNED_IN, HOUR)], [(K.SIGN_IN_FAILED, -HOUR)]]
    sample = measured(database, cohort_id, Metric.SIGN_IN_FAILURES, *stories, held_out=True)
    assert sample == (1, 2)


def test_microseconds_do_not_matter_to_the_hour(database: Database, cohort_id: str) -> None:
    odd = timedelta(microseconds=987_000)
    story: Story = [OFF, (K.SIGN_IN_FAILED, odd), (K.SIGNED_IN, HOUR + odd)]
    assert measured(database, cohort_id, Metric.SIGN_IN_FAILURES, story) == (0, 1)


def test_only_restores_by_the_person_count(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        for actor in (Actor.PERSON, Actor.STAFF, Actor.JOURNEY, Actor.HOST):
            account_id = make_member(session, cohort_id)
            tell(session, account_id, [OFF], actor=Actor.JOURNEY)
            tell(session, account_id, [(K.SMS_RESTORED, HOUR)], actor=actor)
    assert rate(database, cohort_id, Metric.SMS_RESTORES) == (1, 4)


SEEN = (K.PROMPT_SEEN, timedelta(), CAPABLE)
PROMPTS: list[tuple[Story, tuple[int, int]]] = [
    ([(K.PROMPT_SEEN, -HOUR, CAPABLE), (K.CEREMONY_FAILED, HOUR)], (1, 1)),
    ([(K.PROMPT_SEEN, timedelta(), INCAPABLE), (K.CEREMONY_FAILED, HOUR)], (0, 0)),
    ([(K.PROMPT_SEEN, timedelta()), (K.CEREMONY_FAILED, HOUR)], (0, 0)),
    ([SEEN], (0, 1)),
    ([SEEN, (K.CEREMONY_FAILED, HOUR)], (1, 1)),
    ([SEEN, (K.CEREMONY_FAILED, HOUR), (K.PASSKEY_BOUND, DAY)], (0, 1)),
    ([SEEN, (K.PASSKEY_BOUND, MINUTE), (K.CEREMONY_FAILED, HOUR)], (1, 1)),
    ([SEEN, (K.PASSKEY_BOUND, MINUTE), (K.CEREMONY_FAILED, HOUR), (K.PASSKEY_SIGNED_IN, DAY)], (0, 1)),
]


@pytest.mark.parametrize(("story", "expected"), PROMPTS)
def test_a_prompt_has_failed_when_no_passkey_came_of_it_after_all(
    database: Database, cohort_id: str, story: Story, expected: tuple[int, int]
) -> None:
    assert measured(database, cohort_id, Metric.PROMPT_FAILURES, story) == expected


def test_of_those_who_saw_the_prompt_some_cannot_and_some_want_to_hear_no_more(
    database: Database, cohort_id: str
) -> None:
    stories: list[Story] = [
        [SEEN],
        [SEEN, (K.CANNOT_NOW, HOUR, {"reason": "no_device"})],
        [SEEN, (K.PROMPT_SKIPPED, HOUR)],
        [SEEN, (K.REMINDERS_STOPPED, HOUR, {"channel": "email"})],
        [SEEN, (K.MESSAGE_UNSUBSCRIBED, HOUR), (K.CANNOT_NOW, DAY, {"reason": "no_time"})],
        [SEEN, (K.MESSAGE_SPAM_REPORTED, HOUR)],
        [(K.REMINDERS_STOPPED, -HOUR, {"channel": "email"}), SEEN],
        [(K.PROMPT_SEEN, timedelta(), INCAPABLE), (K.CANNOT_NOW, HOUR, {"reason": "no_device"})],
    ]
    assert measured(database, cohort_id, Metric.OPT_OUTS, *stories) == (4, 7)


def test_a_host_is_silent_about_people_whom_it_was_asked_about(database: Database, cohort_id: str) -> None:
    asked = (K.HOST_ASKED, timedelta(), {"change": "suspend"})
    stories: list[Story] = [
        [asked],
        [asked, (K.STUCK, DAY, {"reason": "host_silent"})],
        [asked, (K.STUCK, DAY, {"reason": "host_refused"})],
        [(K.STUCK, DAY, {"reason": "host_silent"})],
    ]
    assert measured(database, cohort_id, Metric.HOST_SILENCE, *stories) == (1, 3)


def test_support_cases_count_after_a_suspension(database: Database, cohort_id: str) -> None:
    case = (K.SUPPORT_CASE, HOUR, {"reason": "lost phone"})
    stories: list[Story] = [[OFF], [OFF, case, case], [case], [case, (K.SMS_SUSPENDED, 2 * HOUR)]]
    assert measured(database, cohort_id, Metric.SUPPORT_CASES, *stories) == (1, 3)


def test_everybody_in_the_holdout_may_be_a_support_case(database: Database, cohort_id: str) -> None:
    stories: list[Story] = [[], [(K.SUPPORT_CASE, HOUR)], [(K.SUPPORT_CASE, -HOUR)]]
    assert measured(database, cohort_id, Metric.SUPPORT_CASES, *stories, held_out=True) == (1, 3)


def write(
    session: Session,
    account_id: str,
    state: MessageState,
    *,
    settled: timedelta,
    age: timedelta,
    fate: Fate | None = None,
) -> None:
    session.add(
        Message(
            key=f"message-{next(_numbers)}",
            account_id=account_id,
            purpose=Purpose.NUDGE,
            template=Template.NUDGE_EMAIL_VERIFIED,
            channel=Channel.EMAIL,
            recipient="someone@example.org",
            locale="en",
            state=state,
            created_at=SINCE + settled - age,
            settled_at=SINCE + settled,
            fate=fate,
        )
    )
    session.flush()


@pytest.mark.parametrize("held_out", [False, True])
def test_messages_count_when_they_were_handed_over_since(
    database: Database, cohort_id: str, held_out: bool
) -> None:
    with database.transaction() as session:
        member, other = (make_member(session, cohort_id, held_out=held_out) for _ in range(2))
        stranger = make_account(session).account_id
        for account_id, state, settled in (
            (member, MessageState.SENT, HOUR),
            (member, MessageState.FAILED, HOUR),
            (other, MessageState.FAILED, HOUR),
            (other, MessageState.UNKNOWN, HOUR),
            (other, MessageState.SKIPPED, HOUR),
            (other, MessageState.FAILED, -MINUTE),
            (stranger, MessageState.FAILED, HOUR),
        ):
            write(session, account_id, state, settled=settled, age=5 * DAY)
    assert rate(database, cohort_id, Metric.UNDELIVERED, held_out=held_out) == (2, 4)


def test_messages_that_were_taken_and_came_back_are_undelivered(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        account_id = make_member(session, cohort_id)
        for fate in Fate:
            write(session, account_id, MessageState.SENT, settled=HOUR, age=HOUR, fate=fate)
    assert rate(database, cohort_id, Metric.UNDELIVERED) == (len(NOT_ARRIVED), len(Fate))


@pytest.mark.parametrize("metric", Metric)
def test_what_happened_before_the_launch_does_not_count(
    database: Database, cohort_id: str, metric: Metric
) -> None:
    late = SINCE + 2 * DAY
    with database.transaction() as session:
        account_id = make_member(session, cohort_id, launched_at=late)
        tell(session, account_id, [OFF, FAILED, SEEN, (K.SUPPORT_CASE, HOUR)])
        write(session, account_id, MessageState.FAILED, settled=HOUR, age=HOUR)
    assert rate(database, cohort_id, metric) == (0, 0)


@pytest.mark.parametrize("metric", Metric)
def test_only_the_cohorts_own_launched_members_count(
    database: Database, cohort_id: str, metric: Metric
) -> None:
    with database.transaction() as session:
        another = keep_cohort(session, make_cohort(name="summer"))
        strangers = [
            make_member(session, another),
            make_member(session, cohort_id, wave=None, launched_at=None),
            make_member(session, cohort_id, held_out=True),
            make_account(session).account_id,
        ]
        for account_id in strangers:
            tell(session, account_id, [OFF, FAILED, SEEN, (K.SUPPORT_CASE, HOUR)])
            write(session, account_id, MessageState.FAILED, settled=HOUR, age=HOUR)
    assert rate(database, cohort_id, metric) == (0, 0)


def test_every_guardrail_is_judged_within_its_own_window(database: Database) -> None:
    cohort = make_cohort(
        guardrails=(
            make_guardrail(Metric.LOCK_OUTS, window=DAY),
            make_guardrail(Metric.LOCK_OUTS, window=3 * DAY),
            make_guardrail(Metric.SUPPORT_CASES, window=3 * DAY, against=Against.HOLDOUT),
        )
    )
    with database.transaction() as session:
        cohort_id = keep_cohort(session, cohort)
        for _ in range(12):
            tell(session, make_member(session, cohort_id), [OFF, (K.RECOVERY_CODE_USED, HOUR)])
        make_member(session, cohort_id, held_out=True)
        assessments = [
            measurements.assessed(
                session, cohort_id, guardrail, bake=cohort.waves[0].bake, now=SINCE + 2 * DAY
            )
            for guardrail in cohort.guardrails
        ]
    counts = [(each.sample.hits, each.sample.size, each.verdict) for each in assessments]
    assert counts == [
        (0, 12, Verdict.INCONCLUSIVE),
        (12, 12, Verdict.FAILED),
        (0, 12, Verdict.INCONCLUSIVE),
    ]
    assert [each.guardrail for each in assessments] == [*cohort.guardrails]


def test_what_is_compared_with_the_holdout_can_be_measured_there(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        account_id = make_member(session, cohort_id, held_out=True)
        tell(session, account_id, [(K.SIGNED_IN, HOUR)])
        write(session, account_id, MessageState.SENT, settled=HOUR, age=HOUR)
    for metric in HOLDOUT_METRICS:
        assert rate(database, cohort_id, metric, held_out=True) == (0, 1)


def anybody(session: Session, chance: random.Random, at: datetime) -> str:
    """An account that has come as far as chance would have it."""
    account_id = make_account(
        session,
        email_verified_at=chance.choice([None, at]),
        sms=chance.choice(list(SmsState)),
        sms_since=at,
    ).account_id
    for _ in range(chance.randint(0, 3)):
        days = [at.date() + day * DAY for day in range(chance.randint(0, 3))]
        changes: dict[str, Any] = {"backed_up": chance.random() < 0.3}
        if chance.random() < 0.3:
            changes["removed_at"] = at
        make_passkey(session, account_id, used_on=days, **changes)
    if chance.random() < 0.5:
        make_recovery_codes(session, account_id, proven=chance.random() < 0.5)
    return account_id


def by_the_facts(session: Session, account_ids: list[str], policy: Policy) -> Reached:
    """The same counts, person by person, as the journeys see them."""
    counts: Counter[str] = Counter(members=len(account_ids), launched=len(account_ids))
    far = list(SmsState)
    for account_id in account_ids:
        account_facts = facts.read(session, account_id)
        counts.update(milestone for milestone in Milestone if reached(milestone, account_facts, policy))
        counts.update(far[1 : far.index(account_facts.sms) + 1])
    return Reached(**counts)


@pytest.mark.parametrize(
    "policy",
    [
        make_policy(proving_days=1),
        make_policy(proving_days=2, second_routes=(SecondRoute.RECOVERY_CODES,)),
        make_policy(proving_days=3, second_routes=(SecondRoute.SYNCED_PASSKEY, SecondRoute.ANOTHER_PASSKEY)),
    ],
)
def test_the_funnel_agrees_with_the_milestones(database: Database, policy: Policy) -> None:
    chance = random.Random(policy.proving_days)
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(policy=policy))
        account_ids = [anybody(session, chance, START) for _ in range(60)]
        for account_id in account_ids:
            make_member(session, cohort_id, account_id)
        expected = by_the_facts(session, account_ids, policy)
        funnel = measurements.funnel(session, cohort_id)
    assert measurements.together(funnel) == expected
    assert min(expected.passkey_proven, expected.second_route_ready, expected.removed) > 0


def test_the_funnel_has_a_row_for_each_wave_and_for_whom_none_reaches(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(waves=make_cohort().waves[:1]))
        verified = make_account(session, email_verified_at=START).account_id
        make_member(session, cohort_id, verified)
        make_member(session, cohort_id, bucket=499, wave=None, launched_at=None)
        make_member(session, cohort_id, bucket=500, wave=None, launched_at=None)
        held = make_account(session, email_verified_at=START).account_id
        make_member(session, cohort_id, held, held_out=True)
        funnel = measurements.funnel(session, cohort_id)
    assert funnel == [
        WaveFunnel(wave=0, members=2, launched=1, email_verified=1),
        WaveFunnel(wave=None, members=1),
        WaveFunnel(wave=None, held_out=True, members=1, email_verified=1),
    ]


def test_who_was_launched_stays_in_that_wave_when_the_percents_change(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, bucket=9, wave=1)
        make_member(session, cohort_id, bucket=8000, wave=3)
        assert [(row.wave, row.members) for row in measurements.funnel(session, cohort_id)] == [
            (0, 0),
            (1, 1),
            (3, 1),
        ]


def test_who_has_not_been_launched_has_taken_no_step(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        verified = make_account(session, email_verified_at=START).account_id
        make_member(session, cohort_id, verified, wave=None, launched_at=None)
        assert measurements.funnel(session, cohort_id)[0] == WaveFunnel(wave=0, members=1)
        assert accounts.get(session, verified).email_verified_at
        assert members.size(session, cohort_id, held_out=False) == 1
