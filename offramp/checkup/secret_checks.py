"""What hangs on former secret keys, and on keys that are in no ring."""

from collections.abc import Iterator
from datetime import datetime

from domain.safety.secret_keys import UNKNOWN, KeyPlace, KeyStanding
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config.secret_ring import has_ring
from offramp.config.settings import NotConfigured, Settings
from offramp.views.hanging_words import hanging_words
from offramp.wiring import make_seal, secret_ring
from services.secret_ring import key_standings
from store import Database

MOST = 5000
"""So many sealed rows of each kind are tried, so that a check of a large database ends."""

_MEND = "what hangs on it is void until that key is in OFFRAMP_SECRET_KEYS again"


def secret_findings(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """A finding for each key but the newest that something hangs on; one that all is well if there is none."""
    if not has_ring(settings):
        return
    try:
        ring, seal = secret_ring(settings), make_seal(settings)
    except NotConfigured:  # the configuration has been found wanting before
        return
    standings = key_standings(database, ring.ids, seal, now=now, most=MOST)
    findings = [finding for standing in standings if (finding := _finding(standing))]
    yield from findings
    if not findings:
        yield well(
            "secret_keys", f"{len(ring.ids)} in the ring; nothing hangs on any but the newest, {ring.ids[0]}"
        )


def _finding(standing: KeyStanding) -> Finding | None:
    if standing.place is KeyPlace.NEWEST or not standing.count:
        return None
    counted = hanging_words(standing.hanging)
    if standing.place is KeyPlace.MISSING:
        key = "a key" if standing.key_id == UNKNOWN else f"key {standing.key_id}"
        return unwell("secret_keys", f"{key} is in no ring, and {counted} hang on it: {_MEND}")
    return note(
        "secret_keys",
        f"{counted} hang on former key {standing.key_id}; `offramp secrets status` says when it may be taken out",
    )
