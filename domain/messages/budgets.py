"""How many messages somebody may get in a day. Codes and reminders beyond that wait; notices are gathered into one.

Messages are an attack too: who presses one button again and again floods a stranger's phone at the operator's expense.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.facts import Channel
from domain.messages.messages import Purpose

DAY = timedelta(days=1)
"""Budgets count the messages of the last 24 hours; text messages to a country are counted by the day in UTC."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most so many messages of one purpose, by one channel, in a day: to one contact, and about one account."""

    contact: int
    account: int


BUDGETS: dict[tuple[Purpose, Channel], Budget] = {
    # More than the pages ask for in a stranger's name, so that strangers cannot use up what the owner needs.
    (Purpose.CODE, Channel.SMS): Budget(contact=40, account=40),
    (Purpose.CODE, Channel.EMAIL): Budget(contact=20, account=20),
    # An honest first day has about six: passkeys, recovery codes, the notice of the end.
    (Purpose.NOTICE, Channel.SMS): Budget(contact=8, account=16),
    (Purpose.NOTICE, Channel.EMAIL): Budget(contact=15, account=30),
    # Each policy has a tighter cap of its own, but `fast`, which is for watching.
    (Purpose.NUDGE, Channel.SMS): Budget(contact=30, account=30),
    (Purpose.NUDGE, Channel.EMAIL): Budget(contact=30, account=30),
}


@dataclass(frozen=True, kw_only=True)
class GatheringPace:
    """How long notices are gathered: `first` at the beginning, then twice as long each time, up to `longest`."""

    first: timedelta
    longest: timedelta


# Far shorter than any cooling-off: whoever uses the budget up delays the notice that matters by no more than this.
PACES = {
    Channel.EMAIL: GatheringPace(first=timedelta(minutes=10), longest=timedelta(hours=2)),
    Channel.SMS: GatheringPace(first=timedelta(hours=1), longest=timedelta(hours=6)),
}


def free_from(sent_at: Sequence[datetime], most: int) -> datetime | None:
    """When another message may go, after those of the last day, newest first; None means now."""
    return sent_at[most - 1] + DAY if len(sent_at) >= most else None


def gathered_until(channel: Channel, at: datetime, *, gathered_before: int) -> datetime:
    """When notices that are gathered from `at` on go out; `gathered_before` counts the day's gathered messages."""
    pace = PACES[channel]
    # A day has fewer gathered messages than would make this power large.
    return at + min(pace.first * (1 << min(gathered_before, 16)), pace.longest)
