"""What a crowd has done, as its people have counted it, and as the database has: any difference is an error."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.journal import Actor, EventKind
from offramp.crowd.kinds import PersonKind
from store import Database
from store.people import journal

COUNTED = (
    EventKind.SIGNED_IN,
    EventKind.SIGN_IN_FAILED,
    EventKind.SIGNED_OUT,
    EventKind.PASSKEY_SIGNED_IN,
    EventKind.PROMPT_SEEN,
    EventKind.PROMPT_SKIPPED,
    EventKind.CANNOT_NOW,
    EventKind.CEREMONY_FAILED,
    EventKind.EMAIL_VERIFIED,
    EventKind.PASSKEY_BOUND,
    EventKind.PASSKEY_PROVEN,
    EventKind.PASSKEY_REMOVED,
    EventKind.DEVICE_LINK_MADE,
    EventKind.RECOVERY_CODES_MADE,
    EventKind.RECOVERY_CODES_PROVEN,
    EventKind.RECOVERY_CODE_USED,
    EventKind.REMINDERS_STOPPED,
    EventKind.OBJECTED,
    EventKind.SMS_SUSPENDED,
    EventKind.SMS_RESTORED,
    EventKind.SMS_REMOVED,
)
"""What people know of: their own deeds, and what they were told of the end of text-message codes."""


class End(StrEnum):
    """How somebody's story ended. `waiting`: it goes on in days; `broken`: the person met what they did not expect."""

    DONE = "done"
    WAITING = "waiting"
    STOPPED = "stopped"
    BROKEN = "broken"


@dataclass(kw_only=True)
class LifeReport:
    """What one person has to say in the end."""

    external_id: str
    account_id: str
    kind: PersonKind
    end: End = End.STOPPED
    trouble: str = ""
    counted: Counter[EventKind] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that a person and the database do not agree on."""

    external_id: str
    kind: PersonKind
    event: EventKind
    by_person: int
    by_database: int


@dataclass(frozen=True, kw_only=True)
class KindTally:
    """The people of one kind: how they ended, and their counts by themselves and by the database."""

    kind: PersonKind
    people: int
    ends: dict[End, int]
    by_people: dict[EventKind, int]
    by_database: dict[EventKind, int]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A crowd, counted twice. `waits`: the median and the 95th percentile of how long codes took, in seconds."""

    rows: list[KindTally]
    differences: list[Difference]
    broken: dict[str, str]
    seconds: float
    waits: tuple[float, float] | None
    is_whole: bool

    @property
    def is_well(self) -> bool:
        """Whether everybody came as far as they wanted, and both counts agree."""
        return self.is_whole and not self.differences and not self.broken


def compare(
    database: Database, told: Sequence[LifeReport], *, seconds: float, waits: Sequence[float], is_whole: bool
) -> Summary:
    """Count once more, in the database. Of who was stopped nobody can say what they have not yet counted."""
    known = _by_database(database, [one.account_id for one in told])
    kinds = [kind for kind in PersonKind if any(one.kind is kind for one in told)]
    return Summary(
        rows=[_row(kind, [one for one in told if one.kind is kind], known) for kind in kinds],
        differences=[
            difference
            for one in told
            if one.end in (End.DONE, End.WAITING)
            for difference in _differences(one, known[one.account_id])
        ],
        broken={one.external_id: f"{one.kind}: {one.trouble}" for one in told if one.end is End.BROKEN},
        seconds=round(seconds, 1),
        waits=_quantiles(waits),
        is_whole=is_whole,
    )


def _by_database(database: Database, account_ids: Sequence[str]) -> dict[str, Counter[EventKind]]:
    with database.reading() as session:
        entries = journal.counts(session, account_ids)
    known: dict[str, Counter[EventKind]] = {}
    for account_id, happened in entries.items():
        known[account_id] = Counter()
        for (kind, actor), times in happened.items():
            # A journey restores too, when a proof is lost; that is not the person's deed.
            if kind in COUNTED and not (kind == EventKind.SMS_RESTORED and actor != Actor.PERSON):
                known[account_id][EventKind(kind)] += times
    return known


def _differences(one: LifeReport, known: Counter[EventKind]) -> list[Difference]:
    return [
        Difference(
            external_id=one.external_id,
            kind=one.kind,
            event=event,
            by_person=one.counted[event],
            by_database=known[event],
        )
        for event in COUNTED
        if one.counted[event] != known[event]
    ]


def _row(kind: PersonKind, told: Sequence[LifeReport], known: Mapping[str, Counter[EventKind]]) -> KindTally:
    by_people = sum((one.counted for one in told), Counter[EventKind]())
    by_database = sum((known[one.account_id] for one in told), Counter[EventKind]())
    return KindTally(
        kind=kind,
        people=len(told),
        ends=dict(Counter(one.end for one in told)),
        by_people={event: by_people[event] for event in COUNTED if by_people[event]},
        by_database={event: by_database[event] for event in COUNTED if by_database[event]},
    )


def _quantiles(waits: Sequence[float]) -> tuple[float, float] | None:
    if not waits:
        return None
    ranked = sorted(waits)
    return round(ranked[len(ranked) // 2], 2), round(ranked[int(len(ranked) * 0.95)], 2)
