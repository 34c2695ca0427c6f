"""`offramp transmitters add`, `list` and `end`: who may send security events."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.host.security_events import Transmission
from domain.staff.staff import Author
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from services.host import transmitters
from services.host.transmitters import UnusableTransmitter
from store.host import transmitters as stored_transmitters
from store.host.transmitters import Transmitter


@dataclass(frozen=True, kw_only=True)
class TransmitterLine:
    """One transmitter in the list; without `keys_url` its keys were read from a file."""

    issuer: str
    audience: str
    keys_url: str | None
    added_at: datetime
    ended_at: datetime | None
    last_heard_at: datetime | None


def add(issuer: str, *, audience: str, keys: str, by: str) -> None:
    """Register a transmitter, once its keys were read."""
    settings, transmission = runnable_settings(), _transmission(issuer, audience, keys)
    with opened_database(settings) as database, database.transaction() as session:
        transmitters.add(session, _author(by), transmission, at=clock())
    out.print(f"security events of {transmission.issuer} are taken from now on", markup=False)


def list_(*, as_json: bool) -> None:
    """List the transmitters, newest first."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        lines = [_line(transmitter) for transmitter in stored_transmitters.every(session)]
    if as_json:
        print_json(lines)
    else:
        out.print(_table(lines) if lines else "no transmitter is registered")


def end(issuer: str, *, by: str) -> None:
    """Hear a transmitter no more."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        transmitters.end(session, _author(by), issuer, at=clock())
    out.print(f"{issuer} is not heard any more", markup=False)


def _transmission(issuer: str, audience: str, keys: str) -> Transmission:
    if "://" in keys:
        return transmitters.checked(issuer=issuer, audience=audience, keys_url=keys)
    return transmitters.checked(issuer=issuer, audience=audience, keys=_read(keys))


def _read(path: str) -> dict[str, Any]:
    try:
        keys = json.loads(Path(path).read_text())
    except (OSError, ValueError):
        raise UnusableTransmitter(f"{path} cannot be read as JSON") from None
    if not isinstance(keys, dict):
        raise UnusableTransmitter(f"{path} holds no JSON object")
    return keys


def _author(by: str) -> Author:
    return Author(by=by, came_from="this machine")


def _line(transmitter: Transmitter) -> TransmitterLine:
    return TransmitterLine(
        issuer=transmitter.issuer,
        audience=transmitter.audience,
        keys_url=transmitter.keys_url,
        added_at=transmitter.added_at,
        ended_at=transmitter.ended_at,
        last_heard_at=transmitter.last_heard_at,
    )


def _table(lines: Sequence[TransmitterLine]) -> Listing:
    titles = ("issuer", "audience", "keys", "added", "last heard", "ended")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: TransmitterLine) -> tuple[str, ...]:
    heard = moment(line.last_heard_at) if line.last_heard_at else "not yet"
    ended = moment(line.ended_at) if line.ended_at else ""
    return (line.issuer, line.audience, line.keys_url or "from a file", moment(line.added_at), heard, ended)
