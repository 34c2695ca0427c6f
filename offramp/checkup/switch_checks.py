"""Says what is stopped by the switches."""

from domain.words.switch_words import open_line
from offramp.checkup.findings import Finding, note, well
from offramp.views.terminal import moment
from store import Session
from store.journeys import switches


def switch_finding(session: Session) -> Finding:
    """What operators have stopped, for whom, since when and why. That is no breach, so it is a note."""
    stops = switches.open_stops(session)
    if not stops:
        return well("switches", "nothing is stopped")
    lines = "; ".join(open_line(stop, when=moment) for stop in stops)
    return note("switches", f"{lines}; `offramp resume` lets it go on")
