"""The one list of what the running totals count and time, and what each journal entry adds to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.facts import Channel, Method
from domain.journal import EventKind
from domain.messages.messages import Purpose, Template
from domain.rollouts.rollout import OVER, Standing

NOBODY = "none"
"""The label of an account without a cohort or wave, and of an entry that lacks the field."""

HOLDOUT = "holdout"
"""The wave of members who are held out."""

ENDED = "ended"
"""The cohort of accounts whose own cohort has left the metrics."""

KEPT_AFTER_THE_END = timedelta(days=14)
"""How long a rollout that is over keeps series of its own: Prometheus itself forgets after 15 days, unless it is told
otherwise, so a look back at the end finds them. A cohort that stayed for ever would cost every later scrape."""


class Total(StrEnum):
    """What is counted since the beginning; the comment beside each total names its labels."""

    ENTRIES = "entries"  # kind
    STARTED = "started"  # cohort, wave
    SIGN_INS = "sign_ins"  # cohort, wave, method, outcome
    REFUSALS = "refusals"  # method, reason
    CEREMONIES = "ceremonies"  # ceremony, outcome, reason
    PROMPTS = "prompts"  # cohort, wave, outcome
    MESSAGES = "messages"  # channel, template, outcome
    TEXTS = "texts"  # cohort, wave


class Timing(StrEnum):
    """What is timed since the beginning; the comment beside each timing names its labels."""

    STEPS = "steps"  # cohort, wave, step
    SIGN_INS = "sign_ins"  # cohort, wave, method
    MESSAGES = "messages"  # channel, purpose


def leaves_at(standing: Standing) -> datetime | None:
    """When a cohort leaves the metrics; None while its rollout is under way."""
    if standing.stage not in OVER or standing.since is None:
        return None
    return standing.since + KEPT_AFTER_THE_END


def has_left(standing: Standing, now: datetime) -> bool:
    """Whether a cohort has left the metrics: its accounts are counted as those of an ended cohort."""
    at = leaves_at(standing)
    return at is not None and now >= at


class Refusal(StrEnum):
    """Why a sign-in was refused; a reason in the passkey library's own words counts as `other`."""

    WRONG_CODE = "wrong_code"
    SMS_SUSPENDED = "sms_suspended"
    SMS_REMOVED = "sms_removed"
    PASSKEY_ON_HOLD = "passkey_on_hold"
    PASSKEY_HELD = "passkey_held"
    PASSKEY_LOST = "passkey_lost"
    CREDENTIAL_UNKNOWN = "credential_unknown"
    OTHER_ACCOUNT = "other_account"
    OF_STAFF = "of_staff"
    USER_HANDLE_MISMATCH = "user_handle_mismatch"
    CHALLENGE_EXPIRED = "challenge_expired"
    CHALLENGE_UNKNOWN = "challenge_unknown"
    MALFORMED = "malformed"
    OTHER = "other"


_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

BOUNDS: dict[Timing, tuple[float, ...]] = {
    Timing.STEPS: (
        *(_MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY),
        *(14 * _DAY, 28 * _DAY, 56 * _DAY, 90 * _DAY),
    ),
    Timing.SIGN_INS: (
        1.0,
        2.0,
        3.0,
        5.0,
        8.0,
        12.0,
        20.0,
        30.0,
        45.0,
        60.0,
        90.0,
        120.0,
        180.0,
        300.0,
        600.0,
    ),
    Timing.MESSAGES: (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, _MINUTE, 5 * _MINUTE, _HOUR, 6 * _HOUR, _DAY),
}

STEPS = frozenset(
    {
        EventKind.EMAIL_VERIFIED,
        EventKind.PASSKEY_BOUND,
        EventKind.PASSKEY_PROVEN,
        EventKind.RECOVERY_CODES_PROVEN,
        EventKind.AUTHENTICATOR_APP_BOUND,
        EventKind.NOTICE_GIVEN,
        EventKind.SMS_SUSPENDED,
        EventKind.SMS_REMOVED,
    }
)
"""Kinds of entries that are timed, from the journey's start to the first entry of the kind."""

_SIGN_INS = {
    EventKind.SIGNED_IN: "succeeded",
    EventKind.PASSKEY_SIGNED_IN: "succeeded",
    EventKind.SIGN_IN_FAILED: "failed",
}
_PROMPTS = {
    EventKind.PROMPT_SEEN: "shown",
    EventKind.PROMPT_SKIPPED: "skipped",
    EventKind.CANNOT_NOW: "cannot_now",
    EventKind.PASSKEY_BOUND: "completed",
}
_CEREMONIES = {
    EventKind.PASSKEY_BOUND: "registration",
    EventKind.PASSKEY_SIGNED_IN: "authentication",
}
_MESSAGES = {
    EventKind.MESSAGE_SENT: "sent",
    EventKind.MESSAGE_FAILED: "failed",
    EventKind.MESSAGE_SKIPPED: "skipped",
    EventKind.MESSAGE_UNKNOWN: "unknown",
    EventKind.MESSAGE_DELIVERED: "delivered",
    EventKind.MESSAGE_WITHHELD: "withheld",
    EventKind.MESSAGE_BLOCKED: "blocked",
    EventKind.MESSAGE_BOUNCED: "bounced",
    EventKind.MESSAGE_UNDELIVERABLE: "undeliverable",
    EventKind.MESSAGE_UNSUBSCRIBED: "unsubscribed",
    EventKind.MESSAGE_SPAM_REPORTED: "spam_reported",
}

