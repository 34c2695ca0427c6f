"""Says whether hosts hear of what happens: who fails, what is late or dead, who wants to hear nothing more."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from offramp.checkup.findings import Finding, note, unwell, well
from offramp.views.terminal import moment
from store import Session
from store.host import webhook_sending, webhook_upkeep
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription

LATE_AFTER = timedelta(hours=1)
"""An event that is longer on its way is late."""

_TOLD_FOR = timedelta(days=30)
_NAME = "webhooks"


def webhook_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """A finding for each trouble, or else one that all is well; none if nobody ever subscribed."""
    rows = subscriptions.every(session)
    troubles = [*_failing(rows), *_late(session, now), *_dead(session)]
    yield from (unwell(_NAME, trouble) for trouble in troubles)
    yield from (note(_NAME, remark) for remark in _gone(rows, now))
    current_rows = [row for row in rows if row.ended_at is None]
    if current_rows and not troubles:
        yield well(_NAME, f"{len(current_rows)} subscribed, and no event is late")


def _failing(rows: Sequence[WebhookSubscription]) -> Iterator[str]:
    for row in rows:
        if row.ended_at is None and row.is_failing:
            yield f"{row.name} has failed {row.failures} times in a row; try `offramp webhooks test {row.name}`"


def _late(session: Session, now: datetime) -> Iterator[str]:
    oldest = webhook_sending.oldest_open(session)
    if oldest and now - oldest > LATE_AFTER:
        yield f"the oldest event has been on its way since {moment(oldest)}"


def _dead(session: Session) -> Iterator[str]:
    if dead_count := sum(webhook_upkeep.count_dead(session).values()):
        yield f"nobody took {dead_count} events in days; `offramp webhooks dead` lists them"


def _gone(rows: Sequence[WebhookSubscription], now: datetime) -> Iterator[str]:
    for row in rows:
        if row.ended_at and row.ended_because == subscriptions.GONE and now - row.ended_at < _TOLD_FOR:
            yield f"the receiver of {row.name} said at {moment(row.ended_at)} that it is gone, so it hears nothing more"
