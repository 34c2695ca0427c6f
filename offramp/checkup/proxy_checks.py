"""Holds what the pages see of the proxies in front of them against the settings."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config.settings import Settings
from services.site import ProxyHeader
from store import Session
from store.engine import sightings
from store.engine.sightings import ProxySighting

LOOKED_BACK = timedelta(days=1)

_NAME = "proxies"


def proxy_finding(session: Session, settings: Settings, *, now: datetime) -> Finding:
    """Whether requests come by as many proxies as the settings say."""
    seen, trusted = sightings.since(session, now - LOOKED_BACK), settings.trusted_proxies or 0
    if not seen:
        return well(_NAME, f"no request was seen in a day; OFFRAMP_TRUSTED_PROXIES is {trusted}")
    fewest, most = seen[0].entries, seen[-1].entries
    detail = f"{_came(fewest, most, settings.proxy_header)}, and OFFRAMP_TRUSTED_PROXIES is {trusted}"
    if fewest > trusted:
        return unwell(
            _NAME,
            f"{detail}: if {fewest} proxies are yours, set it to {fewest}, or all people behind one share one budget",
        )
    if most < trusted:
        return unwell(
            _NAME, f"{detail}: a proxy writes no address, so people share one budget{_other(seen, settings)}"
        )
    if fewest < trusted:
        return note(_NAME, f"{detail}: some requests come past a proxy, and these can choose their address")
    if any(not sighting.is_readable for sighting in seen):
        return note(_NAME, f"{detail}; some addresses cannot be read, and all of these count as one")
    return well(_NAME, detail)


def _came(fewest: int, most: int, header: ProxyHeader) -> str:
    count = str(fewest) if fewest == most else f"{fewest} to {most}"
    return f"requests of the last day had {count} entries in {header}"


def _other(seen: Sequence[ProxySighting], settings: Settings) -> str:
    other = next(header for header in ProxyHeader if header is not settings.proxy_header)
    came = any(sighting.has_other_header for sighting in seen)
    return f"; it writes {other}, so set OFFRAMP_PROXY_HEADER={other}" if came else ""
