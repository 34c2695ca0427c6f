"""Judges a storm by its counts alone: nothing lost, nothing double, nobody locked out, nobody let in.

A restore takes back what happened since its backup. What lies in such a window may be there or not, and proves nothing.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from domain.journal import EventKind
from domain.messages.messages import MessageState

ENDED = (
    MessageState.SENT,
    MessageState.FAILED,
    MessageState.SKIPPED,
    MessageState.UNKNOWN,
    MessageState.GATHERED,
)
"""The states in which a message has come to its end."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """From the beginning of a backup until everything was stopped to bring it back, in seconds since the epoch.

    By `noticed`, everybody has noticed it: until then people act by sessions that Offramp does not know any more.
    """

    begins: float
    ends: float
    noticed: float


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message as a provider took it."""

    key: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Deeds:
    """What one person did, by kind of event: when each was acknowledged, and how many more may have been done.

    A request whose answer got lost may have been done; `unclear` counts these.
    """

    external_id: str
    acknowledged: Mapping[EventKind, Sequence[float]]
    unclear: Mapping[EventKind, int]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """All that a storm is judged by: messages by the name that providers know, deeds and journals by person.

    A restore may let messages in `sayable_again` be sent once more, as `offramp restored` announces. `unfinished` has
    whoever did not come to the end of their story; `locked_out` and `let_in` say who, and how.
    """

    messages: Mapping[str, MessageState]
    deliveries: Sequence[Delivery]
    deeds: Sequence[Deeds]
    journals: Mapping[str, Mapping[EventKind, int]]
    windows: Sequence[Window] = ()
    sayable_again: Collection[str] = ()
    breaches: Mapping[str, int] = field(default_factory=dict)
    unfinished: Sequence[str] = ()
    locked_out: Sequence[str] = ()
    let_in: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class StormVerdict:
    """What went wrong, in words; a storm that Offramp has weathered has nothing in any list."""

    lost: list[str]
    double: list[str]
    locked_out: list[str]
    let_in: list[str]
    broken_promises: list[str]

    @property
    def is_weathered(self) -> bool:
        """Whether nothing went wrong."""
        return not any((self.lost, self.double, self.locked_out, self.let_in, self.broken_promises))

    def __str__(self) -> str:
        parts = {
            "lost": self.lost,
            "double": self.double,
            "locked out": self.locked_out,
            "let in": self.let_in,
            "broken promises": self.broken_promises,
        }
        lines = [", ".join(f"{len(items)} {name}" for name, items in parts.items())]
        return "\n".join(lines + [f"  {name}: {item}" for name, items in parts.items() for item in items])


def judge(counts: Counts) -> StormVerdict:
    """Compare what was done, what is on record, and what providers took."""
    return StormVerdict(
        lost=[*_lost_messages(counts), *_lost_deeds(counts), *counts.unfinished],
        double=[*_double_messages(counts), *_double_deeds(counts)],
        locked_out=list(counts.locked_out),
        let_in=list(counts.let_in),
        broken_promises=[f"{name}: {times}" for name, times in counts.breaches.items() if times],
    )


def _lost_messages(counts: Counts) -> list[str]:
    taken = {delivery.key for delivery in counts.deliveries}
    return [
        *(f"{key} is still {state}" for key, state in counts.messages.items() if state not in ENDED),
        *(
            f"{key} is sent, and no provider took it"
            for key, state in counts.messages.items()
            if state is MessageState.SENT and key not in taken
        ),
    ]


def _double_messages(counts: Counts) -> list[str]:
    times = Counter(
        delivery.key
        for delivery in counts.deliveries
        if not (delivery.key in counts.sayable_again and _taken_back(counts, delivery.at))
    )
    return [
        *(f"{key} was taken {taken} times" for key, taken in times.items() if taken > 1),
        *(
            f"{delivery.key} was taken, and is {counts.messages.get(delivery.key, 'not on record')}"
            for delivery in counts.deliveries
            if counts.messages.get(delivery.key) not in (MessageState.SENT, MessageState.UNKNOWN)
            and not _taken_back(counts, delivery.at)
        ),
    ]


def _lost_deeds(counts: Counts) -> list[str]:
    return [
        f"{deeds.external_id}: {event} was acknowledged {certain} times, and is on record {recorded} times"
        for deeds in counts.deeds
        for event, times in deeds.acknowledged.items()
        if (certain := sum(not _may_be_taken_back(counts, at) for at in times))
        > (recorded := counts.journals[deeds.external_id].get(event, 0))
    ]


def _double_deeds(counts: Counts) -> list[str]:
    return [
        f"{deeds.external_id}: {event} is on record {recorded} times, and was done {possible} times at most"
        for deeds in counts.deeds
        for event, recorded in counts.journals[deeds.external_id].items()
        if recorded > (possible := len(deeds.acknowledged.get(event, ())) + deeds.unclear.get(event, 0))
    ]


def _taken_back(counts: Counts, at: float) -> bool:
    return any(window.begins <= at <= window.ends for window in counts.windows)


def _may_be_taken_back(counts: Counts, at: float) -> bool:
    return any(window.begins <= at <= window.noticed for window in counts.windows)
