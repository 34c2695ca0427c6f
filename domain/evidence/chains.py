"""The chain of the journal's days: each finished day in UTC is sealed by a digest that holds the day before, too."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from domain.evidence.canonical import canonical, digest

BEGINNING = "0" * 64
"""What the first day names as the day before."""

SEALED_AFTER = timedelta(minutes=5)
"""How long after its end a day is left open, because clocks differ."""

LATE_AFTER = timedelta(hours=2)
"""How long after its end a day that is not sealed is late."""


@dataclass(frozen=True, kw_only=True)
class DayLink:
    """One day: its entries are those behind the last one of the day before, up to `last_entry_id`.

    `root` is that of the tree over them, `previous` the digest of the link before, and `digest` that of this one. An
    entry that was written late, with an earlier time, belongs to the day in which it was written.
    """

    day: date
    rule: int
    last_entry_id: int
    entries: int
    root: str
    previous: str
    digest: str

    @property
    def is_sound(self) -> bool:
        """Whether the digest is that of what the link says."""
        return self.digest == _digest(asdict(self))


@dataclass(frozen=True, kw_only=True)
class ChainFault:
    """What does not hold together, and on which day."""

    day: date
    says: str


def linked(
    before: DayLink | None, *, day: date, rule: int, last_entry_id: int, entries: int, root: bytes
) -> DayLink:
    """The link of a day behind the one before."""
    fields: dict[str, Any] = {
        "day": day,
        "rule": rule,
        "last_entry_id": last_entry_id,
        "entries": entries,
        "root": root.hex(),
        "previous": before.digest if before else BEGINNING,
    }
    return DayLink(**fields, digest=_digest(fields))


def faults(links: Sequence[DayLink]) -> Iterator[ChainFault]:
    """What does not hold together in a whole chain, oldest first."""
    if links and links[0].previous != BEGINNING:
        yield ChainFault(day=links[0].day, says="the chain does not begin here")
    for link in links:
        if not link.is_sound:
            yield ChainFault(day=link.day, says="the digest is not that of the day")
    for before, link in pairwise(links):
        if link.previous != before.digest:
            yield ChainFault(day=link.day, says="it does not follow from the day before")
        elif link.day != before.day + timedelta(days=1) or link.last_entry_id < before.last_entry_id:
            yield ChainFault(day=link.day, says="a day before it is missing")


def following(before: DayLink | None, first_at: datetime) -> date:
    """The day behind a link; before the first link that of the journal's first entry."""
    return before.day + timedelta(days=1) if before else first_at.astimezone(UTC).date()


def end_of(day: date) -> datetime:
    """The moment at which a day ends, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def newest_sealable(now: datetime) -> date:
    """The newest day that may be sealed."""
    return (now - SEALED_AFTER).astimezone(UTC).date() - timedelta(days=1)


def _digest(fields: dict[str, Any]) -> str:
    return digest(canonical({name: value for name, value in fields.items() if name != "digest"}))
