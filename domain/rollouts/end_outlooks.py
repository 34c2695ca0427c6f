"""What an end date would come to if it struck on a day: for whom codes only open the set-up, and who could not even
do that; and whether today's pace gets everybody there in time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

PACE_OVER = timedelta(days=14)
"""Over how long the pace is measured."""


class AtEnd(StrEnum):
    """What an end date means for one member, the first that applies.

    `ready`: a passkey has signed in, or an authenticator app works. Of the others, codes open the set-up alone: `able`
    have been seen on a device that can do it, `not_seen` have not, `no_device` have said that they have none.
    `no_contact`: no code reaches the number, so not even the set-up opens. `exempt`, `not_launched` and `held_out` keep
    their codes; `done` have none any more.
    """

    HELD_OUT = "held_out"
    NOT_LAUNCHED = "not_launched"
    DONE = "done"
    READY = "ready"
    EXEMPT = "exempt"
    NO_CONTACT = "no_contact"
    NO_DEVICE = "no_device"
    NOT_SEEN = "not_seen"
    ABLE = "able"


ONLY_ENROL = (AtEnd.ABLE, AtEnd.NOT_SEEN, AtEnd.NO_DEVICE, AtEnd.NO_CONTACT)
"""Members who sign in by codes alone, and would be let in only to set up a passkey."""

CANNOT = (AtEnd.NOT_SEEN, AtEnd.NO_DEVICE, AtEnd.NO_CONTACT)
"""Members of whom nobody knows that they could do that."""


class LastSignIn(StrEnum):
    """When somebody has signed in last."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    LONGER = "longer"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class AlikeMembers:
    """How many members are alike in all that an outlook asks for; `is_recent`: ready since the pace is measured."""

    at_end: AtEnd
    country: str
    last_sign_in: LastSignIn
    is_recent: bool
    people: int


@dataclass(frozen=True, kw_only=True)
class EndPace:
    """How many people a day get a passkey that signs in, and how many it would take; None if the day has come.

    `arrives_at` is when the last of `left` would be there by today's pace; None if nobody comes at all.
    """

    left: int
    a_day: float
    needed_a_day: float | None
    arrives_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EndOutlook:
    """What it would come to on a day. Countries and last sign-ins are of those for whom codes only open the set-up."""

    on: datetime
    people: dict[AtEnd, int]
    countries: dict[str, int]
    last_sign_ins: dict[LastSignIn, int]
    pace: EndPace

    @property
    def only_enrol(self) -> int:
        """For how many members codes would only open the set-up."""
        return sum(self.people[at_end] for at_end in ONLY_ENROL)

    @property
    def cannot(self) -> int:
        """Of how many of them nobody knows that they could do it."""
        return sum(self.people[at_end] for at_end in CANNOT)


def outlook(
    groups: Iterable[AlikeMembers], *, on: datetime, launched_at: datetime, now: datetime
) -> EndOutlook:
    """The outlook of a cohort that was launched at a time, from the numbers of its members."""
    people: Counter[AtEnd] = Counter()
    countries: Counter[str] = Counter()
    last_sign_ins: Counter[LastSignIn] = Counter()
    recent = 0
    for group in groups:
        people[group.at_end] += group.people
        recent += group.people if group.is_recent else 0
        if group.at_end in ONLY_ENROL:
            countries[group.country] += group.people
            last_sign_ins[group.last_sign_in] += group.people
    left = sum(people[at_end] for at_end in ONLY_ENROL)
    return EndOutlook(
        on=on,
        people={at_end: people[at_end] for at_end in AtEnd},
        countries=dict(countries.most_common()),
        last_sign_ins={last: last_sign_ins[last] for last in LastSignIn},
        pace=_pace(left, recent, on=on, launched_at=launched_at, now=now),
    )


def _pace(left: int, recent: int, *, on: datetime, launched_at: datetime, now: datetime) -> EndPace:
    measured = min(PACE_OVER, max(now - launched_at, timedelta(days=1)))
    a_day = recent / (measured / timedelta(days=1))
    days_left = (on - now) / timedelta(days=1)
    return EndPace(
        left=left,
        a_day=round(a_day, 1),
        needed_a_day=round(left / days_left, 1) if days_left > 0 else None,
        arrives_at=now + timedelta(days=ceil(left / a_day)) if a_day else None,
    )
