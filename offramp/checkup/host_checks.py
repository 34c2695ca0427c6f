"""Holds the ways in on record against who runs the ceremonies, and counts whom the host has left without one."""

from collections.abc import Iterator

from domain.host.ceremonies import Ceremonies
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.config.settings import Settings
from store import Session, invariants
from store.people import host_routes

_CEREMONIES = "ceremonies"
_GONE = "gone_at_host"


def host_findings(session: Session, settings: Settings) -> Iterator[Finding]:
    """Whether each way in is where it can be used, and who has none left because the host says so."""
    kept = host_routes.count_kept(session)
    is_here = settings.ceremonies is Ceremonies.HOSTED
    misplaced, used_at = (kept.at_host, "the host") if is_here else (kept.here, "Offramp's own pages")
    if misplaced:
        yield unwell(
            _CEREMONIES,
            f"OFFRAMP_CEREMONIES is {settings.ceremonies}, but {misplaced} passkeys and sets of codes work with "
            f"{used_at} alone: an instance goes one way for good",
        )
    else:
        yield well(
            _CEREMONIES, f"{settings.ceremonies}: every passkey and recovery code is where it can be used"
        )
    if gone := invariants.count_gone_at_host(session):
        yield note(
            _GONE,
            f"{gone} people have no text messages any more, and the host has taken their last proven way in away",
        )
