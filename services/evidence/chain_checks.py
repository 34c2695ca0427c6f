"""Compares the chain of the journal's days with itself and with the rows that it was made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.evidence import chains
from domain.evidence.chains import ChainFault, DayLink
from domain.evidence.trees import HashTree
from services.evidence.sealing_days import leaves_of
from store import Session
from store.evidence import days


@dataclass(frozen=True, kw_only=True)
class ChainCheck:
    """What a check found: how many days there are, how many of them were compared row by row, and what is wrong."""

    days: int
    compared: int
    newest: DayLink | None
    faults: tuple[ChainFault, ...]


def check(session: Session, *, most_entries: int | None = None) -> ChainCheck:
    """Look at every link, and compare rows, of the newest day first; with `most_entries`, of so many at the most."""
    links = days.every(session)
    compared, found_faults = 0, list(chains.faults(links))
    for before, link in _newest_first(links):
        if most_entries is not None:
            most_entries -= link.entries
            if most_entries < 0:
                break
        compared += 1
        found_faults.extend(_compared(session, before, link))
    return ChainCheck(
        days=len(links), compared=compared, newest=links[-1] if links else None, faults=tuple(found_faults)
    )


def _newest_first(links: list[DayLink]) -> Iterator[tuple[DayLink | None, DayLink]]:
    before: list[DayLink | None] = [None, *links]
    return zip(reversed(before[: len(links)]), reversed(links), strict=True)


def _compared(session: Session, before: DayLink | None, link: DayLink) -> Iterator[ChainFault]:
    leaves = leaves_of(session, before, link)
    tree = HashTree(leaves)
    if tree.size != link.entries:
        yield ChainFault(
            day=link.day, says=f"it was sealed with {link.entries} entries, and there are {tree.size}"
        )
    elif tree.root.hex() != link.root:
        yield ChainFault(day=link.day, says="an entry is not what it was when the day was sealed")
    elif leaves != days.leaves(session, link.day):
        yield ChainFault(day=link.day, says="the digests of the entries are not those of the day")
