"""Whether what has served its time is forgotten: for how long each is kept, and how old the oldest is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.rights.retention import LATE_AFTER, Retention, Term
from offramp.checkup.findings import Finding, unwell, well
from offramp.views.terminal import moment
from store import Session
from store.rights import aging

WHAT = {
    Term.RECIPIENTS: "where messages went and what they said",
    Term.SESSIONS: "expired sessions",
    Term.ANONYMOUS_SESSIONS: "expired sessions of nobody",
    Term.AUDIT_ADDRESSES: "from where members of staff acted",
    Term.ATTEMPTS: "prompts, ceremonies and sign-ins with their ends",
}


def retention_findings(session: Session, retention: Retention, *, now: datetime) -> Iterator[Finding]:
    """One finding for each of what settings keep for a time."""
    for term in Term:
        yield _finding(term, retention.term(term), aging.oldest(session, term, now=now), now=now)


def _finding(term: Term, kept_for: timedelta, oldest: datetime | None, *, now: datetime) -> Finding:
    name = f"keep_{term}"
    kept = f"{WHAT[term]}: kept for {kept_for.days} day{'' if kept_for.days == 1 else 's'}"
    if oldest is None:
        return well(name, f"{kept}; there is nothing")
    since = f"the oldest is of {moment(oldest)}"
    if oldest < now - kept_for - LATE_AFTER:
        return unwell(name, f"{kept}, but {since}: does a worker run? It forgets what has served its time")
    return well(name, f"{kept}; {since}")
