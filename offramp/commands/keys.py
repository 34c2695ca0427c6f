"""`offramp keys create`, `list`, `rotate` and `end`: keys by which a host's own programs call the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.host.keys import KeyEnd, KeyScope
from domain.staff.staff import Author
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from services.host import keys
from services.host.keys import NewKey
from store.host import keys as host_keys
from store.host.keys import HostKey


@dataclass(frozen=True, kw_only=True)
class HostKeyLine:
    """One key in the list; `state` is `current`, `expired` or `ended`."""

    key_id: str
    name: str
    hint: str
    state: KeyEnd
    scopes: tuple[str, ...]
    calls_per_second: int
    made_at: datetime
    works_until: datetime
    last_used_at: datetime | None
    last_used_from: str | None


def create(
    *,
    name: str,
    scopes: Sequence[KeyScope],
    lifetime: timedelta,
    calls_per_second: int,
    by: str,
    as_json: bool,
) -> None:
    """Make a key and print it. It cannot be printed again."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        made = keys.make(
            session,
            _author(by),
            name=name,
            scopes=scopes,
            at=clock(),
            lifetime=lifetime,
            calls_per_second=calls_per_second,
        )
    _print(made, as_json=as_json)


def list_(*, with_ended: bool, as_json: bool) -> None:
    """List the keys, newest first."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        lines = [_line(key, now=clock()) for key in host_keys.every(session)]
    shown = [line for line in lines if with_ended or line.state is KeyEnd.CURRENT]
    if as_json:
        print_json(shown)
    else:
        out.print(_table(shown) if shown else "no key works")


def rotate(key_id: str, *, overlap: timedelta, by: str, as_json: bool) -> None:
    """Make a key like another one and print it. It cannot be printed again."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        made = keys.rotate(session, _author(by), key_id, at=clock(), overlap=overlap)
    _print(made, as_json=as_json)


def end(key_id: str, *, by: str) -> None:
    """End a key at once."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        keys.end(session, _author(by), key_id, at=clock())
    out.print("the key is ended", markup=False)


def _author(by: str) -> Author:
    return Author(by=by, came_from="this machine")


def _print(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        out.print(made.token, markup=False, soft_wrap=True)


def _line(key: HostKey, *, now: datetime) -> HostKeyLine:
    return HostKeyLine(
        key_id=key.key_id,
        name=key.name,
        hint=key.hint,
        state=key.end_at(now),
        scopes=tuple(key.scopes),
        calls_per_second=key.calls_per_second,
        made_at=key.made_at,
        works_until=key.works_until,
        last_used_at=key.last_used_at,
        last_used_from=key.last_used_from,
    )


def _table(lines: Sequence[HostKeyLine]) -> Listing:
    titles = ("key", "for", "begins", "may", "works until", "last used", "from")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: HostKeyLine) -> tuple[str, ...]:
    works = moment(line.works_until) if line.state is KeyEnd.CURRENT else line.state
    used = moment(line.last_used_at) if line.last_used_at else "not yet"
    return (
        line.key_id,
        line.name,
        line.hint,
        ", ".join(line.scopes),
        works,
        used,
        line.last_used_from or "",
    )
