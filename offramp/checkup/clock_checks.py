"""Whether the clocks of the machines on which Offramp runs agree with the database's."""

from collections.abc import Iterator

from domain.clock_offsets import is_told
from offramp.checkup.findings import Finding, unwell, well
from offramp.clock import DatabaseClock
from offramp.relay.clocks import clock_problems, difference
from store import Session

_MEND = "set it by NTP"


def clock_findings(session: Session, clock: DatabaseClock) -> Iterator[Finding]:
    """One finding for each clock that is wrong, this machine's among them; one that all is well if none is."""
    problems = clock_problems(session, now=clock())
    if is_told(clock.offset):
        problems.insert(0, f"the clock of this machine is {difference(clock.offset)}")
    for problem in problems:
        yield unwell("clocks", f"{problem}; {_MEND}")
    if not problems:
        yield well("clocks", "this machine's and those of all processes agree with the database's")
