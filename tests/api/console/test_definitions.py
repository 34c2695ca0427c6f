"""The definition of a cohort on its page: who, waves, policy and guardrails, assessed or not."""

from dataclasses import replace
from datetime import timedelta

from domain.presets import FIRM, STANDARD
from domain.rollouts.cohorts import Who
from domain.rollouts.guardrails import Metric, Reaction
from store.rollouts import tallies
from store.rollouts.measurements import WaveFunnel
from tests.api.console.operators import text
from tests.api.world import Browser, World
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_guardrail


def test_the_page_says_who_is_in_and_which_rules_are_the_cohorts_own(local: World, olga: Browser) -> None:
    policy = replace(FIRM, name="firm for spring", notice=timedelta(days=10))
    cohort = make_cohort(include=Who(countries=("DE",), attributes={"plan": "<b>"}), policy=policy)
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, cohort)
    page = text(olga.get(f"/console/cohorts/{cohort_id}"))
    assert "Included: countries DE Included: attributes plan = <b> Held out 10 %" in page
    assert "Wave 1: reaches 5 % Wave 1: bakes for 3 d" in page
    assert (
        "firm for spring: the preset “firm”, with this rule of its own: Notice before codes are suspended 10 d"
        in page
    )
    assert page.index("rules as in the preset") < page.index("Cooling-off")


def test_a_preset_without_changes_says_so(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(policy=STANDARD))
    assert "standard: all as in the preset “standard”." in text(olga.get(f"/console/cohorts/{cohort_id}"))


def test_guardrails_show_their_terms_before_they_are_assessed(local: World, olga: Browser) -> None:
    guardrail = make_guardrail(Metric.LOCK_OUTS, limit=0.02, least_sample=50, reaction=Reaction.ROLLBACK)
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(guardrails=(guardrail,)))
    page = text(olga.get(f"/console/cohorts/{cohort_id}"))
    assert "Lock-outs (locked out, or recovered) not assessed 2 % 50 7 d rollback" in page


def test_the_page_says_how_fast_people_come(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
        for days, enrolled in ((0, 0), (10, 50)):
            funnel = [WaveFunnel(wave=0, members=100, launched=100, passkey_enrolled=enrolled)]
            at = START + timedelta(days=days)
            tallies.record(session, cohort_id, at=at, assessments=(), funnel=funnel)
    local.clock.advance(timedelta(days=10))
    page = text(olga.get(f"/console/cohorts/{cohort_id}"))
    assert (
        "Passkey enrolled: 5 people a day over the last 10 d; 50 of those launched are not there yet; at this"
        in page
    )
    assert "Passkey proven: 0 in 10 d, too few to say" in page
