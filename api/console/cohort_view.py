"""What the console shows of one cohort: plain values, read from the store in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console.charts import Chart, Series, Span, chart, span
from api.console.definition_view import DefinitionView, definition_view
from api.console.funnel_view import FunnelRow, funnel_rows, percent_of
from api.console.rate_charts import RateChart, rate_charts
from api.web.pages import instant
from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import Against, Assessment, Verdict, overall
from domain.rollouts.paces import CohortPace
from domain.rollouts.rollout import OVER, Command, Stage, Standing, present_wave, taken_at
from domain.switches import Switch
from domain.words.cohort_captions import doubt, waits_for
from domain.words.console_words import CURVES, MEANINGS, METRIC_MEANINGS, METRICS, ORDERS, why_not
from domain.words.draw_captions import draw_caption
from domain.words.durations import duration
from domain.words.passed_over_words import why_passed_over
from services.rollouts import cohort_paces
from store import Session
from store.journeys import switches
from store.rollouts import cohorts, measurements, passed_over, slice_holds, tallies
from store.rollouts.cohorts import CohortEntry
from store.rollouts.measurements import Reached, WaveFunnel
from store.rollouts.tallies import Tally


@dataclass(frozen=True, kw_only=True)
class WaveStep:
    """One wave; `when` is `behind`, `now` or `ahead`. `bake_done` is in percent."""

    number: int
    percent: float
    when: str
    launched: int
    members: int
    passed_over: int
    bake: str
    bake_done: float


@dataclass(frozen=True, kw_only=True)
class GuardrailRow:
    """One guardrail: what it measures, what it found, and what it does."""

    metric: str
    meaning: str
    assessment: Assessment
    rate: float | None
    span: Span | None
    is_against_holdout: bool
    doubt: str


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """One slice from which the prompt is kept."""

    hold_id: str
    title: str
    metric: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class OrderButton:
    """One command that operators can give; `refusal` says why it is not possible now."""

    command: Command
    title: str
    meaning: str
    refusal: str


@dataclass(frozen=True, kw_only=True)
class CohortView:
    """Everything that the page of one cohort shows."""

    cohort_id: str
    name: str
    cohort: Cohort
    definition: DefinitionView
    launched_at: datetime
    archived_at: datetime | None
    standing: Standing
    waits_for: str
    then: str
    waves: tuple[WaveStep, ...]
    reached: Reached
    passed_over: str
    funnel: tuple[FunnelRow, ...]
    paces: tuple[CohortPace, ...]
    drawn: str
    is_mismatch: bool
    chart: Chart | None
    beside_holdout: Chart | None
    assessed_at: datetime | None
    verdict: Verdict | None
    guardrails: tuple[GuardrailRow, ...]
    rate_charts: tuple[RateChart, ...]
    holds: tuple[HoldRow, ...]
    orders: tuple[OrderButton, ...]
    log: Sequence[CohortEntry]

    @property
    def is_over(self) -> bool:
        """Whether the rollout takes no commands any more."""
        return self.standing.stage in OVER


def view(session: Session, cohort_id: str, *, now: datetime) -> CohortView:
    """One cohort. Raises Unknown."""
    row = cohorts.get(session, cohort_id)
    cohort, standing = cohorts.description(row), cohorts.standing(row)
    latest = tallies.latest(session, cohort_id)
    assessments = latest.assessments if latest else ()
    waves = measurements.funnel(session, cohort_id)
    history = tallies.series(session, cohort_id)
    return CohortView(
        cohort_id=cohort_id,
        name=row.name,
        cohort=cohort,
        definition=definition_view(cohort),
        launched_at=row.launched_at,
        archived_at=row.archived_at,
        standing=standing,
        waits_for=waits_for(
            standing,
            cohort,
            assessments,
            now=now,
            when=instant,
            is_switched_off=switches.is_stopped_for_everybody(session, Switch.LAUNCHES),
        ),
        then=_then(standing, cohort),
        waves=tuple(
            _wave_step(number, standing, cohort, waves[number], now) for number in range(len(cohort.waves))
        ),
        reached=measurements.together(waves),
        passed_over=why_passed_over(passed_over.counts(session, cohort_id)),
        funnel=funnel_rows(waves, cohort),
        paces=() if standing.stage in OVER else cohort_paces.draw(session, cohort_id, now=now),
        drawn=draw_caption(latest.draw if latest else None),
        is_mismatch=bool(latest and latest.draw and latest.draw.is_mismatch),
        chart=_chart(history),
        beside_holdout=_beside_holdout(history),
        rate_charts=rate_charts(history),
        assessed_at=latest.at if latest else None,
        verdict=overall(assessments) if latest else None,
        guardrails=tuple(_guardrail(assessment) for assessment in assessments),
        holds=() if standing.stage in OVER else _holds(session, cohort_id),
        orders=_orders(standing, waves),
        log=cohorts.entries(session, cohort_id),
    )


def _holds(session: Session, cohort_id: str) -> tuple[HoldRow, ...]:
    return tuple(
        HoldRow(hold_id=hold.hold_id, title=str(hold.slice), metric=METRICS[hold.metric], since=hold.since)
        for hold in slice_holds.of_cohort(session, cohort_id, only_open=True)
    )


def _then(standing: Standing, cohort: Cohort) -> str:
    """The next step of the rollout, after the step that it waits for."""
    if standing.stage in OVER or standing.stage in (Stage.PAUSED, Stage.DONE) or standing.suspected_at:
        return ""
    if standing.stage is Stage.LAUNCHING:
        return f"then it bakes for {duration(present_wave(standing, cohort).bake)}"
    if standing.wave + 1 < len(cohort.waves):
        return (
            f"if they pass, wave {standing.wave + 2} ({cohort.waves[standing.wave + 1].percent:g} %) begins"
        )
    return "if they pass, nobody new is launched, and the rollout is watched until the last journey has ended"


def _wave_step(
    number: int, standing: Standing, cohort: Cohort, funnel: WaveFunnel, now: datetime
) -> WaveStep:
    wave = cohort.waves[number]
    is_behind = number < standing.wave or standing.is_all_launched
    is_now = number == standing.wave and not is_behind
    done = 0.0
    if is_now and standing.bakes_until and standing.stage in (Stage.BAKING, Stage.HOLDING) and wave.bake:
        done = 100 * (1 - min(max((standing.bakes_until - now) / wave.bake, 0.0), 1.0))
    return WaveStep(
        number=number + 1,
        percent=wave.percent,
        when="behind" if is_behind else "now" if is_now else "ahead",
        launched=funnel.launched,
        members=funnel.members,
        passed_over=funnel.passed_over,
        bake=duration(wave.bake),
        bake_done=round(done, 1),
    )


def _chart(history: Sequence[Tally]) -> Chart | None:
    curves = [
        Series(name=name, label=label, counts=[getattr(tally.reached, name) for tally in history])
        for name, label in CURVES.items()
    ]
    return chart([tally.at for tally in history], curves)


def _beside_holdout(history: Sequence[Tally]) -> Chart | None:
    """The share of people with a passkey, launched and held out, at the looks that counted both."""
    pairs = [
        (tally.at, tally.reached, tally.held_out)
        for tally in history
        if tally.held_out and tally.reached.launched
    ]
    launched = [round(percent_of(reached.passkey_enrolled, reached.launched)) for _, reached, _ in pairs]
    held_out = [round(percent_of(others.passkey_enrolled, others.members)) for _, _, others in pairs]
    curves = [
        Series(name="launched", label="% of launched", counts=launched),
        Series(name="held_out", label="% of held out", counts=held_out),
    ]
    return chart([at for at, _, _ in pairs], curves)


def _guardrail(assessment: Assessment) -> GuardrailRow:
    guardrail, rate = assessment.guardrail, assessment.measured
    is_against_holdout = guardrail.against is Against.HOLDOUT
    drawn = None
    if rate is not None:
        drawn = span(rate=rate, low=assessment.low, high=assessment.high, limit=guardrail.limit)
    return GuardrailRow(
        metric=METRICS[guardrail.metric],
        meaning=METRIC_MEANINGS[guardrail.metric],
        assessment=assessment,
        rate=rate,
        span=drawn,
        is_against_holdout=is_against_holdout,
        doubt="" if assessment.verdict is Verdict.PASSED else doubt(assessment),
    )


def _orders(standing: Standing, waves: Sequence[WaveFunnel]) -> tuple[OrderButton, ...]:
    taken = taken_at(standing)
    return tuple(
        OrderButton(
            command=command,
            title=title,
            meaning=MEANINGS[command] + _touched(command, waves),
            refusal="" if command in taken else why_not(command, standing.stage),
        )
        for command, title in ORDERS.items()
    )


def _touched(command: Command, waves: Sequence[WaveFunnel]) -> str:
    if command is not Command.ROLLBACK:
        return ""
    together = measurements.together(waves)
    people = together.notice - together.removed
    return f" At this moment that is {people} {'person' if people == 1 else 'people'}."
