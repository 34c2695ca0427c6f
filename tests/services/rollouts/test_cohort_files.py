"""Descriptions of cohorts: what they may say, what is assumed, and how every mistake is told at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Channel
from domain.policy import NudgeStep, SecondRoute
from domain.presets import FIRM, STANDARD
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.rollouts.cohorts import Cohort, InvalidCohort, Who
from domain.rollouts.guardrails import Against, Metric, Reaction
from domain.rollouts.launch_windows import LaunchWindows, Weekday
from services.rollouts.cohort_files import ASSESS_EVERY, BAKE, GUARDRAILS, MOST_EXTERNAL_IDS, PACE, parse

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-cohort.toml"
LEAST = 'name = "spring"\nwaves = [{percent = 1}]\n'


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidCohort) as refusal:
        parse(text)
    return refusal.value.problems


def places(text: str) -> list[str]:
    return [place for place, _ in problems(text)]


def with_policy(text: str) -> Cohort:
    return parse(f"{LEAST}[policy]\n{text}")


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Berlin"])
def test_windows_are_in_the_time_zone_of_a_place(zone: str) -> None:
    assert places(f'{LEAST}[windows]\ntime_zone = "{zone}"') == ["windows.time_zone"]


def test_a_time_zone_may_be_written_in_small_letters() -> None:
    assert parse(f'{LEAST}[windows]\ntime_zone = "europe/berlin"').windows.time_zone == "Europe/Berlin"


def test_name_and_waves_are_enough() -> None:
    cohort = parse(LEAST)
    assert (cohort.name, cohort.include, cohort.exclude) == ("spring", Who(), None)
    assert (cohort.policy, cohort.holdout_percent, cohort.pace) == (STANDARD, 0, PACE)
    assert (cohort.waves[0].bake, cohort.assess_every) == (BAKE, ASSESS_EVERY)
    assert (cohort.windows, cohort.guardrails) == (LaunchWindows(), GUARDRAILS)


def test_the_sample_is_read_as_it_is_meant() -> None:
    cohort = parse(SAMPLE.read_text())
    assert cohort.include.countries == ("GB", "DE", "IT")
    assert cohort.include.attributes == {"plan": "family"}
    assert cohort.exclude == Who(risk_tiers=("under-review",))
    assert cohort.policy.name == "standard for european-families"
    assert cohort.policy.notice == timedelta(days=10)
    assert [wave.percent for wave in cohort.waves] == [1, 25, 100]
    assert cohort.windows.weekdays == tuple(Weekday)[:4]
    assert (cohort.windows.opens, cohort.windows.closes) == (time(9), time(16))
    assert cohort.windows.freezes[0].begins == datetime(2026, 12, 13, 23, tzinfo=UTC), "midnight in Berlin"
    first, second = cohort.guardrails
    assert (first.metric, first.limit, first.reaction) == (Metric.LOCK_OUTS, 0.02, Reaction.ROLLBACK)
    assert (second.limit, second.against, second.reaction) == (0.05, Against.HOLDOUT, Reaction.PAUSE)


def test_every_filter_is_read() -> None:
    filters = """
    [include]
    external_ids = ["a", "b"]
    countries = ["de"]
    locales = ["pt_BR"]
    risk_tiers = ["low"]
    signed_in_since = 2026-01-01
    phone_only = true
    device_ready = false
    attributes = {plan = "family", age = 36, beta = true}
    """
    assert parse(LEAST + filters).include == Who(
        external_ids=("a", "b"),
        countries=("DE",),
        locales=("pt-BR",),
        risk_tiers=("low",),
        signed_in_since=datetime(2026, 1, 1, tzinfo=UTC),
        phone_only=True,
        device_ready=False,
        attributes={"plan": "family", "age": "36", "beta": "true"},
    )


def test_no_guardrails_can_be_asked_for() -> None:
    assert parse(f"guardrails = []\n{LEAST}").guardrails == ()


def test_a_policy_may_be_a_presets_name() -> None:
    assert parse(f'policy = "firm"\n{LEAST}').policy == FIRM
    assert with_policy('preset = "firm"').policy == FIRM


def test_a_policy_says_how_often_people_look_through_their_ways_in_or_that_they_never_do() -> None:
    assert with_policy('check_up_every = "180 days"').policy.check_up_every == timedelta(days=180)
    assert with_policy('check_up_every = "never"').policy.check_up_every == timedelta()
    said = problems(f'{LEAST}[policy]\ncheck_up_every = "7 days"')
    assert said == [("policy.check_up_every", "is shorter than 28 days, so people would be nagged")]


def test_a_policy_may_change_a_presets_rules() -> None:
    policy = with_policy(
        'preset = "firm"\nname = "ours"\nmandatory_after = "never"\nquiet_from = "21:00"\nproving_days = 3\n'
        'second_routes = ["recovery_codes"]\ncadence = [{after = "4 days", channel = "sms"}]\n'
        'invitation = {after = "1 h", channel = "sms"}'
    ).policy
    assert (policy.name, policy.mandatory_after, policy.proving_days) == ("ours", None, 3)
    assert (policy.quiet_from, policy.second_routes) == (time(21), (SecondRoute.RECOVERY_CODES,))
    assert policy.cadence == (NudgeStep(after=timedelta(days=4), channel=Channel.SMS),)
    assert policy.invitation.after == timedelta(hours=1)
    assert policy.notice == FIRM.notice


def test_every_mistake_is_told_with_its_place() -> None:
    sentences = dict(
        problems("""
        name = "two words"
        pase = 4
        holdout_percent = "x"
        [include]
        countries = ["DE", "UK", 3]
        [policy]
        preset = "standrd"
        notice = "0 s"
        cadence = [{after = "3 dys", channel = "email"}, {after = "1 day"}]
        [[waves]]
        percent = 5
        [[waves]]
        percent = "1%"
        bake = 3
        [windows]
        weekdays = ["mon", "tuesdy"]
        opens = "9"
        time_zone = "Mars"
        freezes = [{begins = 2026-12-24, ends = 2026-12-24}]
        [[guardrails]]
        metric = "lockouts"
        limit = 2
        against = "holdout"
        """)
    )
    assert set(sentences) == {
        "name",
        "pase",
        "holdout_percent",
        "include.countries[1]",
        "include.countries[2]",
        "policy.preset",
        "policy.notice",
        "policy.cadence[0].after",
        "policy.cadence[1].channel",
        "waves[1].percent",
        "waves[1].bake",
        "windows.weekdays[1]",
        "windows.opens",
        "windows.time_zone",
        "windows.freezes[0].ends",
        "guardrails[0].metric",
        "guardrails[0].limit",
    }
    assert sentences["pase"] == 'is not known here; did you mean "pace"?'
    assert sentences["policy.preset"].endswith('did you mean "standard"?')
    assert sentences["guardrails[0].metric"].endswith('did you mean "lock_outs"?')
    assert sentences["waves[1].percent"] == "is not more than the wave before"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name = ", "end of document"),
        ('name = "a"\nwaves = [\n}', "line 3, column 1"),
        ("a=" + "[" * 5000, "file"),
    ],
)
def test_what_is_not_toml_is_told_by_its_line(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["name", "waves"]),
        ('name = "a"\nwaves = 3', ["waves"]),
        ('name = "a"\nwaves = []', ["waves"]),
        ('name = "a"\nwaves = [1]', ["waves[0]"]),
        ('name = "a"\nwaves = [{percent = "half"}, {percent = 3}]', ["waves[0].percent"]),
        ('name = "a"\nwaves = [{percent = nan}]', ["waves[0].percent"]),
        ('name = "a"\nwaves = [{percent = 0.001}, {percent = 5}]', ["waves[0].percent"]),
        ('name = "a"\nwaves = [{percent = 0.015}, {percent = 0.025}]', ["waves[1].percent"]),
        (
            'name = "a"\nwaves = [{percent = 0.001}, {percent = -1}]\npace = 0',
            ["pace", "waves[1].percent", "waves[1].percent", "waves[0].percent"],
        ),
        (f"holdout_percent = 0.001\n{LEAST}", ["holdout_percent"]),
        (f"policy = 3\n{LEAST}", ["policy"]),
        (f"exclude = {{}}\n{LEAST}", ["exclude"]),
        (f'exclude = {{countries = ["XX"]}}\n{LEAST}', ["exclude.countries[0]"]),
        (f'{LEAST}windows = {{weekdays = ["x"]}}', ["windows.weekdays[0]"]),
        (f"{LEAST}windows = {{weekdays = []}}", ["windows.weekdays"]),
        (f"{LEAST}pace = 0", ["pace"]),
        (f"{LEAST}pace = true", ["pace"]),
        (f"{LEAST}include = {{signed_in_since = 0001-01-01T00:00:00+10:00}}", ["include.signed_in_since"]),
        (
            f'{LEAST}[[guardrails]]\nmetric = "opt_outs"\nlimit = 0.1\nagainst = "holdout"',
            ["guardrails[0].against"],
        ),
        (
            f'{LEAST}[[guardrails]]\nmetric = "opt_outs"\nlimit = 0.1\nby = ["wave", "land"]',
            ["guardrails[0].by[1]"],
        ),
        (
            f'{LEAST}[[guardrails]]\nmetric = "opt_outs"\nlimit = 0.1\nby = ["wave", "wave"]',
            ["guardrails[0].by"],
        ),
        (
            f'{LEAST}[[guardrails]]\nmetric = "undelivered"\nlimit = 0.1\nby = ["country", "platform"]',
            ["guardrails[0].by"],
        ),
        (
            f'{LEAST}holdout_percent = 5\n[[guardrails]]\nmetric = "support_cases"\nlimit = 0.1\n'
            'against = "holdout"\nby = ["country"]',
            ["guardrails[0].by"],
        ),
        (f'{LEAST}[policy]\nquiet_from = "10:00"\nquiet_until = "08:00"', ["policy"]),
    ],
)
def test_one_mistake_is_told_once(text: str, expected: list[str]) -> None:
    assert places(text) == expected


def test_a_list_of_people_has_an_end() -> None:
    ids = ", ".join(f'"{number}"' for number in range(MOST_EXTERNAL_IDS + 1))
    assert places(f"{LEAST}[include]\nexternal_ids = [{ids}]") == ["include.external_ids"]


VALUES = st.recursive(
    st.sampled_from(
        ["1", "-1", "0.5", "inf", "nan", "true", '""', '"x"', '"5%"', '"3 days"', "2026-01-01", "09:00:00"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda values: f"[{', '.join(values)}]")
        | st.lists(inner, max_size=2).map(
            lambda values: (
                "{" + ", ".join(f"{key} = {value}" for key, value in zip("ab", values, strict=False)) + "}"
            )
        )
    ),
    max_leaves=4,
)
KEYS = ["name", "include", "exclude", "policy", "holdout_percent", "waves", "pace", "windows", "guardrails"]


@given(st.dictionaries(st.sampled_from([*KEYS, "assess_every", "else"]), VALUES))
def test_whatever_it_says_it_is_a_cohort_or_refused(entries: dict[str, str]) -> None:
    try:
        outcome: Sequence[object] = parse(
            "\n".join(f"{key} = {value}" for key, value in entries.items())
        ).waves
    except InvalidCohort as refusal:
        outcome = refusal.problems
    assert outcome


def test_whether_the_host_confirms_is_as_the_description_says_or_else_as_its_reader_does() -> None:
    assert not parse(LEAST).policy.host_confirms
    assert parse(LEAST, host_confirms=True).policy == replace(STANDARD, host_confirms=True)
    said = f"{LEAST}[policy]\nhost_confirms = "
    assert not parse(f"{said}false", host_confirms=True).policy.host_confirms
    assert parse(f"{said}true").policy.host_confirms


RECOVERY = f"""{LEAST}
[[policy.recovery]]
proofs = ["recovery_code", "email"]
wait = "12 hours"
"""


def test_the_rules_of_recovery_take_the_place_of_the_presets() -> None:
    rule = RecoveryRule(proofs=(ProofKind.RECOVERY_CODE, ProofKind.EMAIL), wait=timedelta(hours=12))
    assert parse(RECOVERY).policy.recovery == (rule,)
    assert parse(LEAST).policy.recovery == STANDARD.recovery
    assert parse(f"{LEAST}[policy]\nrecovery = []").policy.recovery == ()


@pytest.mark.parametrize(
    ("changed", "to", "place", "problem"),
    [
        ('"email"]', '"email", "sms"]', "policy.recovery[0].proofs", "must name two kinds of proofs"),
        ('"email"', '"mail"', "policy.recovery[0].proofs[1]", "is none of"),
        ('"email"', '"recovery_code"', "policy.recovery", "asks for recovery_code twice"),
        ('"12 hours"', '"31 days"', "policy.recovery", "waits longer than 30 days"),
        ('wait = "12 hours"', "", "policy.recovery[0].wait", "is missing"),
        ("wait =", "waits =", "policy.recovery[0].waits", "is not known here"),
    ],
)
def test_a_mistake_in_a_rule_of_recovery_is_named(changed: str, to: str, place: str, problem: str) -> None:
    mistakes = problems(RECOVERY.replace(changed, to))
    assert any(at == place and problem in what for at, what in mistakes), mistakes


def test_a_pair_of_proofs_is_named_once() -> None:
    twice = RECOVERY + RECOVERY.removeprefix(LEAST)
    assert any("names email and recovery_code 2 times" in what for _, what in problems(twice))
