"""Draws the schedule of a storm: which fault begins when, and for how long. The same seed gives the same schedule."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class FaultKind(StrEnum):
    """The kinds of faults; `faults.py` has a class for each."""

    KILL = "kill"
    FREEZE = "freeze"
    FULL_DISK = "full_disk"
    WRONG_CLOCK = "wrong_clock"
    PROVIDER_TROUBLE = "provider_trouble"
    DATABASE_RESTART = "database_restart"
    RESTORE = "restore"


@dataclass(frozen=True, kw_only=True)
class Blow:
    """One fault: it begins `at` seconds after the storm has begun, and `lasts` for some seconds.

    `target` is the process that it meets, or how it shows; `offset` is how many seconds a clock is wrong.
    """

    at: float
    lasts: float
    kind: FaultKind
    target: str
    offset: int = 0

    @property
    def ends(self) -> float:
        """When it is over, in seconds after the storm has begun."""
        return self.at + self.lasts

    def __str__(self) -> str:
        detail = f" by {self.offset:+} s" if self.offset else ""
        return f"{self.at:7.1f} s  {self.kind} of {self.target}{detail}, for {self.lasts:.1f} s"


@dataclass(frozen=True, kw_only=True)
class _Nature:
    """What a kind of fault may meet, and how long it may last: (shortest, longest), in seconds."""

    targets: tuple[str, ...]
    lasts: tuple[float, float]
    offsets: tuple[int, ...] = (0,)


_DAY = 24 * 60 * 60

_NATURES = {
    FaultKind.KILL: _Nature(targets=("api", "worker", "metrics", "temporal"), lasts=(0, 0)),
    FaultKind.FREEZE: _Nature(targets=("api", "worker", "temporal"), lasts=(4, 40)),
    FaultKind.FULL_DISK: _Nature(targets=("disk",), lasts=(4, 15)),
    FaultKind.WRONG_CLOCK: _Nature(
        targets=("worker",), lasts=(25, 60), offsets=(-_DAY, -300, -5, 5, 300, _DAY)
    ),
    FaultKind.PROVIDER_TROUBLE: _Nature(
        targets=("error", "silence", "loss", "closing", "nonsense", "refusal"), lasts=(4, 25)
    ),
    FaultKind.DATABASE_RESTART: _Nature(targets=("database",), lasts=(0, 5)),
    FaultKind.RESTORE: _Nature(targets=("database",), lasts=(10, 60)),
}

LANES = (
    (FaultKind.KILL, FaultKind.FREEZE),
    (FaultKind.FULL_DISK, FaultKind.WRONG_CLOCK, FaultKind.DATABASE_RESTART, FaultKind.RESTORE),
    (FaultKind.PROVIDER_TROUBLE,),
)
"""Faults of one lane never overlap: a disk that is full cannot be restored to. Faults of two lanes may."""

_GAP = (2.0, 12.0)
_BEGINNING = 5.0
"""Seconds until the first fault, so that the crowd has come."""
_CALM = 0.15
"""The last part of a storm is without faults, so that people still act when all is over."""


def draw(seed: int, *, seconds: float, kinds: Collection[FaultKind] = tuple(FaultKind)) -> list[Blow]:
    """The faults of a storm that lasts some seconds, by their beginnings, of these kinds alone."""
    blows = [
        blow
        for number, lane in enumerate(LANES)
        for blow in _lane(Random(f"{seed}:{number}"), [kind for kind in lane if kind in kinds], seconds)
    ]
    return sorted(blows, key=lambda blow: (blow.at, blow.kind))


def faults_end(seconds: float) -> float:
    """By when all faults of a storm are to be over, in seconds after it has begun."""
    return seconds * (1 - _CALM)


def _lane(random: Random, kinds: list[FaultKind], seconds: float) -> Iterator[Blow]:
    """Every kind has its turn before one comes again; a fault that would not end in time is left out."""
    last, at = faults_end(seconds), _BEGINNING
    while kinds and at < last:
        for kind in random.sample(kinds, len(kinds)):
            at += random.uniform(*_GAP)
            blow = _blow(random, kind, at)
            if blow.ends <= last:
                yield blow
                at = blow.ends


def _blow(random: Random, kind: FaultKind, at: float) -> Blow:
    nature = _NATURES[kind]
    return Blow(
        at=round(at, 1),
        lasts=round(random.uniform(*nature.lasts), 1),
        kind=kind,
        target=random.choice(nature.targets),
        offset=random.choice(nature.offsets),
    )
