"""Says what hangs on each secret key, and closes again by the newest key what lies sealed by a former one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ports import RingSeal
from domain.safety.secret_keys import UNKNOWN, Hanging, KeyStanding, NewestTimes, standings
from store import Database, hanging
from store.engine import secret_keys
from store.hanging import SEALED, SealedColumn, SealedValue


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """What became of the sealed rows of one kind, so far.

    `unopened` are those that no key of the ring opens; they stay as they are.
    """

    kind: Hanging
    read: int = 0
    closed_again: int = 0
    unopened: int = 0
    is_done: bool = False


def key_standings(
    database: Database, key_ids: Sequence[str], seal: RingSeal, *, now: datetime, most: int | None = None
) -> list[KeyStanding]:
    """Each key of the ring (ids, newest first; those of the seal come first), then each missing one.

    Of each kind of sealed rows, `most` are looked at, and the rest of their batch; None is all.
    """
    by_key: defaultdict[str, Counter[Hanging]] = defaultdict(Counter)
    with database.reading() as session:
        noted = secret_keys.every(session)
        for (id_, kind), count in hanging.digests(session, now=now).items():
            by_key[id_][kind] += count
    for column in SEALED:
        read = 0
        for values in _batches(database, column, now=now):
            for value in values:
                place = seal.place_of(value.sealed)
                by_key[UNKNOWN if place is None else key_ids[place]][column.kind] += 1
            read += len(values)
            if most is not None and read >= most:
                break
    times = {
        row.key_id: NewestTimes(since=row.newest_since, until=row.newest_until, was_alone=row.was_alone)
        for row in noted
    }
    unnamed = by_key.pop("", Counter())
    return list(standings(key_ids, by_key, unnamed, times, opening=seal.size))


def reseal(database: Database, seal: RingSeal, *, now: datetime) -> Iterator[Resealed]:
    """Close everything again that another key than the newest has closed, batch by batch; says how far it is.

    Each batch is a transaction, and what the newest key has closed stays. So it may be broken off and begun again.
    """
    for column in SEALED:
        so_far = Resealed(kind=column.kind)
        for values in _batches(database, column, now=now):
            so_far = _close_again(database, seal, column, values, so_far)
            yield so_far
        yield Resealed(
            kind=so_far.kind,
            read=so_far.read,
            closed_again=so_far.closed_again,
            unopened=so_far.unopened,
            is_done=True,
        )


def _close_again(
    database: Database,
    seal: RingSeal,
    column: SealedColumn,
    values: Sequence[SealedValue],
    so_far: Resealed,
) -> Resealed:
    places = [seal.place_of(value.sealed) for value in values]
    with database.transaction() as session:
        changed = [
            hanging.put(session, column, value, sealed_again=seal.close_again(value.sealed))
            for value, place in zip(values, places, strict=True)
            if place
        ]
    return Resealed(
        kind=so_far.kind,
        read=so_far.read + len(values),
        closed_again=so_far.closed_again + sum(changed),
        unopened=so_far.unopened + places.count(None),
    )


def _batches(database: Database, column: SealedColumn, *, now: datetime) -> Iterator[Sequence[SealedValue]]:
    after = None
    while True:
        with database.reading() as session:
            values = hanging.sealed(session, column, after=after, now=now)
        if not values:
            return
        yield values
        after = values[-1].key
