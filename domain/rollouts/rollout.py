"""Where a rollout stands, and which commands it takes there."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import Refused
from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import Verdict


class Stage(StrEnum):
    """How far a rollout is."""

    LAUNCHING = "launching"
    BAKING = "baking"
    HOLDING = "holding"
    PAUSED = "paused"
    DONE = "done"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled_back"


class Command(StrEnum):
    """What operators may tell a rollout."""

    LAUNCH = "launch"
    PAUSE = "pause"
    RESUME = "resume"
    ADVANCE = "advance"
    ABORT = "abort"
    ROLLBACK = "rollback"
    EXTEND = "extend"


UNDER_WAY = frozenset({Stage.LAUNCHING, Stage.BAKING, Stage.HOLDING, Stage.PAUSED})
OVER = frozenset({Stage.DONE, Stage.ABORTED, Stage.ROLLED_BACK})
FROZEN = frozenset({Stage.PAUSED, Stage.ABORTED, Stage.ROLLED_BACK})
"""Stages in which nothing new happens to anybody of the cohort."""

_TAKEN_AT = {
    Command.PAUSE: UNDER_WAY - {Stage.PAUSED},
    Command.RESUME: frozenset({Stage.PAUSED}),
    Command.ADVANCE: frozenset({Stage.BAKING, Stage.HOLDING}),
    Command.ABORT: UNDER_WAY,
    Command.ROLLBACK: UNDER_WAY,
    Command.EXTEND: frozenset({Stage.BAKING, Stage.HOLDING}),
}


class CommandRefused(Refused):
    """A command that a rollout does not take where it stands; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a rollout stands. `version` grows with every change; `wave` counts from 0."""

    stage: Stage = Stage.LAUNCHING
    wave: int = 0
    version: int = 1
    since: datetime | None = None
    bakes_until: datetime | None = None
    paused_from: Stage | None = None
    because: str = ""

    @property
    def is_frozen(self) -> bool:
        """Whether nothing new happens to anybody."""
        return self.stage in FROZEN

    def to(self, stage: Stage, *, at: datetime, because: str = "", **changes: Any) -> "Standing":
        """The next standing."""
        changes |= {"stage": stage, "version": self.version + 1, "since": at, "because": because}
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command with its reason and its author; `seen` is the version of the standing that the author looked at."""

    command: Command
    by: str
    reason: str
    seen: int | None = None
    extend_by: timedelta | None = None


def taken_at(stage: Stage) -> list[Command]:
    """The commands that a rollout takes in a stage."""
    return [command for command, stages in _TAKEN_AT.items() if stage in stages]


def require_taken(order: Order, standing: Standing) -> None:
    """Raise CommandRefused unless the order has a reason, its author saw this standing, and the stage takes it."""
    if not order.reason.strip():
        raise CommandRefused("say why: a command needs a reason")
    if order.seen is not None and order.seen != standing.version:
        raise CommandRefused(
            f"the rollout has moved on since you looked: it is {standing.stage} now"
            + (f" ({standing.because})" if standing.because else "")
            + "; look again, then decide"
        )
    commands = taken_at(standing.stage)
    if order.command not in commands:
        raise CommandRefused(
            f"{order.command} is not possible while the rollout is {standing.stage}; "
            + (f"possible is {', '.join(commands)}" if commands else "it is over")
        )
    if order.command is Command.EXTEND and not (order.extend_by and order.extend_by > timedelta()):
        raise CommandRefused("say by how long to extend")


def obeyed(order: Order, standing: Standing, cohort: Cohort, *, at: datetime) -> Standing:
    """Where a rollout stands after a command that it takes."""
    because = f"{order.by}: {order.reason}"
    match order.command:
        case Command.PAUSE:
            return standing.to(Stage.PAUSED, at=at, because=because, paused_from=standing.stage)
        case Command.RESUME:
            resumed = standing.paused_from or Stage.LAUNCHING
            until = _without_the_pause(standing, at)
            return standing.to(resumed, at=at, because=because, paused_from=None, bakes_until=until)
        case Command.ABORT:
            return standing.to(Stage.ABORTED, at=at, because=because)
        case Command.ROLLBACK:
            return standing.to(Stage.ROLLED_BACK, at=at, because=because)
        case Command.EXTEND if order.extend_by:
            until = max(standing.bakes_until or at, at) + order.extend_by
            return standing.to(Stage.BAKING, at=at, because=because, bakes_until=until)
    return onward(standing, cohort, at=at, because=because)


def launched(standing: Standing, cohort: Cohort, *, at: datetime) -> Standing:
    """Where a rollout stands once everybody of the wave has been started: the wave is watched."""
    until = at + cohort.waves[standing.wave].bake
    return standing.to(Stage.BAKING, at=at, bakes_until=until)


def judged(standing: Standing, cohort: Cohort, verdict: Verdict, *, at: datetime) -> Standing:
    """Where a rollout stands after an assessment that nothing reacted to.

    When the bake is over, a pass starts the next wave. Doubt, or a failure that only notifies, holds the wave.
    """
    if standing.stage not in (Stage.BAKING, Stage.HOLDING):
        return standing
    if standing.bakes_until is None or at < standing.bakes_until:
        return standing
    if verdict is Verdict.PASSED:
        return onward(standing, cohort, at=at)
    if standing.stage is Stage.HOLDING:
        return standing
    return standing.to(Stage.HOLDING, at=at, because=f"the guardrails are {verdict}")


def onward(standing: Standing, cohort: Cohort, *, at: datetime, because: str = "") -> Standing:
    """The next wave, or the end."""
    if standing.wave + 1 < len(cohort.waves):
        return standing.to(Stage.LAUNCHING, at=at, because=because, wave=standing.wave + 1, bakes_until=None)
    return standing.to(Stage.DONE, at=at, because=because, bakes_until=None)


def _without_the_pause(standing: Standing, at: datetime) -> datetime | None:
    """The end of the bake, later by the length of the pause: during a pause there is nothing to watch."""
    if standing.bakes_until is None or standing.since is None:
        return standing.bakes_until
    return standing.bakes_until + (at - standing.since)
