"""A cohort's definition in words: every key of a description has some, and each place occurs once."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given

from domain.policy import Policy
from domain.presets import STANDARD
from domain.rollouts.cohorts import Cohort, Who
from domain.rollouts.guardrails import Metric
from domain.words.definition_words import DefinitionPart, definition
from domain.words.rule_words import RULES, rule_words
from services.rollouts.cohort_files import parse
from tests.domain import described_cohorts
from tests.factories import make_cohort, make_guardrail

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-cohort.toml"


def said(cohort: Cohort) -> dict[str, str]:
    return {field.place: f"{field.label}: {field.text}" for field in definition(cohort)}


def test_every_rule_of_a_policy_has_words() -> None:
    assert [*RULES] == [field.name for field in fields(Policy) if field.name not in ("name", "end")]


@given(described_cohorts.cohorts())
def test_each_place_occurs_once_and_every_criterion_is_told(cohort: Cohort) -> None:
    places = [field.place for field in definition(cohort)]
    assert len(set(places)) == len(places)
    given_criteria = [name for name, value in vars(cohort.include).items() if value not in (None, (), {})]
    assert [place for place in places if place.startswith("include.")] == [
        f"include.{name}" for name in vars(Who()) if name in given_criteria
    ]


def test_the_sample_is_told_field_by_field() -> None:
    told = said(parse(SAMPLE.read_text()))
    assert told["include.countries"] == "Included: countries: GB, DE, IT"
    assert told["include.attributes"] == "Included: attributes: plan = family"
    assert told["holdout_percent"] == "Held out: 5 %"
    assert told["waves[1].bake"] == "Wave 2: bakes for: 7 d"
    assert told["windows.opens"] == "Hours: 09:00 to 16:00 in Europe/Berlin"
    assert "the help desk is small" in told["windows.freezes[0]"]
    assert told["policy.notice"] == "Notice before codes are suspended: 10 d"
    assert told["guardrails[undelivered].limit"] == "Undelivered: limit: held out + 5 %"


def test_only_rules_as_in_the_preset_can_be_folded_away() -> None:
    policy = replace(STANDARD, notice=timedelta(days=10))
    fields_of_policy = [
        field for field in definition(make_cohort(policy=policy)) if field.part is DefinitionPart.POLICY
    ]
    shown = {field.place: field.text for field in fields_of_policy if not field.is_preset}
    assert shown == {"policy.name": "standard", "policy.preset": "standard", "policy.notice": "10 d"}


def test_many_accounts_are_counted_and_two_guardrails_of_one_metric_are_told_apart() -> None:
    many = Who(external_ids=tuple(f"a-{number}" for number in range(20)))
    twice = (make_guardrail(limit=0.1), make_guardrail(Metric.OPT_OUTS), make_guardrail(limit=0.2))
    told = said(make_cohort(include=many, guardrails=twice))
    assert told["include.external_ids"].endswith("a-11 and 8 more")
    assert told["guardrails[lock_outs 1].limit"] == "Lock-outs (1): limit: 10 %"
    assert told["guardrails[lock_outs 2].limit"] == "Lock-outs (2): limit: 20 %"
    assert told["guardrails[opt_outs].limit"] == "Opt-outs: limit: 5 %"


def test_a_rule_of_nothing_says_what_that_means() -> None:
    assert rule_words("cap", 0) == "no cap"
    assert rule_words("check_up_every", timedelta()) == "never"
    assert rule_words("mandatory_after", None) == "never"
    assert rule_words("forget_phone", True) == "yes"
