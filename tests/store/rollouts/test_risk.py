"""A rate counts whoever is at risk during its window, whenever the risk began, and never more hits than people."""

import random
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.presets import STANDARD
from domain.rollouts.guardrails import Metric, Sample
from store import Database, Session
from store.journeys import policies
from store.journeys.journeys import Journey
from store.people import journal
from store.rollouts import guardrail_rates, measurements, risk, samples
from store.rollouts.risk import Scope
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_member
from tests.store.rollouts.measuring import measure
from tests.store.rollouts.plans import explained

DAY = timedelta(days=1)
SINCE, UNTIL = START + 7 * DAY, START + 14 * DAY
K = EventKind
Story = list[tuple[EventKind, float] | tuple[EventKind, float, dict[str, Any]]]

CAPABLE = {"capable": True}
REFUSED = {"method": "sms", "reason": "sms_suspended"}


@pytest.fixture
def cohort_id(database: Database) -> str:
    """A launched cohort without members."""
    with database.transaction() as session:
        return keep_cohort(session)


def tell(session: Session, account_id: str, story: Story) -> None:
    """Write what happened to an account, each at a number of days after the launch."""
    for kind, days, *details in story:
        detail: dict[str, Any] = details[0] if details else {}
        journal.append(session, account_id, kind, at=START + days * DAY, actor=Actor.PERSON, **detail)


def member(session: Session, cohort_id: str, story: Story, **changes: Any) -> str:
    account_id = make_member(session, cohort_id, **changes)
    tell(session, account_id, story)
    return account_id


def rate(
    database: Database, cohort_id: str, metric: Metric, *, held_out: bool = False, **changes: Any
) -> tuple[int, int]:
    window: dict[str, Any] = {"since": SINCE, "until": UNTIL, "held_out": held_out} | changes
    with database.reading() as session:
        sample = measure(session, cohort_id, metric, **window)
    return sample.hits, sample.size


def scope_of(database: Database, cohort_id: str, *, held_out: bool = False, **changes: Any) -> Scope:
    window: dict[str, Any] = {"since": SINCE, "until": UNTIL, "entered_since": None} | changes
    return Scope(cohort_id=cohort_id, held_out=held_out, is_sqlite=database.is_sqlite, **window)


TROUBLE: dict[Metric, tuple[EventKind, dict[str, Any]]] = {
    Metric.LOCK_OUTS: (K.SIGN_IN_FAILED, REFUSED),
    Metric.SMS_RESTORES: (K.SMS_RESTORED, {}),
    Metric.SUPPORT_CASES: (K.SUPPORT_CASE, {"reason": "lost phone"}),
}


@pytest.mark.parametrize("metric", TROUBLE)
def test_trouble_on_day_12_is_seen_of_people_suspended_on_day_1(
    database: Database, cohort_id: str, metric: Metric
) -> None:
    kind, detail = TROUBLE[metric]
    with database.transaction() as session:
        for number in range(10):
            story: Story = [(K.SMS_SUSPENDED, 1), *([(kind, 12, detail)] if number < 4 else [])]
            member(session, cohort_id, story)
    assert rate(database, cohort_id, metric) == (4, 10)


SEEN = (K.PROMPT_SEEN, 1, CAPABLE)
OFF = (K.SMS_SUSPENDED, 1)
LEAVING: list[tuple[Metric, Story, tuple[int, int]]] = [
    (Metric.LOCK_OUTS, [OFF, (K.SMS_RESTORED, 6), (K.RECOVERY_CODE_USED, 8)], (0, 0)),
    (Metric.LOCK_OUTS, [OFF, (K.SMS_RESTORED, 8)], (0, 1)),
    (Metric.LOCK_OUTS, [OFF, (K.SMS_REMOVED, 6), (K.RESCUED, 8)], (1, 1)),
    (Metric.LOCK_OUTS, [OFF, (K.SMS_RESTORED, 3), (K.SMS_SUSPENDED, 6), (K.RESCUED, 8)], (1, 1)),
    (Metric.LOCK_OUTS, [OFF, (K.RESCUED, 6)], (0, 1)),
    (Metric.LOCK_OUTS, [OFF, (K.RESCUED, 14)], (1, 1)),
    (Metric.LOCK_OUTS, [OFF, (K.RESCUED, 15)], (0, 1)),
    (Metric.LOCK_OUTS, [(K.SMS_SUSPENDED, 15)], (0, 0)),
    (Metric.SMS_RESTORES, [OFF, (K.SMS_REMOVED, 6)], (0, 0)),
    (Metric.SMS_RESTORES, [OFF, (K.SMS_REMOVED, 8)], (0, 1)),
    (Metric.SMS_RESTORES, [OFF, (K.SMS_RESTORED, 6)], (0, 0)),
    (Metric.SUPPORT_CASES, [OFF, (K.SMS_RESTORED, 8), (K.SUPPORT_CASE, 9)], (1, 1)),
    (Metric.SIGN_IN_FAILURES, [OFF, (K.SIGN_IN_FAILED, 8)], (1, 1)),
    (Metric.SIGN_IN_FAILURES, [OFF, (K.SIGN_IN_FAILED, 6)], (0, 0)),
    (Metric.SIGN_IN_FAILURES, [OFF, (K.SMS_RESTORED, 6), (K.SIGN_IN_FAILED, 8)], (0, 0)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.CEREMONY_FAILED, 8)], (1, 1)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.CEREMONY_FAILED, 6)], (0, 1)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.NOTICE_GIVEN, 6), (K.CEREMONY_FAILED, 8)], (0, 0)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.NOTICE_GIVEN, 8), (K.CEREMONY_FAILED, 9)], (1, 1)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.JOURNEY_ENDED, 6)], (0, 0)),
    (Metric.PROMPT_FAILURES, [SEEN, (K.REMINDERS_STOPPED, 6)], (0, 1)),
    (Metric.OPT_OUTS, [SEEN, (K.CANNOT_NOW, 8)], (1, 1)),
    (Metric.OPT_OUTS, [SEEN, (K.CANNOT_NOW, 3), (K.CANNOT_NOW, 8)], (1, 1)),
    (Metric.OPT_OUTS, [SEEN, (K.REMINDERS_STOPPED, 6)], (0, 0)),
]


