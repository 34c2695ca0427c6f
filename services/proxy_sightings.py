"""Notes what the pages see of the proxies in front of them: each kind of request once in a while, not each request."""

from datetime import timedelta

from services.container import Services
from store.engine import sightings

EVERY = timedelta(minutes=10)
MOST_ENTRIES = 9
"""A client may write any number of entries; more than these are one kind."""


def note(services: Services, *, entries: int, is_readable: bool, has_other_header: bool) -> None:
    """Note a request, if this process has noted none of its kind lately."""
    kind = min(entries, MOST_ENTRIES), is_readable, has_other_header
    now, last_at = services.clock(), services.seen_proxies.get(kind)
    if last_at and now - last_at < EVERY:
        return
    services.seen_proxies[kind] = now
    with services.database.transaction() as session:
        sightings.note(
            session, entries=kind[0], is_readable=is_readable, has_other_header=has_other_header, at=now
        )
