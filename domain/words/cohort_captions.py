"""Puts a rollout's standing into sentences: where it is, and what it waits for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import isinf

from domain.inventory import NOT_TOLD, SmsMethod
from domain.rollouts.awaited import Awaited, wait
from domain.rollouts.cohorts import Cohort, Ineligibility
from domain.rollouts.forecasts import least_to_pass
from domain.rollouts.guardrails import Against, Assessment, Guardrail, Metric, Sample, Verdict
from domain.rollouts.rollout import Stage, Standing
from domain.words.console_words import METRICS

When = Callable[[datetime], str]
"""Puts an instant into words."""

_WORDS = {
    Stage.LAUNCHING: "launching",
    Stage.BAKING: "baking",
    Stage.HOLDING: "holding",
    Stage.PAUSED: "paused in",
}
_OVER = {
    Stage.DONE: "done: everybody is launched, and journeys go on",
    Stage.ENDED: "ended: the last journey has ended",
    Stage.ABORTED: "aborted",
    Stage.ROLLED_BACK: "rolled back",
}

OBSTACLES = {
    Ineligibility.SMS_REMOVED: "have left text-message codes behind already",
    Ineligibility.JOURNEY_ALREADY: "have a journey already",
    Ineligibility.NO_PHONE: "have no phone number",
    Ineligibility.EXCLUDED: "are excluded by the description",
    Ineligibility.EXEMPT: "are exempt",
    Ineligibility.LAUNCHES_STOPPED: "live where launches are stopped for now",
}
"""Why members cannot take part: "they have no phone number"."""


INVENTORY = {
    SmsMethod.ONLY: "have text-message codes as their only way in at the service",
    SmsMethod.DEFAULT: "have text-message codes as their usual way in there, among others",
    SmsMethod.ONE_OF_SEVERAL: "have text-message codes as one way in of several there",
    SmsMethod.NONE: "have no text-message codes there",
    NOT_TOLD: "have ways in there of which the service has told nothing",
}
"""What text-message codes are to members at the host, in words that follow a number."""


_PLAIN = {
    Awaited.SWITCH: "launches, which are stopped for everybody",
    Awaited.NO_WINDOW: "launch windows that never open",
    Awaited.JOURNEYS: "the last journey to end; until then it is watched, and takes pause, abort, rollback and edit",
}


def already_done(accounts: int) -> str:
    """How many of those who match a description are not made members, because there is nothing to move."""
    return (
        "1 is already done and stays out" if accounts == 1 else f"{accounts:,} are already done and stay out"
    )


def headline(where: Standing, cohort: Cohort) -> str:
    """One line: the stage, the wave, and why, if somebody or something has brought it there."""
    because = f" ({where.because})" if where.because else ""
    if where.stage in _OVER:
        return f"{_OVER[where.stage]}{because}"
    wave = f"wave {where.wave + 1} of {len(cohort.waves)}, {cohort.waves[where.wave].percent:g} %"
    return f"{_WORDS[where.stage]} {wave}{because}"


def waits_for(
    where: Standing,
    cohort: Cohort,
    judged: Sequence[Assessment],
    *,
    now: datetime,
    when: When,
    is_switched_off: bool = False,
) -> str:
    """What has to happen before the rollout goes on by itself, or what an operator has to do."""
    waited_for = wait(where, cohort, now=now, is_switched_off=is_switched_off)
    until = when(waited_for.until) if waited_for.until else ""
    match waited_for.awaited:
        case Awaited.LAUNCHES:
            return f"the rest of the wave, at {cohort.pace} journeys a minute"
        case Awaited.WINDOW:
            return f"the launch windows, which open {until}"
        case Awaited.BAKE:
            return f"the end of the wave's bake, {until}; then the guardrails decide"
        case Awaited.VERDICT if where.stage is Stage.BAKING:
            return "the next look at the guardrails, which decide"
        case Awaited.VERDICT:
            return f"the guardrails, {_since(where, when)}: {_doubts(judged)}"
        case Awaited.SECOND_LOOK:
            return (
                f"a second look at people who came after {when(where.suspected_at or now)}; until then nobody new is "
                f"launched, and an operator may decide: {_doubts(judged)}"
            )
        case Awaited.ORDER:
            return f"an operator, {_since(where, when)}: resume, abort or rollback"
    return _PLAIN.get(waited_for.awaited, "nothing: it is over")


def doubt(judged: Assessment) -> str:
    """Why a guardrail has not passed, in a few words after its name."""
    guardrail, sample = judged.guardrail, judged.sample
    if judged.second is not None:
        return _second_look(judged, judged.second)
    if judged.slices:
        return f"is over its limit of {guardrail.limit:.1%} for {_slices(judged)}"
    if judged.verdict is Verdict.FAILED:
        return f"is over its limit of {guardrail.limit:.1%}"
    if judged.more_to_decide:
        return f"is above its limit of {guardrail.limit:.1%} so far; {_more(judged)}"
    if sample.size < _least(guardrail):
        return f"has measured {sample.size} of at least {_least(guardrail):g}"
    if judged.holdout and judged.holdout.size < guardrail.least_sample:
        return f"has measured {judged.holdout.size} of at least {guardrail.least_sample} held out"
    return f"may be on either side of its limit of {guardrail.limit:.1%}"


def _more(judged: Assessment) -> str:
    """Who decides, if the bounds stay above the limit: "8 more people decide"."""
    more, metric = judged.more_to_decide, judged.guardrail.metric
    single, plural = ("message", "messages") if metric is Metric.UNDELIVERED else ("person", "people")
    held_out = " held out" if judged.sample.size >= judged.guardrail.least_sample else ""
    return f"1 more {single}{held_out} decides" if more == 1 else f"{more:,} more {plural}{held_out} decide"


def _slices(judged: Assessment) -> str:
    return ", ".join(
        f"{failed.slice} ({failed.sample.hits} of {failed.sample.size})" for failed in judged.slices
    )


def _second_look(judged: Assessment, second: Sample) -> str:
    failed = f"has failed its limit of {judged.guardrail.limit:.1%}"
    of_others = f"{second.hits} of {second.size} who came later"
    if not second.size:
        return f"{failed} once, and nobody has come later whom a second look could measure"
    match judged.second_verdict:
        case Verdict.FAILED:
            return f"{failed} twice, the second time by {of_others}"
        case Verdict.PASSED:
            return f"{failed} once, and passed by {of_others}"
    return f"{failed} once, and {of_others} do not decide it yet"


def _least(guardrail: Guardrail) -> float:
    """The fewest people with whom a guardrail can pass; beside a holdout, or if it never can, with whom it can fail."""
    least = least_to_pass(guardrail)
    return guardrail.least_sample if guardrail.against is Against.HOLDOUT or isinf(least) else least


def _since(where: Standing, when: When) -> str:
    return f"since {when(where.since)}" if where.since else "for a while"


def _doubts(judged: Sequence[Assessment]) -> str:
    doubts = [
        f"“{METRICS[assessment.guardrail.metric]}” {doubt(assessment)}"
        for assessment in judged
        if assessment.verdict is not Verdict.PASSED
    ]
    return "; ".join(doubts) or "they are to be assessed again"
