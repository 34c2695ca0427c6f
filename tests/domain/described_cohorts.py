"""Cohorts of every kind that a description can describe, for property-based tests."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.policy import Policy
from domain.presets import PRESETS
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.rollouts.buckets import reach
from domain.rollouts.cohorts import Cohort, InvalidCohort, Wave, Who
from domain.rollouts.guardrails import HOLDOUT_METRICS, Against, Guardrail, Metric, Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows, Weekday
from domain.rollouts.reach_checks import reach_problems
from domain.rollouts.slices import Dimension
from domain.safety.end_dates import EndDate
from tests.domain.strategies import durations, policies, some, zones

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda text: bool(text) and text == text.strip()
)
_A_SECOND = timedelta(seconds=1)
_minutes = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
_instants = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
_lists = st.lists(TEXTS, max_size=3, unique=True).map(tuple)


@st.composite
def who(draw: st.DrawFn) -> Who:
    """Any filter."""
    return Who(
        external_ids=draw(_lists),
        countries=tuple(draw(st.lists(st.sampled_from(["DE", "GB", "IT"]), unique=True))),
        locales=tuple(draw(st.lists(st.sampled_from(["de", "pt-BR"]), unique=True))),
        risk_tiers=draw(_lists),
        signed_in_since=draw(some(_instants)),
        phone_only=draw(some(st.booleans())),
        device_ready=draw(some(st.booleans())),
        attributes=draw(st.dictionaries(TEXTS, TEXTS, max_size=3)),
    )


@st.composite
def windows(draw: st.DrawFn) -> LaunchWindows:
    """Any launch windows."""
    freezes = []
    for begins in draw(st.lists(_instants, max_size=2)):
        ends = begins + draw(durations(days=20, least=_A_SECOND))
        freezes.append(Freeze(begins=begins, ends=ends, reason=draw(st.just("") | TEXTS)))
    opens = draw(_clocks)
    return LaunchWindows(
        weekdays=tuple(sorted(draw(st.sets(st.sampled_from(Weekday), min_size=1)))),
        opens=opens,
        closes=draw(_clocks) if opens else time(0),
        time_zone=draw(zones),
        freezes=tuple(freezes),
    )


@st.composite
def cohort_policies(draw: st.DrawFn, cohort: str) -> Policy:
    """A preset, one with other rules and a name after its cohort or of its own, or any other policy."""
    policy = draw(st.sampled_from(list(PRESETS.values())))
    if draw(st.booleans()):
        other = draw(policies())
        policy = replace(other, name=draw(TEXTS), recovery=draw(st.sampled_from([(), other.recovery, _PAIR])))
    elif draw(st.booleans()):
        notice = policy.notice + _A_SECOND
        policy = replace(policy, name=f"{policy.name} for {cohort}", notice=notice)
    end = draw(some(_minutes.map(lambda at: EndDate(at=at))))
    if end and policy.name in PRESETS:
        policy = replace(policy, name=f"{policy.name} for {cohort}")
    checked = draw(st.sampled_from([timedelta(), timedelta(days=180)]))
    named = policy.name if policy.name not in PRESETS else f"{policy.name} for {cohort}"
    if draw(st.booleans()):
        policy = replace(policy, check_up_every=checked, name=named)
    return replace(policy, end=end, host_confirms=draw(st.booleans()))


_PAIR = (RecoveryRule(proofs=(ProofKind.HOST, ProofKind.SMS), wait=timedelta(hours=5)),)


@st.composite
def guardrails(draw: st.DrawFn, *, is_held_out: bool) -> Guardrail:
    """Any guardrail."""
    metric, reaction = draw(st.sampled_from(Metric)), draw(st.sampled_from(Reaction))
    against = Against.LIMIT
    by: list[Dimension] = [Dimension.WAVE] if reaction is Reaction.HOLD_SLICE else []
    if is_held_out and metric in HOLDOUT_METRICS and not by:
        against = draw(st.sampled_from(Against))
    if against is Against.LIMIT and Dimension.WAVE not in by:
        by = draw(st.lists(st.sampled_from([Dimension.WAVE, Dimension.COUNTRY]), unique=True))
    return Guardrail(
        metric=metric,
        limit=draw(st.floats(0, 1) | st.integers(0, 100).map(lambda percent: percent / 100)),
        least_sample=draw(st.integers(1, 10_000)),
        window=draw(durations(days=60, least=_A_SECOND)),
        reaction=reaction,
        against=against,
        by=tuple(by),
    )


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """Any cohort that a description can describe."""
    name = draw(NAMES)
    held_out = draw(st.just(0.0) | st.integers(1, 50).map(float) | st.just(2.5))
    percents = draw(st.lists(st.floats(0.02, 100), min_size=1, max_size=4, unique_by=reach))
    waves = tuple(Wave(percent=percent, bake=draw(durations(days=30))) for percent in sorted(percents))
    described: dict[str, Any] = {
        "name": name,
        "include": draw(who()),
        "exclude": draw(some(who().filter(lambda each: each != Who()))),
        "policy": draw(cohort_policies(name)),
        "holdout_percent": held_out,
        "waves": waves,
        "pace": draw(st.integers(1, 10_000)),
        "windows": draw(windows()),
        "guardrails": tuple(draw(st.lists(guardrails(is_held_out=bool(held_out)), max_size=3))),
        "assess_every": draw(durations(days=2, least=_A_SECOND)),
    }
    return Cohort(**described)


def is_read(cohort: Cohort) -> bool:
    """Whether a description may say this; waves that reach nobody new are refused."""
    try:
        return not reach_problems(cohort.waves, cohort.holdout_percent)
    except InvalidCohort:
        return False