@pytest.mark.parametrize(("metric", "story", "expected"), LEAVING)
def test_who_is_at_risk_no_longer_when_the_window_begins_is_not_counted(
    database: Database, cohort_id: str, metric: Metric, story: Story, expected: tuple[int, int]
) -> None:
    with database.transaction() as session:
        member(session, cohort_id, story)
    assert rate(database, cohort_id, metric) == expected


@pytest.mark.parametrize(
    ("story", "counts"),
    [
        ([(K.SMS_SUSPENDED, 8)], False),
        ([(K.SMS_SUSPENDED, 10)], True),
        ([(K.SMS_SUSPENDED, 3), (K.SMS_RESTORED, 4), (K.SMS_SUSPENDED, 10)], False),
    ],
)
def test_a_second_look_is_at_people_who_were_not_at_risk_before(
    database: Database, cohort_id: str, story: Story, counts: bool
) -> None:
    with database.transaction() as session:
        member(session, cohort_id, story)
    seen = rate(database, cohort_id, Metric.LOCK_OUTS, entered_since=START + 9 * DAY)
    assert seen == (0, int(counts))


def test_each_waves_people_are_counted_apart(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        for wave in (0, 0, 2):
            member(session, cohort_id, [OFF, *([(K.RESCUED, 8)] if wave else [])], wave=wave)
    with database.reading() as session:
        waves = measurements.by_wave(session, cohort_id, Metric.LOCK_OUTS, since=SINCE)
    assert waves == {0: Sample(hits=0, size=2), 2: Sample(hits=1, size=1)}


def test_held_out_people_leave_when_another_cohort_launches_them(database: Database, cohort_id: str) -> None:
    case = (K.SUPPORT_CASE, 9)
    with database.transaction() as session:
        another = keep_cohort(session, make_cohort(name="summer"))
        for launched in (None, 6, 8, 10):
            account_id = member(session, cohort_id, [case], held_out=True)
            if launched:
                make_member(session, another, account_id, launched_at=START + launched * DAY)
        assert risk.still_held_out(session, cohort_id) == 1
    assert rate(database, cohort_id, Metric.SUPPORT_CASES, held_out=True) == (2, 3)


def test_held_out_people_leave_when_a_journey_of_theirs_begins(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        account_id = member(session, cohort_id, [(K.SUPPORT_CASE, 9)], held_out=True)
        policy_id = policies.store(session, STANDARD, at=START)
        session.add(Journey(account_id=account_id, policy_id=policy_id, started_at=START + 8 * DAY))
        session.flush()
        assert risk.still_held_out(session, cohort_id) == 0
    assert rate(database, cohort_id, Metric.SUPPORT_CASES, held_out=True) == (0, 1)


def test_held_out_people_leave_when_they_have_left_sms_behind(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        gone = make_account(session, sms=SmsState.REMOVED, sms_since=START + 3 * DAY)
        make_member(session, cohort_id, gone.account_id, held_out=True)
        assert risk.still_held_out(session, cohort_id) == 0
    assert rate(database, cohort_id, Metric.SUPPORT_CASES, held_out=True) == (0, 0)


@pytest.mark.parametrize(
    ("story", "days"),
    [
        ([(K.SMS_SUSPENDED, 1)], 7),
        ([(K.SMS_SUSPENDED, 12)], 2),
        ([(K.SMS_SUSPENDED, 12), (K.SUPPORT_CASE, 12.5)], 0.5),
        ([(K.SMS_SUSPENDED, 1), (K.SUPPORT_CASE, 3)], 7),
    ],
)
def test_time_at_risk_is_counted_within_the_window_and_until_the_first_hit(
    database: Database, cohort_id: str, story: Story, days: float
) -> None:
    with database.transaction() as session:
        member(session, cohort_id, story)
    scope = scope_of(database, cohort_id)
    with database.reading() as session:
        counted = guardrail_rates.at_risk(Metric.SUPPORT_CASES, scope)
        sample, begins = samples.with_days(session, scope, counted)
    assert sample.days == pytest.approx(days, abs=1e-6)
    assert begins == max(START + story[0][1] * DAY, SINCE)


def test_time_held_out_ends_with_a_launch(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        another = keep_cohort(session, make_cohort(name="summer"))
        account_id = make_member(session, cohort_id, held_out=True)
        make_member(session, another, account_id, launched_at=START + 10 * DAY)
    scope = scope_of(database, cohort_id, held_out=True)
    with database.reading() as session:
        counted = guardrail_rates.at_risk(Metric.SIGN_IN_FAILURES, scope)
        sample, begins = samples.with_days(session, scope, counted)
    assert (sample.size, begins) == (1, SINCE)
    assert sample.days == pytest.approx(3, abs=1e-6)


def chances(chance: random.Random) -> Story:
    """Anything that may happen to somebody in three weeks."""
    kinds: list[tuple[EventKind, dict[str, Any]]] = [
        (K.PROMPT_SEEN, CAPABLE),
        (K.PROMPT_SEEN, {"capable": False}),
        (K.NOTICE_GIVEN, {}),
        (K.SMS_SUSPENDED, {}),
        (K.SMS_SUSPENDED, {}),
        (K.SMS_RESTORED, {}),
        (K.SMS_REMOVED, {}),
        (K.RECOVERY_CODE_USED, {}),
        (K.SUPPORT_CASE, {}),
        (K.CANNOT_NOW, {}),
        (K.REMINDERS_STOPPED, {}),
        (K.JOURNEY_ENDED, {}),
    ]
    times = sorted(chance.randrange(-48, 21 * 24) / 24 for _ in range(chance.randrange(9)))
    return [(kind, day, detail) for day in times for kind, detail in [chance.choice(kinds)]]


HITS = {
    Metric.LOCK_OUTS: {K.RECOVERY_CODE_USED},
    Metric.SMS_RESTORES: {K.SMS_RESTORED},
    Metric.SUPPORT_CASES: {K.SUPPORT_CASE},
    Metric.OPT_OUTS: {K.CANNOT_NOW, K.REMINDERS_STOPPED},
}
BEGINS = dict.fromkeys(HITS, K.SMS_SUSPENDED) | {Metric.OPT_OUTS: K.PROMPT_SEEN}
ENDS = {
    Metric.LOCK_OUTS: {K.SMS_RESTORED},
    Metric.SMS_RESTORES: {K.SMS_RESTORED, K.SMS_REMOVED},
    Metric.SUPPORT_CASES: {K.SMS_RESTORED},
    Metric.OPT_OUTS: {K.NOTICE_GIVEN, K.JOURNEY_ENDED, K.REMINDERS_STOPPED},
}


def by_hand(story: Story, metric: Metric, launched: float) -> tuple[int, int]:
    """The same rule, read from one person's story from its beginning to its end."""
    at_risk = False
    is_hit = False
    for kind, day, *details in story:
        if day < launched or START + day * DAY > UNTIL:
            continue
        in_window = START + day * DAY >= SINCE
        is_hit |= in_window and at_risk and kind in HITS[metric]
        if kind is BEGINS[metric] and (details[0] if details else {}) != {"capable": False}:
            at_risk = True
        if not in_window and kind in ENDS[metric]:
            at_risk = False
    return int(is_hit), int(at_risk)


@pytest.mark.parametrize("metric", HITS)
def test_the_rates_agree_with_every_persons_story(database: Database, cohort_id: str, metric: Metric) -> None:
    chance = random.Random(metric)
    hits = size = 0
    with database.transaction() as session:
        for _ in range(120):
            story, launched = chances(chance), chance.choice([0, 0, 2, 9])
            member(session, cohort_id, story, launched_at=START + launched * DAY)
            hit, counted = by_hand(story, metric, launched)
            hits, size = hits + hit, size + counted
    assert rate(database, cohort_id, metric) == (hits, size)
    assert 0 < hits < size


@pytest.mark.plans
@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("metric", Metric)
def test_rates_are_read_along_indexes(
    database: Database, cohort_id: str, metric: Metric, held_out: bool
) -> None:
    scope = scope_of(database, cohort_id, held_out=held_out)
    with database.reading() as session:
        plan = explained(database, session, guardrail_rates.counted(metric, scope))
    table = "message" if metric is Metric.UNDELIVERED else "journal"
    whole = (f"SCAN {table}", f"Seq Scan on {table}") if database.is_sqlite else (f"Seq Scan on {table}",)
    assert "ix_" in plan
    assert not [way for way in whole if f"{way} " in plan or f"{way})" in plan or f"{way}'" in plan]
