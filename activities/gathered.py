"""Puts the notices that were gathered into one message: how many there are, since when, and what each of them says."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.facts import Channel
from domain.messages.messages import Template
from domain.ports import Wording, Writer
from store.messages.message_rows import Message

MOST_LINES = 40
"""Mail programs hide the end of a long letter, and with it the way to object; what is left out is counted."""


def values(gathered: Message, parts: Sequence[Message], writer: Writer) -> dict[str, str]:
    """The values of a gathered message's template, from its parts, oldest first. It has more than one part."""
    zone = ZoneInfo(gathered.values["time_zone"])
    today = parts[-1].created_at.astimezone(zone).date()

    def clock_time(at: datetime) -> str:
        local = at.astimezone(zone)
        written = f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
        return written if zone.key != "UTC" else f"{written} UTC"  # nobody knows the person's own

    lines = [
        _line(subject, [clock_time(at) for at in moments])
        for subject, moments in _moments_by_subject(gathered, parts, writer).items()
    ]
    return {
        "count": str(len(parts)),
        "since": clock_time(parts[0].created_at),
        "changes": "\n\n".join(lines[:MOST_LINES]),
        "more": str(max(len(lines) - MOST_LINES, 0)),
    }


def _moments_by_subject(
    gathered: Message, parts: Sequence[Message], writer: Writer
) -> dict[str, list[datetime]]:
    """What happened, in the words of each notice's own letter, and when; what happened several times is told once."""
    moments: dict[str, list[datetime]] = {}
    for part in parts:
        moments.setdefault(_subject(part, gathered.locale, writer), []).append(part.created_at)
    return moments


def _subject(part: Message, locale: str, writer: Writer) -> str:
    wording = Wording(
        template=Template(part.template), channel=Channel.EMAIL, locale=locale, values=part.values
    )
    device = part.values.get("device")
    subject = writer.render(wording).subject
    return f"{subject} ({device})" if device else subject


def _line(subject: str, clock_times: Sequence[str]) -> str:
    if len(clock_times) == 1:
        return f"{clock_times[0]}: {subject}"
    return f"{clock_times[0]} – {clock_times[-1]}: {len(clock_times)} × {subject}"
