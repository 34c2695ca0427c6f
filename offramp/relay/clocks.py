"""Which machines' clocks are wrong, as the signs of life of their processes say."""

from datetime import datetime, timedelta

from domain.clock_offsets import WORKS_UNTIL, is_told
from store import Session
from store.engine import heartbeats
from store.engine.heartbeats import Heartbeat, ProcessKind


def clock_problems(session: Session, *, now: datetime) -> list[str]:
    """A sentence for each living process whose machine's clock differs from the database's; none if all is well."""
    return [_problem(process) for process in heartbeats.living(session, now=now) if is_told(process.offset)]


def difference(offset: timedelta) -> str:
    """In words, how far a clock is from the database's."""
    direction = "ahead of" if offset > timedelta() else "behind"
    return f"{_span(abs(offset))} {direction} the database's"


def _problem(process: Heartbeat) -> str:
    problem = f"the clock of {process.name} is {difference(process.offset)}"
    if process.kind == ProcessKind.WORKER and abs(process.offset) > WORKS_UNTIL:
        return f"{problem}, so it takes no work"
    return problem


def _span(span: timedelta) -> str:
    if span < timedelta(minutes=2):
        return f"{span.total_seconds():.0f} s"
    if span < timedelta(hours=2):
        return f"{span / timedelta(minutes=1):.0f} minutes"
    return f"{span / timedelta(hours=1):.0f} hours"
