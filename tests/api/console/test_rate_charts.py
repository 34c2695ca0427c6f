"""The rates of guardrails over time: where they are drawn, and what is said of them."""

from dataclasses import replace
from datetime import timedelta

from api.console.rate_charts import HEIGHT, WIDTH, rate_charts
from domain.rollouts.guardrails import Assessment, Metric, Sample, assess
from store.rollouts import tallies
from store.rollouts.measurements import Reached, WaveFunnel
from store.rollouts.tallies import Tally
from tests.api.console.operators import text
from tests.api.world import Browser, World
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_guardrail

GUARDRAIL = make_guardrail(limit=0.1)


def looked(day: int, *assessments: Assessment) -> Tally:
    return Tally(at=START + timedelta(days=day), assessments=assessments, reached=Reached())


def measured(hits: int, size: int = 1000) -> Assessment:
    return assess(GUARDRAIL, Sample(hits=hits, size=size))


def points(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in drawn.split())]


def test_a_higher_rate_is_drawn_higher_and_the_limit_lies_where_it_is() -> None:
    (chart,) = rate_charts([looked(0, measured(20)), looked(1, measured(60)), looked(4, measured(200))])
    rate, limit = points(chart.rate), points(chart.limit)
    assert [x for x, _ in rate] == [44.0, 136.0, 412.0]
    assert rate[0][1] > rate[1][1] > limit[0][1] > rate[2][1]
    assert len(points(chart.band)) == 6
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(chart.band))
    assert chart.summary == (
        "20.0% at the last look, between 16.0% and 24.8%, with a limit of 10.0%; 20.0% at the most; "
        "failed at 1 of the 3 looks drawn"
    )


def test_a_limit_that_was_edited_moves_and_is_the_same_guardrail() -> None:
    before = replace(measured(20), guardrail=replace(GUARDRAIL, limit=0.05))
    (chart,) = rate_charts([looked(0, before), looked(1, measured(20))])
    first, last = points(chart.limit)
    assert first[1] > last[1]
    assert "failed at none of the 2 looks drawn" in chart.summary


def test_what_was_measured_once_or_of_nobody_is_not_drawn() -> None:
    other = assess(make_guardrail(Metric.OPT_OUTS), Sample(hits=0, size=0))
    assert rate_charts([]) == ()
    assert rate_charts([looked(0, measured(1))]) == ()
    assert rate_charts([looked(0, other), looked(1, other), looked(2, other)]) == ()


def test_the_page_draws_them_with_words_beside(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(guardrails=(GUARDRAIL,)))
        for day, hits in ((0, 20), (1, 60)):
            at = START + timedelta(days=day)
            tallies.record(session, cohort_id, at=at, assessments=(measured(hits),))
    page = olga.get(f"/console/cohorts/{cohort_id}")
    assert page.text.count('class="rate-band"') == 1
    assert "Rates over time Lock-outs 6.0% at the last look" in text(page)


def test_the_holdout_is_a_curve_beside_the_cohort(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
        for day, enrolled in ((0, 10), (1, 45)):
            funnel = [
                WaveFunnel(wave=0, members=90, launched=90, passkey_enrolled=enrolled),
                WaveFunnel(wave=None, held_out=True, members=50, passkey_enrolled=5),
            ]
            at = START + timedelta(days=day)
            tallies.record(session, cohort_id, at=at, assessments=(), funnel=funnel)
    page = olga.get(f"/console/cohorts/{cohort_id}")
    assert "% of launched: 50, % of held out: 10." in text(page)
    with local.database.reading() as session:
        latest = tallies.latest(session, cohort_id)
    assert latest
    assert latest.held_out == Reached(members=50, passkey_enrolled=5)


def test_looks_that_did_not_count_the_holdout_draw_no_curve(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
        for day in (0, 1):
            funnel = [WaveFunnel(wave=0, members=90, launched=90)]
            tallies.record(session, cohort_id, at=START + timedelta(days=day), assessments=(), funnel=funnel)
    assert "beside the holdout" not in olga.get(f"/console/cohorts/{cohort_id}").text