_TRIED = ("sent", "failed", "bounced", "blocked", "undeliverable")
"""What becomes of messages that somebody has tried to send, as far as alerts ask for it."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The cohort and wave that had launched an account at the time of an entry, or the cohort that holds it out."""

    cohort: str = NOBODY
    wave: str = NOBODY


@dataclass(frozen=True, kw_only=True)
class CountedEntry:
    """One journal entry. `took` is the time since the journey's start; only the first entry of a step has it."""

    kind: EventKind
    place: Placement = Placement()
    took: timedelta | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def milliseconds(*, since: datetime, until: datetime) -> int:
    """How long something took, as journal entries keep it."""
    return int((until - since) / timedelta(milliseconds=1))


def wave_name(wave: int | None) -> str:
    """Waves count from 1 for people."""
    return NOBODY if wave is None else str(wave + 1)


def expected_counts(places: Iterable[tuple[str, str]]) -> dict[Total, list[tuple[str, ...]]]:
    """The labels that are counted from 0, before anything has happened; `places` are cohorts with their waves.

    Prometheus sees the first count as an increase only if there was a 0 before, so whatever an alert asks is here.
    """
    listed = list(places)
    return {
        Total.ENTRIES: [(kind.value,) for kind in EventKind],
        Total.SIGN_INS: [
            (*place, method.value, outcome)
            for place in listed
            for method in Method
            for outcome in sorted(set(_SIGN_INS.values()))
        ],
        Total.MESSAGES: [
            (channel.value, template.value, outcome)
            for channel in Channel
            for template in Template
            for outcome in _TRIED
        ],
        Total.TEXTS: [*listed],
    }


def expected_timings() -> dict[Timing, list[tuple[str, ...]]]:
    """The labels that are timed from 0, before anything has happened."""
    return {Timing.MESSAGES: [(channel.value, purpose.value) for channel in Channel for purpose in Purpose]}


def counts(entry: CountedEntry) -> Iterator[tuple[Total, tuple[str, ...]]]:
    """The totals to which an entry adds one, with their labels."""
    yield Total.ENTRIES, (entry.kind,)
    yield from _of_people(entry)
    yield from _of_ceremonies(entry)
    if entry.kind in _MESSAGES:
        detail = entry.detail
        yield (
            Total.MESSAGES,
            (detail.get("channel", NOBODY), detail.get("template", NOBODY), _MESSAGES[entry.kind]),
        )


def timings(entry: CountedEntry) -> Iterator[tuple[Timing, tuple[str, ...], float]]:
    """The durations in an entry, with their labels, in seconds."""
    place = entry.place
    if entry.took is not None:
        yield Timing.STEPS, (place.cohort, place.wave, entry.kind), entry.took.total_seconds()
    milliseconds = entry.detail.get("milliseconds")
    if milliseconds is None:
        return
    if entry.kind in (EventKind.SIGNED_IN, EventKind.PASSKEY_SIGNED_IN):
        yield Timing.SIGN_INS, (place.cohort, place.wave, _method(entry)), milliseconds / 1000
    if entry.kind is EventKind.MESSAGE_SENT:
        labels = (entry.detail.get("channel", NOBODY), entry.detail.get("purpose", NOBODY))
        yield Timing.MESSAGES, labels, milliseconds / 1000


def _of_people(entry: CountedEntry) -> Iterator[tuple[Total, tuple[str, ...]]]:
    where = (entry.place.cohort, entry.place.wave)
    if entry.kind is EventKind.JOURNEY_STARTED:
        yield Total.STARTED, where
    if entry.kind in _SIGN_INS:
        yield Total.SIGN_INS, (*where, _method(entry), _SIGN_INS[entry.kind])
    if entry.kind is EventKind.SIGN_IN_FAILED:
        yield Total.REFUSALS, (_method(entry), _refusal(entry))
    if entry.kind in _PROMPTS:
        yield Total.PROMPTS, (*where, _PROMPTS[entry.kind])
    if entry.kind is EventKind.MESSAGE_SENT and entry.detail.get("channel") == Channel.SMS:
        yield Total.TEXTS, where


def _of_ceremonies(entry: CountedEntry) -> Iterator[tuple[Total, tuple[str, ...]]]:
    if entry.kind in _CEREMONIES:
        yield Total.CEREMONIES, (_CEREMONIES[entry.kind], "completed", NOBODY)
    if entry.kind is EventKind.CEREMONY_FAILED:
        detail = entry.detail
        yield Total.CEREMONIES, (detail.get("ceremony", NOBODY), "failed", detail.get("name", Refusal.OTHER))
    if entry.kind is EventKind.SIGN_IN_FAILED and _method(entry) == Method.PASSKEY:
        yield Total.CEREMONIES, ("authentication", "refused", _refusal(entry))


def _method(entry: CountedEntry) -> str:
    return Method.PASSKEY if entry.kind is EventKind.PASSKEY_SIGNED_IN else entry.detail.get("method", NOBODY)


def _refusal(entry: CountedEntry) -> str:
    reason = entry.detail.get("reason")
    return next((refusal for refusal in Refusal if refusal == reason), Refusal.OTHER)
