"""Compares what the people of a crowd have counted with what the database says. Any difference is an error."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.journal import Actor, EventKind
from offramp.crowd.drillers import LossTally
from offramp.crowd.kinds import ATTACKERS, PersonKind
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
    EventKind.AUTHENTICATOR_APP_BOUND,
    EventKind.RECOVERY_PROVEN,
    EventKind.RECOVERED,
    EventKind.REMINDERS_STOPPED,
    EventKind.OBJECTED,
    EventKind.SMS_SUSPENDED,
    EventKind.SMS_RESTORED,
    EventKind.SMS_REMOVED,
)
"""The events that people know of: what they did, and what messages told them about text-message codes."""

IN_AN_ATTACK = frozenset({EventKind.SMS_SUSPENDED, EventKind.SMS_RESTORED})
"""What the journey may come to beside an attack, on a slow machine, and an objection undoes: nobody counts that."""


_BY_OTHERS_TOO = frozenset({EventKind.SMS_RESTORED, EventKind.EMAIL_VERIFIED})


class End(StrEnum):
    """How a person's story ended. `waiting`: it goes on in days. `broken`: something happened that nobody expected."""

    DONE = "done"
    WAITING = "waiting"
    STOPPED = "stopped"
    BROKEN = "broken"


class AttackResult(StrEnum):
    """How an attack ended. `succeeded`: the attacker got what they were after, or some of it."""

    DEFEATED = "defeated"
    SUCCEEDED = "succeeded"


@dataclass(kw_only=True)
class LifeReport:
    """The report of one person at the end of their story; `attack` is for attackers whose attack came to an end."""

    external_id: str
    account_id: str
    kind: PersonKind
    end: End = End.STOPPED
    trouble: str = ""
    attack: AttackResult | None = None
    event_counts: Counter[EventKind] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A kind of event that a person and the database have counted differently."""

    external_id: str
    kind: PersonKind
    event: EventKind
    by_person: int
    by_database: int


@dataclass(frozen=True, kw_only=True)
class KindTally:
    """The people of one kind: how their stories ended, and the counts by themselves and by the database."""

    kind: PersonKind
    people: int
    ends: dict[End, int]
    by_people: dict[EventKind, int]
    by_database: dict[EventKind, int]


@dataclass(frozen=True, kw_only=True)
class AttackTally:
    """The attackers of one kind, and how many of their attacks were defeated and succeeded; the rest has no end."""

    kind: PersonKind
    attackers: int
    defeated: int
    succeeded: int


@dataclass(frozen=True, kw_only=True)
class HostTally:
    """How many have no codes any more at the host: by the people, and by the host's database; `differing` has ids."""

    people: int
    off_by_people: int
    off_by_host: int
    differing: list[str]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A crowd, counted twice. `waits`: the median and the 95th percentile of how long codes took, in seconds.

    `losses` says of a crowd with a cohort who would get in after each loss.
    """

    rows: list[KindTally]
    differences: list[Difference]
    broken: dict[str, str]
    seconds: float
    waits: tuple[float, float] | None
    is_whole: bool
    attacks: list[AttackTally] = field(default_factory=list)
    at_host: HostTally | None = None
    losses: list[LossTally] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether everybody came as far as they wanted but attackers, and all counts agree."""
        has_succeeded = any(tally.succeeded for tally in self.attacks)
        differs = bool(self.differences) or bool(self.at_host and self.at_host.differing)
        return self.is_whole and not differs and not self.broken and not has_succeeded


def compare(
    database: Database,
    reports: Sequence[LifeReport],
    *,
    seconds: float,
    waits: Sequence[float],
    is_whole: bool,
) -> Summary:
    """Compare the reports with the database.

    Only people who are done or waiting can differ. The counts of a stopped or broken story may lack events.
    """
    counts = _by_database(database, [report.account_id for report in reports])
    kinds = [kind for kind in PersonKind if any(report.kind is kind for report in reports)]
    return Summary(
        rows=[_row(kind, [report for report in reports if report.kind is kind], counts) for kind in kinds],
        differences=[
            difference
            for report in reports
            if report.end in (End.DONE, End.WAITING)
            for difference in _differences(report, counts[report.account_id])
        ],
        broken={
            report.external_id: f"{report.kind}: {report.trouble}"
            for report in reports
            if report.end is End.BROKEN
        },
        seconds=round(seconds, 1),
        waits=_quantiles(waits),
        is_whole=is_whole,
        attacks=[
            _attacks(kind, [report.attack for report in reports if report.kind is kind])
            for kind in kinds
            if kind in ATTACKERS
        ],
    )


def _by_database(database: Database, account_ids: Sequence[str]) -> dict[str, Counter[EventKind]]:
    with database.reading() as session:
        entries = journal.counts(session, account_ids)
    counts: dict[str, Counter[EventKind]] = {}
    for account_id, happened in entries.items():
        counts[account_id] = Counter()
        for (kind, actor), times in happened.items():
            # A journey itself restores SMS when a proof is lost, a host vouches for an address: no person counts that.
            if kind in COUNTED and (kind not in _BY_OTHERS_TOO or actor == Actor.PERSON):
                counts[account_id][EventKind(kind)] += times
    return counts


def _differences(report: LifeReport, counts: Counter[EventKind]) -> list[Difference]:
    return [
        Difference(
            external_id=report.external_id,
            kind=report.kind,
            event=event,
            by_person=report.event_counts[event],
            by_database=counts[event],
        )
        for event in COUNTED
        if report.event_counts[event] != counts[event]
        and not (report.kind in ATTACKERS and event in IN_AN_ATTACK)
    ]


def _row(
    kind: PersonKind, reports: Sequence[LifeReport], counts: Mapping[str, Counter[EventKind]]
) -> KindTally:
    by_people = sum((report.event_counts for report in reports), Counter[EventKind]())
    by_database = sum((counts[report.account_id] for report in reports), Counter[EventKind]())
    return KindTally(
        kind=kind,
        people=len(reports),
        ends=dict(Counter(report.end for report in reports)),
        by_people={event: by_people[event] for event in COUNTED if by_people[event]},
        by_database={event: by_database[event] for event in COUNTED if by_database[event]},
    )


def _attacks(kind: PersonKind, results: Sequence[AttackResult | None]) -> AttackTally:
    return AttackTally(
        kind=kind,
        attackers=len(results),
        defeated=results.count(AttackResult.DEFEATED),
        succeeded=results.count(AttackResult.SUCCEEDED),
    )


def _quantiles(waits: Sequence[float]) -> tuple[float, float] | None:
    if not waits:
        return None
    ranked = sorted(waits)
    return round(ranked[len(ranked) // 2], 2), round(ranked[int(len(ranked) * 0.95)], 2)
