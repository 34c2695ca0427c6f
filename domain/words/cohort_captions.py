"""Puts a rollout's standing into sentences: where it is, and what it waits for."""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.rollouts.cohorts import Cohort, Ineligibility
from domain.rollouts.guardrails import Assessment, Verdict
from domain.rollouts.rollout import Stage, Standing
from domain.words.console_words import METRICS

When = Callable[[datetime], str]
"""Puts an instant into words."""

_WORDS = {
    Stage.LAUNCHING: "launching",
    Stage.BAKING: "watching",
    Stage.HOLDING: "holding",
    Stage.PAUSED: "paused in",
}
_OVER = {
    Stage.DONE: "done: every wave has been launched and watched",
    Stage.ABORTED: "aborted",
    Stage.ROLLED_BACK: "rolled back",
}

OBSTACLES = {
    Ineligibility.SMS_REMOVED: "have left text-message codes behind already",
    Ineligibility.JOURNEY_ALREADY: "have a journey already",
    Ineligibility.NO_PHONE: "have no phone number",
}
"""Why members cannot take part: "they have no phone number"."""


def headline(where: Standing, cohort: Cohort) -> str:
    """One line: the stage, the wave, and why, if somebody or something has brought it there."""
    because = f" ({where.because})" if where.because else ""
    if where.stage in _OVER:
        return f"{_OVER[where.stage]}{because}"
    wave = f"wave {where.wave + 1} of {len(cohort.waves)}, {cohort.waves[where.wave].percent:g} %"
    return f"{_WORDS[where.stage]} {wave}{because}"


def waits_for(
    where: Standing, cohort: Cohort, judged: Sequence[Assessment], *, now: datetime, when: When
) -> str:
    """What has to happen before the rollout goes on by itself, or what an operator has to do."""
    match where.stage:
        case Stage.LAUNCHING:
            return _launching(cohort, now=now, when=when)
        case Stage.BAKING:
            until = f", {when(where.bakes_until)}" if where.bakes_until else ""
            return f"the end of the wave's bake{until}; then the guardrails decide"
        case Stage.HOLDING:
            return f"the guardrails, {_since(where, when)}: {_doubts(judged)}"
        case Stage.PAUSED:
            return f"an operator, {_since(where, when)}: resume, abort or rollback"
    return "nothing: it is over"


def doubt(judged: Assessment) -> str:
    """Why a guardrail has not passed, in a few words after its name."""
    guardrail, sample = judged.guardrail, judged.sample
    if judged.verdict is Verdict.FAILED:
        return f"is over its limit of {guardrail.limit:.1%}"
    if sample.size < guardrail.least_sample:
        return f"has measured {sample.size} of at least {guardrail.least_sample}"
    if judged.holdout and judged.holdout.size < guardrail.least_sample:
        return f"has measured {judged.holdout.size} of at least {guardrail.least_sample} held out"
    return f"may be on either side of its limit of {guardrail.limit:.1%}"


def _launching(cohort: Cohort, *, now: datetime, when: When) -> str:
    if cohort.windows.is_open(now):
        return f"the rest of the wave, at {cohort.pace} journeys a minute"
    opens = cohort.windows.opens_at(now)
    return f"the launch windows, which open {when(opens)}" if opens else "launch windows that never open"


def _since(where: Standing, when: When) -> str:
    return f"since {when(where.since)}" if where.since else "for a while"


def _doubts(judged: Sequence[Assessment]) -> str:
    doubts = [
        f"“{METRICS[assessment.guardrail.metric]}” {doubt(assessment)}"
        for assessment in judged
        if assessment.verdict is not Verdict.PASSED
    ]
    return "; ".join(doubts) or "they are to be assessed again"
