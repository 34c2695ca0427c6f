"""The series of the present moment: relay, providers, rollouts and their guardrails."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import Metric

from domain.messages.text_limits import ALL
from domain.retiring import Retiring
from domain.rollouts.guardrails import Assessment, Verdict
from domain.rollouts.rollout import OVER, Stage
from domain.switches import EVERYBODY, SLICES, SwitchStop
from offramp.metrics import metrics
from offramp.metrics.metrics import Figure, sampled
from store.engine.heartbeats import LIVES_FOR, Heartbeat
from store.figures.live_figures import CohortNow, LiveFigures

_Judged = tuple[tuple[str, str, str], Assessment]


def series(figures: LiveFigures, *, sms_price: float, reads_host_list: bool = False) -> list[Metric]:
    """All metric families of the present moment. `reads_host_list`: a worker reads the host's list each night."""
    list_at = figures.host_list_at if reads_host_list else None
    return [
        *_engine(figures),
        *_texts(figures),
        *_providers(figures),
        *_rollouts(figures),
        *_guardrails(figures.cohorts),
        sampled(metrics.SMS_PRICE, {(): sms_price}),
        sampled(metrics.HOST_LIST_AT, {(): list_at.timestamp()} if list_at else {}),
    ]


def _engine(figures: LiveFigures) -> Iterator[Metric]:
    lags = {("journal",): figures.oldest_entry, ("messages",): figures.oldest_message}
    yield sampled(metrics.RELAY_LAG, {queue: _seconds(since, figures.at) for queue, since in lags.items()})
    yield sampled(metrics.HEARTBEAT, _last_beats(figures.heartbeats))
    yield sampled(metrics.CLOCK_OFFSET, _clock_offsets(figures.heartbeats, figures.at))
    yield sampled(metrics.MESSAGES_QUEUED, figures.waiting)
    yield sampled(
        metrics.HANDED_OLDEST,
        {(lane.queue,): _seconds(lane.handed_since, figures.at) for lane in figures.lanes},
    )
    yield sampled(
        metrics.LANE_STILL,
        {(lane.queue,): _seconds(lane.still_since(), figures.at) for lane in figures.lanes},
    )
    yield sampled(metrics.WEBHOOKS_OLDEST, {(): _seconds(figures.oldest_webhook, figures.at)})
    yield sampled(metrics.WEBHOOKS_DEAD, {(): figures.dead_webhooks})
    yield sampled(metrics.RETIRING_STOPPED, _stopped(figures.retiring))
    yield sampled(metrics.GUARD_UP, {(): float(figures.guard_is_up)})
    yield sampled(metrics.STOPS, _stops(figures.stops))
    yield sampled(metrics.OBJECTIONS, {(): figures.objections})
    yield sampled(metrics.RECOVERIES, {(stage,): count for stage, count in figures.recoveries.items()})
    yield sampled(
        metrics.HOST_DIFFERENCES, {(kind,): count for kind, count in figures.host_differences.items()}
    )
    yield sampled(metrics.DATABASE_SIZE, {(): figures.database_bytes})


def _last_beats(beats: Sequence[Heartbeat]) -> dict[tuple[str, ...], float]:
    """Of each kind of process the last sign of life of any."""
    oldest_first = sorted(beats, key=lambda beat: beat.at)
    return {(beat.kind,): beat.at.timestamp() for beat in oldest_first}


def _clock_offsets(beats: Sequence[Heartbeat], now: datetime) -> dict[tuple[str, ...], float]:
    """Of each kind of process that lives the clock that is furthest off."""
    living = [beat for beat in beats if abs(now - beat.at) <= LIVES_FOR]
    return {(beat.kind,): beat.offset_seconds for beat in sorted(living, key=lambda beat: abs(beat.offset))}


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


def _stops(stops: Sequence[SwitchStop]) -> dict[tuple[str, ...], float]:
    """How many stops hold, of each kind that there can be."""
    slices = {switch: (EVERYBODY, *dimensions) for switch, dimensions in SLICES.items()}
    counts: dict[tuple[str, ...], float] = {
        (switch.value, str(people)): 0.0 for switch, names in slices.items() for people in names
    }
    for stop in stops:
        counts[stop.switch.value, str(stop.slice.by if stop.slice else EVERYBODY)] += 1
    return counts


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
    yield sampled(
        metrics.HOST_EVENTS, {(count.kind, count.outcome): count.times for count in figures.host_events}
    )


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
    yield sampled(
        metrics.UNDER_WAY, {(cohort.name,): float(cohort.standing.stage not in OVER) for cohort in cohorts}
    )
    yield sampled(metrics.ROLLOUT_WAVE, {(cohort.name,): cohort.standing.wave + 1 for cohort in cohorts})
    since = {(cohort.name,): cohort.standing.since for cohort in cohorts}
    yield sampled(metrics.ROLLOUT_CHANGED, {name: at.timestamp() for name, at in since.items() if at})
    yield sampled(
        metrics.ROLLOUT_COMMANDS,
        {
            (names[cohort_id], kind): times
            for (cohort_id, kind), times in figures.commands.items()
            if cohort_id in names
        },
    )
    yield sampled(metrics.SLICES_HELD, _held(cohorts))
    yield sampled(metrics.LAUNCH_LIMIT, {(cohort.name,): cohort.pace / 60 for cohort in cohorts})


def _held(cohorts: Sequence[CohortNow]) -> dict[tuple[str, ...], float]:
    """The slices without the prompt, of rollouts that are under way; where they are over, nobody is asked."""
    return {
        (cohort.name, hold.slice.by, hold.slice.value): 1
        for cohort in cohorts
        if cohort.standing.stage not in OVER
        for hold in cohort.holds
    }


def _guardrails(cohorts: Sequence[CohortNow]) -> Iterator[Metric]:
    yield sampled(
        metrics.ASSESSED, {(cohort.name,): cohort.tally.at.timestamp() for cohort in cohorts if cohort.tally}
    )
    yield sampled(
        metrics.ASSESSED_EVERY, {(cohort.name,): cohort.assess_every.total_seconds() for cohort in cohorts}
    )
    draws = {cohort.name: cohort.tally.draw for cohort in cohorts if cohort.tally}
    yield sampled(
        metrics.SAMPLE_RATIO,
        {(name,): draw.probability for name, draw in draws.items() if draw and draw.probability is not None},
    )
    judged = [labelled for cohort in cohorts for labelled in _judged(cohort)]
    measures: dict[Figure, Callable[[Assessment], float | None]] = {
        metrics.GUARDRAIL_RATE: lambda assessment: assessment.measured,
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
            (*labels, verdict.value): float(_shown(assessment) is verdict)
            for labels, assessment in judged
            for verdict in Verdict
        },
    )


def _judged(cohort: CohortNow) -> Iterator[_Judged]:
    """The latest assessments with their labels; they are numbered, as one metric may have several guardrails."""
    for number, assessment in enumerate(cohort.tally.assessments if cohort.tally else (), start=1):
        yield (cohort.name, str(number), assessment.guardrail.metric.value), assessment


def _shown(assessment: Assessment) -> Verdict:
    """A suspicion is a failure until it has ended, although its hits may have left the window."""
    return Verdict.FAILED if assessment.is_suspected else assessment.verdict


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
