"""What a text message may hold: no link, whatever people name their devices, and a last line that phones read."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

LONGEST_VALUE = 40
"""The most characters that one value brings into a text message; one letter of Unicode may stand for many."""

_OURS = frozenset({"since", "ends_on"})
"""Values that Offramp makes up itself, and that hold more than letters and digits."""


def texted_values(values: Mapping[str, str]) -> dict[str, str]:
    """The values as a text message may hold them: letters and digits of any script, and blanks.

    A passkey's name is its owner's choice, or a thief's. Phones make a link of whatever looks like one.
    """
    return {name: value if name in _OURS else _plain(value) for name, value in values.items()}


def bound_line(origin: str, code: str) -> str:
    """The line by which a phone offers a code on its own site alone (https://wicg.github.io/sms-one-time-codes/)."""
    return f"@{urlsplit(origin).hostname} #{code}"


def begins_a_bound_line(line: str) -> bool:
    """Whether a phone might read a line as the one of another site."""
    return line.lstrip().startswith("@")


def _plain(value: str) -> str:
    kept = (letter if _is_kept(letter) else " " for letter in unicodedata.normalize("NFKC", value))
    return " ".join("".join(kept).split())[:LONGEST_VALUE].rstrip()


def _is_kept(letter: str) -> bool:
    # Marks are parts of letters in many scripts.
    return unicodedata.category(letter)[0] in "LM" or unicodedata.category(letter) == "Nd"
