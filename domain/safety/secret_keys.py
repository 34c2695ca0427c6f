"""The ring of secret keys, newest first: what each key is called, what hangs on it, and when it may be taken out.

The newest key closes seals and hashes codes. Every key of the ring opens what it has closed, and finds its codes.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.safety.objections import WINDOW

LINKS_LAST = WINDOW + timedelta(days=1)
"""How long links go on leading back here that messages bear since a key was last the newest, in any process."""


class Hanging(StrEnum):
    """The rows that hang on a secret key: keyed digests first, then what lies sealed."""

    RECOVERY_CODE = "recovery_code"
    RESCUE = "rescue"
    ONE_TIME_CODE = "one_time_code"
    GUESS_COUNT = "guess_count"
    FIRST_ANSWER = "first_answer"
    MESSAGE = "message"
    DOOR_NOTE = "door_note"
    SIGN_ON = "sign_on"
    HOST_ANSWER = "host_answer"
    WEBHOOK = "webhook"
    FORMER_WEBHOOK = "former_webhook"
    SIGNING_KEY = "signing_key"
    EVIDENCE_KEY = "evidence_key"
    AUTHENTICATOR_APP = "authenticator_app"


class KeyPlace(StrEnum):
    """Where a key stands. One for codes finds codes, and opens nothing: it has leaked, and whoever has it closes seals.

    A missing one is in no ring: whatever hangs on it is void until it comes back.
    """

    NEWEST = "newest"
    FORMER = "former"
    FOR_CODES = "for_codes"
    MISSING = "missing"


UNKNOWN = "unknown"
"""Stands for the id of the missing key of what lies sealed, because a seal does not say whose it is."""

Counts = Mapping[Hanging, int]


@dataclass(frozen=True, kw_only=True)
class NewestTimes:
    """From when until when a key was noted as the newest.

    `was_alone`: it was noted first of all, and was the only one then, so that what names no key hangs on it.
    """

    since: datetime
    until: datetime
    was_alone: bool = False


@dataclass(frozen=True, kw_only=True)
class KeyStanding:
    """One key: how many rows of each kind hang on it, and until when links in messages do; None if that is not known.

    `unnamed` are those of the rows that name no key, and may hang on another one.
    """

    key_id: str
    place: KeyPlace
    hanging: Counts = field(default_factory=dict)
    unnamed: int = 0
    links_until: datetime | None = None

    @property
    def count(self) -> int:
        """How many rows hang on it."""
        return sum(self.hanging.values())

    def may_go(self, now: datetime) -> bool:
        """Whether taking the key out of the ring breaks nothing: no row hangs on it, and no link in a message."""
        if self.count:
            return False
        are_links_over = self.links_until is not None and self.links_until <= now
        return self.place is KeyPlace.FOR_CODES or (self.place is KeyPlace.FORMER and are_links_over)


def key_id(secret_key: str) -> str:
    """What a key is called: eight hex digits, which lead back to no key of 32 random characters or more."""
    return hashlib.blake2b(secret_key.encode(), digest_size=4, person=b"offramp-key-id").hexdigest()


def standings(
    ring: Sequence[str],
    hanging: Mapping[str, Counts],
    unnamed: Counts,
    times: Mapping[str, NewestTimes],
    *,
    opening: int,
) -> Iterator[KeyStanding]:
    """Each key of a ring of ids, newest first, then each missing one that something hangs on.

    The first `opening` of the ring open seals, the others are for codes. `unnamed` are the rows that name no key.
    """
    may_have_unnamed = _of_unnamed(ring, times) if any(unnamed.values()) else ()
    others = sorted({*hanging, *may_have_unnamed} - set(ring))
    for place, id_ in enumerate([*ring, *others]):
        more = unnamed if id_ in may_have_unnamed else {}
        counts = _sum(hanging.get(id_, {}), more)
        if counts or place < len(ring):
            key_place = _place(place, opening=opening, most=len(ring))
            yield KeyStanding(
                key_id=id_,
                place=key_place,
                hanging=counts,
                unnamed=sum(more.values()),
                links_until=_links_until(ring[0], id_, times) if key_place is KeyPlace.FORMER else None,
            )


def _place(place: int, *, opening: int, most: int) -> KeyPlace:
    if place == 0:
        return KeyPlace.NEWEST
    if place < opening:
        return KeyPlace.FORMER
    return KeyPlace.FOR_CODES if place < most else KeyPlace.MISSING


def _of_unnamed(ring: Sequence[str], times: Mapping[str, NewestTimes]) -> Sequence[str]:
    """The keys that rows without a name may hang on: the one that was there alone, or else each that is not new."""
    alone = [id_ for id_, noted in times.items() if noted.was_alone]
    return alone or ring[1:] or ring


def _links_until(newest: str, id_: str, times: Mapping[str, NewestTimes]) -> datetime | None:
    """Of a key that was never noted as the newest, it counts that its successor was not noted before."""
    if id_ in times:
        return times[id_].until + LINKS_LAST
    return times[newest].since + LINKS_LAST if newest in times else None


def _sum(left: Counts, right: Counts) -> dict[Hanging, int]:
    counts = {kind: left.get(kind, 0) + right.get(kind, 0) for kind in Hanging}
    return {kind: count for kind, count in counts.items() if count}
