"""The series of the present moment: relay, providers, rollouts and their guardrails."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import Metric

from domain.messages.text_limits import ALL
from domain.retiring import Retiring
from domain.rollouts.guardrails import Assessment, Verdict
from domain.rollouts.rollout import Stage
from offramp.metrics import metrics
from offramp.metrics.metrics import Figure, sampled
from store.figures.live_figures import CohortNow, LiveFigures

_Judged = tuple[tuple[str, str, str], Assessment]


def series(figures: LiveFigures, *, sms_price: float) -> list[Metric]:
    """All metric families of the present moment."""
    return [
        *_engine(figures),
        *_texts(figures),
        *_providers(figures),
        *_rollouts(figures),
        *_guardrails(figures.cohorts),
        sampled(metrics.SMS_PRICE, {(): sms_price}),
    ]


def _engine(figures: LiveFigures) -> Iterator[Metric]:
    lags = {("journal",): figures.oldest_entry, ("messages",): figures.oldest_message}
    yield sampled(metrics.RELAY_LAG, {queue: _seconds(since, figures.at) for queue, since in lags.items()})
    yield sampled(
        metrics.HEARTBEAT, {(heartbeat.name,): heartbeat.at.timestamp() for heartbeat in figures.heartbeats}
    )
    yield sampled(metrics.MESSAGES_QUEUED, figures.waiting)
    yield sampled(metrics.RETIRING_STOPPED, _stopped(figures.retiring))
    yield sampled(metrics.OBJECTIONS, {(): figures.objections})
    yield sampled(metrics.DATABASE_SIZE, {(): figures.database_bytes})


def _texts(figures: LiveFigures) -> Iterator[Metric]:
    yield sampled(metrics.TEXTS_TODAY, {(country,): times for country, times in figures.texts.items()})
    yield sampled(
        metrics.MESSAGES_WITHHELD, {(line.reason, line.country): line.times for line in figures.withheld}
    )
    # Without a ceiling, none is used up.
    used = {ALL: 0.0} | {use.country: use.share for use in figures.ceilings}
    yield sampled(metrics.CEILING_USED, {(country,): share for country, share in used.items()})


def _stopped(retiring: Retiring) -> dict[tuple[str, ...], float]:
    by_system = retiring.is_stopped and retiring.is_automatic
    by_staff = retiring.is_stopped and not retiring.is_automatic
    return {("system",): float(by_system), ("staff",): float(by_staff)}


def _providers(figures: LiveFigures) -> Iterator[Metric]:
    yield sampled(
        metrics.PROVIDER_FAILURES, {(outage.provider,): outage.failures for outage in figures.outages}
    )
    holds = {(outage.provider,): outage.held_until for outage in figures.outages}
    yield sampled(
        metrics.PROVIDER_HOLD,
        {
            provider: -_seconds(until, figures.at)
            for provider, until in holds.items()
            if until and until > figures.at
        },
    )
    yield sampled(
        metrics.CALLBACKS, {(count.provider, count.outcome): count.times for count in figures.callbacks}
    )
    last_at: dict[tuple[str, ...], float] = {}
    for count in figures.callbacks:
        last_at[(count.provider,)] = max(last_at.get((count.provider,), 0.0), count.last_at.timestamp())
    yield sampled(metrics.CALLBACK_LAST, last_at)


def _rollouts(figures: LiveFigures) -> Iterator[Metric]:
    cohorts, names = figures.cohorts, {cohort.cohort_id: cohort.name for cohort in figures.cohorts}
    yield sampled(
        metrics.ROLLOUT_STAGE,
        {
            (cohort.name, stage.value): float(cohort.standing.stage is stage)
            for cohort in cohorts
            for stage in Stage
        },
    )
    yield sampled(metrics.ROLLOUT_WAVE, {(cohort.name,): cohort.standing.wave + 1 for cohort in cohorts})
    since = {(cohort.name,): cohort.standing.since for cohort in cohorts}
    yield sampled(metrics.ROLLOUT_CHANGED, {name: at.timestamp() for name, at in since.items() if at})
    yield sampled(
        metrics.ROLLOUT_COMMANDS,
        {(names[cohort_id], kind): times for (cohort_id, kind), times in figures.commands.items()},
    )
    yield sampled(metrics.LAUNCH_LIMIT, {(cohort.name,): cohort.pace / 60 for cohort in cohorts})


def _guardrails(cohorts: Sequence[CohortNow]) -> Iterator[Metric]:
    yield sampled(
        metrics.ASSESSED, {(cohort.name,): cohort.tally.at.timestamp() for cohort in cohorts if cohort.tally}
    )
    judged = [labelled for cohort in cohorts for labelled in _judged(cohort)]
    measures: dict[Figure, Callable[[Assessment], float | None]] = {
        metrics.GUARDRAIL_RATE: _rate,
        metrics.GUARDRAIL_LOW: lambda assessment: assessment.low,
        metrics.GUARDRAIL_HIGH: lambda assessment: assessment.high,
        metrics.GUARDRAIL_LIMIT: lambda assessment: assessment.guardrail.limit,
        metrics.GUARDRAIL_SAMPLE: lambda assessment: assessment.sample.size,
    }
    for figure, measure in measures.items():
        samples = {labels: measure(assessment) for labels, assessment in judged}
        yield sampled(figure, {labels: sample for labels, sample in samples.items() if sample is not None})
    yield sampled(
        metrics.GUARDRAIL_VERDICT,
        {
            (*labels, verdict.value): float(assessment.verdict is verdict)
            for labels, assessment in judged
            for verdict in Verdict
        },
    )


def _judged(cohort: CohortNow) -> Iterator[_Judged]:
    """The latest assessments with their labels; they are numbered, as one metric may have several guardrails."""
    for number, assessment in enumerate(cohort.tally.assessments if cohort.tally else (), start=1):
        yield (cohort.name, str(number), assessment.guardrail.metric.value), assessment


def _rate(assessment: Assessment) -> float | None:
    """The value that is compared with the limit: the rate, or its difference to the holdout's rate."""
    rate = assessment.sample.rate
    if rate is None or assessment.holdout is None:
        return rate
    return None if assessment.holdout.rate is None else rate - assessment.holdout.rate


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
