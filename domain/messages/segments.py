"""Counts the segments of a text message: a long one travels in several, and providers bill by segment."""

from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """How the characters of a text message travel."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, kw_only=True)
class Segments:
    """How a text is split into segments: `units` are septets in GSM-7, and UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    count: int


_ROOM = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}
"""The units that fit into one segment: alone, and among several, which also hold their number (3GPP TS 23.040)."""


def segments(text: str) -> Segments:
    """Count a text's segments. One character outside the alphabet of 3GPP TS 23.038 makes all of it UCS-2."""
    encoding = Encoding.GSM_7 if set(text) <= _BASIC | _EXTENDED else Encoding.UCS_2
    sizes = [_size(character, encoding) for character in text]
    alone, among = _ROOM[encoding]
    return Segments(
        encoding=encoding, units=sum(sizes), count=1 if sum(sizes) <= alone else _filled(sizes, room=among)
    )


def _size(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.UCS_2:
        return len(character.encode("utf-16-le")) // 2
    return 2 if character in _EXTENDED else 1


def _filled(sizes: list[int], *, room: int) -> int:
    """How many segments the characters need; no character is cut in two, so a segment may end one unit early."""
    count, filled = 1, 0
    for size in sizes:
        if filled + size > room:
            count, filled = count + 1, 0
        filled += size
    return count
