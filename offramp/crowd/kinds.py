"""The kinds of people in a crowd: how many there are of each, and what they do. This table is the only one."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt


class Kind(StrEnum):
    """What sort of person somebody is; the stories are in `lives.py`."""

    SWIFT = "swift"
    LAZY = "lazy"
    TWO_DEVICES = "two_devices"
    KEEPER = "keeper"
    MISTYPER = "mistyper"
    SILENT = "silent"
    UNABLE = "unable"
    FAILING = "failing"
    BOUNCING = "bouncing"
    UNREACHABLE = "unreachable"
    UNSUBSCRIBER = "unsubscriber"
    RESTORER = "restorer"
    LOSER = "loser"
    OBJECTOR = "objector"
    GUESSED = "guessed"
    SWAPPED = "swapped"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one kind plays: its share of the crowd in percent, and its story in a line."""

    share: int
    story: str


PARTS = {
    Kind.SWIFT: Part(share=30, story="set up at once, and sign in by passkey ever after"),
    Kind.LAZY: Part(share=12, story="put it off, and set up after the next reminder"),
    Kind.TWO_DEVICES: Part(share=10, story="add a second device by its link, instead of recovery codes"),
    Kind.KEEPER: Part(share=6, story="keep recovery codes, and later sign in by one"),
    Kind.MISTYPER: Part(share=6, story="type every code wrong once"),
    Kind.SILENT: Part(share=8, story="never come"),
    Kind.UNABLE: Part(share=5, story='have no device that can do it, and say "I can\'t do this now"'),
    Kind.FAILING: Part(share=4, story="cancel, let a stranger try, run into errors, and give up"),
    Kind.BOUNCING: Part(share=4, story="have an address that bounces, and give another one at the set-up"),
    Kind.UNREACHABLE: Part(share=2, story="have a number that no text reaches, so no code comes"),
    Kind.UNSUBSCRIBER: Part(share=3, story="end reminders by the link in the invitation"),
    Kind.RESTORER: Part(share=3, story="switch text-message codes on again in probation, once"),
    Kind.LOSER: Part(share=2, story="lose the device, come back by a recovery code, set up another"),
    Kind.OBJECTOR: Part(share=2, story='say "this wasn\'t me" to their own passkey'),
    Kind.GUESSED: Part(share=2, story="set up, after a stranger has guessed at their code"),
    Kind.SWAPPED: Part(share=1, story="lose the number to a stranger who adds a passkey; they object"),
}


def apportion(people: int) -> dict[Kind, int]:
    """How many of each kind a crowd has: by shares, and at least one of each where there are enough people.

    The method of equal proportions (Huntington and Hill), which keeps small groups from vanishing.
    """
    counts = dict.fromkeys(Kind, 0)
    for _ in range(people):
        counts[max(Kind, key=lambda kind: _claim(kind, counts[kind]))] += 1
    return counts


def _claim(kind: Kind, has: int) -> tuple[bool, float]:
    share = PARTS[kind].share
    return (True, share) if has == 0 else (False, share / sqrt(has * (has + 1)))
