"""What an edit changes, field by field, and what it does to people who are on their way."""

import contextlib
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from domain.policy import InvalidPolicy, Policy
from domain.presets import PRESETS, STANDARD
from domain.rollouts.cohorts import Cohort, Wave
from domain.rollouts.guardrails import Metric
from domain.words.definition_changes import OnTheWay, changes, effects
from tests.domain import described_cohorts
from tests.factories import make_cohort, make_guardrail

PEOPLE = OnTheWay(launched=100, without_passkey=40, under_notice=7, in_probation=5, done=20)


def with_policy(**rules: Any) -> Cohort:
    return make_cohort(policy=replace(STANDARD, **rules))


@given(described_cohorts.cohorts())
def test_what_is_the_same_has_no_changes_and_no_effects(cohort: Cohort) -> None:
    assert changes(cohort, cohort) == []
    assert effects(cohort, cohort, PEOPLE) == []


def test_each_field_that_differs_is_there_before_and_after() -> None:
    before = make_cohort(guardrails=(make_guardrail(), make_guardrail(Metric.OPT_OUTS)))
    after = replace(
        before,
        pace=7,
        policy=replace(STANDARD, notice=timedelta(days=10, minutes=1)),
        guardrails=(make_guardrail(limit=0.1),),
    )
    told = {each.place: (each.before, each.after) for each in changes(before, after)}
    assert told["pace"] == ("60 journeys a minute", "7 journeys a minute")
    assert told["policy.notice"] == ("7 d", "10 d 1 min")
    assert told["guardrails[lock_outs].limit"] == ("5 %", "10 %")
    assert told["guardrails[opt_outs].window"] == ("7 d", None)
    assert len(told) == 8


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"notice": timedelta(days=10)}, "7 people under notice get another letter first"),
        ({"notice": timedelta(days=2)}, "7 people under notice keep the day that they were told"),
        ({"probation": timedelta(days=90)}, "that reaches 5 people at once"),
        ({"probation": timedelta(days=9)}, "5 people keep the day that they were told"),
        ({"cooling_off": timedelta(days=9)}, "Cooling-off is longer: of 68 people without notice"),
        ({"cooling_off": timedelta()}, "Cooling-off is shorter: of 68 people without notice"),
        ({"mandatory_after": timedelta(days=9)}, "40 people without a passkey"),
        ({"cadence": ()}, "80 people on their way"),
    ],
)
def test_an_edit_of_the_policy_says_whom_it_reaches_and_whom_not(rules: dict[str, Any], words: str) -> None:
    (effect,) = effects(make_cohort(), with_policy(**rules), PEOPLE)
    assert words in effect


def test_one_person_is_no_people() -> None:
    (effect,) = effects(
        make_cohort(), with_policy(notice=timedelta(days=2)), OnTheWay(launched=1, under_notice=1)
    )
    assert "1 person under notice" in effect


def test_waves_say_what_becomes_of_them() -> None:
    waves = (Wave(percent=10, bake=timedelta(days=3)), Wave(percent=50, bake=timedelta(days=7)))
    more = (*waves, Wave(percent=100, bake=timedelta()))
    assert [each.split(":")[0] for each in effects(make_cohort(), make_cohort(waves=more), PEOPLE)] == [
        "Wave 1 reaches more people",
        "Wave 2 reaches fewer people; whoever is launched stays launched.",
        "Wave 3 is new.",
    ]
    assert effects(make_cohort(waves=more), make_cohort(waves=waves), PEOPLE) == ["Wave 3 is left out."]


@pytest.mark.parametrize(
    "rule", [field.name for field in fields(Policy) if field.name not in ("name", "end")]
)
def test_no_rule_changes_without_a_sentence(rule: str) -> None:
    others = [getattr(preset, rule) for preset in PRESETS.values()]
    for value in (value for value in others if value != getattr(STANDARD, rule)):
        with contextlib.suppress(InvalidPolicy):  # some rules fit no other of this policy
            assert effects(with_policy(), with_policy(**{rule: value}), PEOPLE), value


def test_a_shorter_window_for_a_swapped_sim_is_said() -> None:
    (effect,) = effects(with_policy(), with_policy(sim_swap_window=timedelta()), PEOPLE)
    assert effect.endswith("on their way, at once.")
