"""The series of what goes on just now: relay, providers, rollouts and their guardrails."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import Metric

from domain.rollouts.guardrails import Assessment, Verdict
from domain.rollouts.rollout import Stage
from offramp.metrics import metrics
from offramp.metrics.metrics import Figure, sampled
from store.figures.live_figures import CohortNow, LiveFigures

_Judged = tuple[tuple[str, str, str], Assessment]


def series(now: LiveFigures, *, sms_price: float) -> list[Metric]:
    """All families of what goes on just now."""
    return [
        *_engine(now),
        *_providers(now),
        *_rollouts(now),
        *_guardrails(now.cohorts),
        sampled(metrics.SMS_PRICE, {(): sms_price}),
    ]


def _engine(now: LiveFigures) -> Iterator[Metric]:
    lags = {("journal",): now.oldest_entry, ("messages",): now.oldest_message}
    yield sampled(metrics.RELAY_LAG, {queue: _seconds(since, now.at) for queue, since in lags.items()})
    yield sampled(metrics.HEARTBEAT, {(one.name,): one.at.timestamp() for one in now.heartbeats})
    yield sampled(metrics.MESSAGES_QUEUED, now.waiting)
    yield sampled(metrics.OBJECTIONS, {(): now.objections})
    yield sampled(metrics.DATABASE_SIZE, {(): now.database_bytes})


def _providers(now: LiveFigures) -> Iterator[Metric]:
    yield sampled(metrics.PROVIDER_FAILURES, {(one.provider,): one.failures for one in now.outages})
    holds = {(one.provider,): one.held_until for one in now.outages}
    yield sampled(
        metrics.PROVIDER_HOLD,
        {provider: -_seconds(until, now.at) for provider, until in holds.items() if until and until > now.at},
    )
    yield sampled(metrics.CALLBACKS, {(one.provider, one.outcome): one.times for one in now.callbacks})
    last: dict[tuple[str, ...], float] = {}
    for one in now.callbacks:
        last[(one.provider,)] = max(last.get((one.provider,), 0.0), one.last_at.timestamp())
    yield sampled(metrics.CALLBACK_LAST, last)


def _rollouts(now: LiveFigures) -> Iterator[Metric]:
    cohorts, names = now.cohorts, {one.cohort_id: one.name for one in now.cohorts}
    yield sampled(
        metrics.ROLLOUT_STAGE,
        {(one.name, stage.value): float(one.standing.stage is stage) for one in cohorts for stage in Stage},
    )
    yield sampled(metrics.ROLLOUT_WAVE, {(one.name,): one.standing.wave + 1 for one in cohorts})
    since = {(one.name,): one.standing.since for one in cohorts}
    yield sampled(metrics.ROLLOUT_CHANGED, {name: at.timestamp() for name, at in since.items() if at})
    yield sampled(
        metrics.ROLLOUT_COMMANDS,
        {(names[cohort_id], kind): times for (cohort_id, kind), times in now.commands.items()},
    )
    yield sampled(metrics.LAUNCH_LIMIT, {(one.name,): one.pace / 60 for one in cohorts})


def _guardrails(cohorts: Sequence[CohortNow]) -> Iterator[Metric]:
    yield sampled(metrics.ASSESSED, {(one.name,): one.tally.at.timestamp() for one in cohorts if one.tally})
    judged = [each for one in cohorts for each in _judged(one)]
    drawn: dict[Figure, Callable[[Assessment], float | None]] = {
        metrics.GUARDRAIL_RATE: _rate,
        metrics.GUARDRAIL_LOW: lambda assessment: assessment.low,
        metrics.GUARDRAIL_HIGH: lambda assessment: assessment.high,
        metrics.GUARDRAIL_LIMIT: lambda assessment: assessment.guardrail.limit,
        metrics.GUARDRAIL_SAMPLE: lambda assessment: assessment.sample.size,
    }
    for figure, value in drawn.items():
        found = {labels: value(assessment) for labels, assessment in judged}
        yield sampled(figure, {labels: one for labels, one in found.items() if one is not None})
    yield sampled(
        metrics.GUARDRAIL_VERDICT,
        {
            (*labels, verdict.value): float(assessment.verdict is verdict)
            for labels, assessment in judged
            for verdict in Verdict
        },
    )


def _judged(cohort: CohortNow) -> Iterator[_Judged]:
    """The latest assessments, numbered, as one metric may have several guardrails."""
    for number, assessment in enumerate(cohort.tally.assessments if cohort.tally else (), start=1):
        yield (cohort.name, str(number), assessment.guardrail.metric.value), assessment


def _rate(assessment: Assessment) -> float | None:
    """What the limit is compared with: the rate, or its excess over the holdout's."""
    rate = assessment.sample.rate
    if rate is None or assessment.holdout is None:
        return rate
    return None if assessment.holdout.rate is None else rate - assessment.holdout.rate


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
