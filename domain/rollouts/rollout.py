"""Where a rollout stands, and which commands it takes there."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import Refused
from domain.rollouts.cohorts import Cohort, Wave
from domain.rollouts.guardrails import Verdict


class Stage(StrEnum):
    """How far a rollout is. `done`: nobody new is launched, and journeys go on; `ended`: the last of them has ended."""

    LAUNCHING = "launching"
    BAKING = "baking"
    HOLDING = "holding"
    PAUSED = "paused"
    DONE = "done"
    ENDED = "ended"
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


UNDER_WAY = frozenset({Stage.LAUNCHING, Stage.BAKING, Stage.HOLDING, Stage.PAUSED, Stage.DONE})
OVER = frozenset({Stage.ENDED, Stage.ABORTED, Stage.ROLLED_BACK})
FROZEN = frozenset({Stage.PAUSED, Stage.ABORTED, Stage.ROLLED_BACK})
"""Stages in which nothing new happens to anybody of the cohort."""

NOT_UNDONE = frozenset({Command.ABORT, Command.ROLLBACK})
"""Commands that no other command undoes."""

LONGEST_EXTENSION = timedelta(days=3650)
"""A longer one would lie beyond what can be counted."""

_TAKEN_AT = {
    Command.PAUSE: UNDER_WAY - {Stage.PAUSED},
    Command.RESUME: frozenset({Stage.PAUSED}),
    Command.ADVANCE: frozenset({Stage.BAKING, Stage.HOLDING}),
    Command.ABORT: UNDER_WAY,
    Command.ROLLBACK: UNDER_WAY,
    Command.EXTEND: frozenset({Stage.BAKING, Stage.HOLDING}),
}


_STOPS = frozenset({Command.PAUSE, Command.ABORT, Command.ROLLBACK})
"""Commands that are taken from whoever saw a later standing: it was written down, and lost before the rollout knew."""


class CommandRefused(Refused):
    """A command that a rollout does not take where it stands; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a rollout stands. `version` grows with every change; `wave` counts from 0.

    `suspected_at` is when a guardrail that rolls back failed in a first look: nobody new is launched until a second
    look at people who came later. `takes_back` are the waves whose SMS a rollback restores; None means `wave` alone, as
    in rollbacks of older releases.
    """

    stage: Stage = Stage.LAUNCHING
    wave: int = 0
    version: int = 1
    since: datetime | None = None
    bakes_until: datetime | None = None
    paused_from: Stage | None = None
    because: str = ""
    suspected_at: datetime | None = None
    takes_back: tuple[int, ...] | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether nothing new happens to anybody."""
        return self.stage in FROZEN

    @property
    def is_all_launched(self) -> bool:
        """Whether nobody new is launched any more, as long as the description stays as it is."""
        return self.stage is Stage.ENDED or Stage.DONE in (self.stage, self.paused_from)

    def repeats(self, other: "Standing") -> bool:
        """Whether another standing is the same step, taken at another moment."""
        return (self.suspected_at is None) == (other.suspected_at is None) and _timeless(self) == _timeless(
            other
        )

    def to(self, stage: Stage, *, at: datetime, because: str = "", **changes: Any) -> "Standing":
        """The next standing."""
        changes |= {"stage": stage, "version": self.version + 1, "since": at, "because": because}
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command with its reason and its author; `seen` is the version of the standing that the author looked at.

    `wave`, from 0, is the wave that the author means to end or to watch for longer. `takes_back` are the waves of a
    rollback; without any, it takes back every wave that was launched.
    """

    command: Command
    by: str
    reason: str
    seen: int | None = None
    extend_by: timedelta | None = None
    wave: int | None = None
    takes_back: tuple[int, ...] = ()


def taken_at(standing: Standing) -> list[Command]:
    """The commands that a rollout takes where it stands; a suspicion is ended by resuming, too."""
    is_suspected = standing.suspected_at is not None and standing.stage in UNDER_WAY
    return [
        command
        for command, stages in _TAKEN_AT.items()
        if standing.stage in stages or (command is Command.RESUME and is_suspected)
    ]


def require_taken(order: Order, standing: Standing) -> None:
    """Raise CommandRefused unless the order has a reason, its author saw this standing, and the stage takes it."""
    is_ahead = order.command in _STOPS and order.seen is not None and order.seen > standing.version
    require_decided_on(standing, seen=None if is_ahead else order.seen, reason=order.reason)
    commands = taken_at(standing)
    if order.command not in commands:
        raise CommandRefused(
            f"{order.command} is not possible while the rollout is {standing.stage}; "
            + (f"possible is {', '.join(commands)}" if commands else "it is over")
        )
    if order.command is Command.EXTEND and not (order.extend_by and order.extend_by > timedelta()):
        raise CommandRefused("say by how long to extend")
    if order.extend_by and order.extend_by > LONGEST_EXTENSION:
        raise CommandRefused(f"a wave is not watched for longer by more than {LONGEST_EXTENSION.days} days")
    if order.wave is not None and order.wave != standing.wave:
        raise CommandRefused(
            f"you mean wave {order.wave + 1}, and the rollout is in wave {standing.wave + 1}"
        )
    if strange := [str(wave + 1) for wave in order.takes_back if wave > standing.wave]:
        raise CommandRefused(f"wave {', '.join(strange)} was not launched: there is nothing to take back")


def require_decided_on(standing: Standing, *, seen: int | None, reason: str) -> None:
    """Raise CommandRefused unless there is a reason, and the author looked at this very standing."""
    if not reason.strip():
        raise CommandRefused("say why: a command needs a reason")
    if seen is not None and seen != standing.version:
        raise CommandRefused(
            f"the rollout has moved on since you looked: it is {standing.stage} now"
            + (f" ({standing.because})" if standing.because else "")
            + "; look again, then decide"
        )


def obeyed(order: Order, standing: Standing, cohort: Cohort, *, at: datetime) -> Standing:
    """Where a rollout stands after a command that it takes."""
    because = f"{order.by}: {order.reason}"
    match order.command:
        case Command.PAUSE:
            return standing.to(Stage.PAUSED, at=at, because=because, paused_from=standing.stage)
        case Command.RESUME if standing.stage is not Stage.PAUSED:
            return cleared(standing, because=because)
        case Command.RESUME:
            resumed = standing.paused_from or Stage.LAUNCHING
            until = _without_the_pause(standing, at)
            return standing.to(
                resumed, at=at, because=because, paused_from=None, bakes_until=until, suspected_at=None
            )
        case Command.ABORT:
            return standing.to(Stage.ABORTED, at=at, because=because)
        case Command.ROLLBACK:
            waves = order.takes_back or tuple(range(standing.wave + 1))
            return standing.to(Stage.ROLLED_BACK, at=at, because=because, takes_back=waves)
        case Command.EXTEND if order.extend_by:
            until = max(standing.bakes_until or at, at) + order.extend_by
            return standing.to(Stage.BAKING, at=at, because=because, bakes_until=until)
    return onward(standing, cohort, at=at, because=because)


def present_wave(standing: Standing, cohort: Cohort) -> Wave:
    """The wave that a rollout is in."""
    return cohort.waves[min(standing.wave, len(cohort.waves) - 1)]


def launched(standing: Standing, cohort: Cohort, *, at: datetime, is_empty: bool = False) -> Standing:
    """Where a rollout stands once everybody of the wave has been started: the wave is watched.

    An empty wave has started nobody, so there is nobody to watch: the next one begins.
    """
    if is_empty:
        return onward(standing, cohort, at=at, because=f"wave {standing.wave + 1} has nobody to launch")
    until = at + cohort.waves[standing.wave].bake
    return standing.to(Stage.BAKING, at=at, bakes_until=until)


def judged(standing: Standing, cohort: Cohort, verdict: Verdict, *, at: datetime) -> Standing:
    """Where a rollout stands after an assessment that nothing reacted to; it stays while a second look is to come.

    When the bake is over, a pass starts the next wave. Doubt, or a failure that only notifies, holds the wave.
    """
    if standing.stage not in (Stage.BAKING, Stage.HOLDING) or standing.suspected_at:
        return standing
    if standing.bakes_until is None or at < standing.bakes_until:
        return standing
    if verdict is Verdict.PASSED:
        return onward(standing, cohort, at=at)
    if standing.stage is Stage.HOLDING:
        return standing
    return standing.to(Stage.HOLDING, at=at, because=f"the guardrails are {verdict}")


def onward(standing: Standing, cohort: Cohort, *, at: datetime, because: str = "") -> Standing:
    """The next wave, or, after the last, the stage in which nobody new is launched. A suspicion does not go along."""
    has_next = standing.wave + 1 < len(cohort.waves)
    return standing.to(
        Stage.LAUNCHING if has_next else Stage.DONE,
        at=at,
        because=because,
        wave=standing.wave + has_next,
        bakes_until=None,
        suspected_at=None,
    )


def ended(standing: Standing, *, at: datetime) -> Standing:
    """Where a rollout stands once its last journey has ended; it stays where it is unless everybody is launched."""
    return standing.to(Stage.ENDED, at=at) if standing.stage is Stage.DONE else standing


def suspected(standing: Standing, *, at: datetime, because: str) -> Standing:
    """Where a rollout stands after a first failing look: in its stage, and nobody new is launched."""
    return replace(standing, version=standing.version + 1, suspected_at=at, because=because)


def cleared(standing: Standing, *, because: str) -> Standing:
    """Where a rollout stands after a second look that passed: in its stage, and launches go on."""
    return replace(standing, version=standing.version + 1, suspected_at=None, because=because)


def _timeless(standing: Standing) -> Standing:
    return replace(standing, since=None, bakes_until=None, suspected_at=None)


def _without_the_pause(standing: Standing, at: datetime) -> datetime | None:
    """The end of the bake, later by the length of the pause: during a pause there is nothing to watch."""
    if standing.bakes_until is None or standing.since is None:
        return standing.bakes_until
    return standing.bakes_until + (at - standing.since)
