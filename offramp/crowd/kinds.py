"""The kinds of people in a crowd, attackers among them: the share and the story of each, in no other table."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt


class PersonKind(StrEnum):
    """The kinds of people. Their stories are in `lives.py`, `recoveries.py` and, of the attackers, `attacks.py`."""

    SWIFT = "swift"
    LAZY = "lazy"
    TWO_DEVICES = "two_devices"
    KEEPER = "keeper"
    APP_USER = "app_user"
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
    RECOVERER = "recoverer"
    IMPATIENT = "impatient"
    REMOVER = "remover"
    CODE_MAKER = "code_maker"
    READDRESSER = "readdresser"
    GUESSER = "guesser"
    FLOODER = "flooder"
    ACCUSER = "accuser"
    SIM_HOLDER = "sim_holder"


ATTACKERS = (
    PersonKind.REMOVER,
    PersonKind.CODE_MAKER,
    PersonKind.READDRESSER,
    PersonKind.GUESSER,
    PersonKind.FLOODER,
    PersonKind.ACCUSER,
    PersonKind.SIM_HOLDER,
)
"""Each attacks an account of the crowd, whose owner is at home; it is counted who is defeated."""


@dataclass(frozen=True, kw_only=True)
class KindShare:
    """A kind's share of the crowd in percent, and its story in a line."""

    share: int
    story: str


PARTS = {
    PersonKind.SWIFT: KindShare(share=19, story="set up at once, and sign in by passkey ever after"),
    PersonKind.LAZY: KindShare(share=11, story="put it off, and set up after the next reminder"),
    PersonKind.TWO_DEVICES: KindShare(
        share=10, story="add a second device by its link, instead of recovery codes"
    ),
    PersonKind.KEEPER: KindShare(share=6, story="keep recovery codes, and later sign in by one"),
    PersonKind.APP_USER: KindShare(
        share=2, story="set up an app that shows codes as second way in, and later sign in by it"
    ),
    PersonKind.MISTYPER: KindShare(share=6, story="type every code wrong once"),
    PersonKind.SILENT: KindShare(share=8, story="never come"),
    PersonKind.UNABLE: KindShare(
        share=5, story='have no device that can do it, and say "I can\'t do this now"'
    ),
    PersonKind.FAILING: KindShare(share=4, story="cancel, let a stranger try, run into errors, and give up"),
    PersonKind.BOUNCING: KindShare(
        share=4, story="have an address that bounces, and give another one at the set-up; codes stay"
    ),
    PersonKind.UNREACHABLE: KindShare(share=2, story="have a number that no text reaches, so no code comes"),
    PersonKind.UNSUBSCRIBER: KindShare(share=3, story="end reminders by the link in the invitation"),
    PersonKind.RESTORER: KindShare(share=3, story="switch text-message codes on again in probation, once"),
    PersonKind.LOSER: KindShare(
        share=2, story="lose the device, come back by a recovery code, set up another"
    ),
    PersonKind.OBJECTOR: KindShare(share=2, story='say "this wasn\'t me" to their own passkey'),
    PersonKind.GUESSED: KindShare(
        share=2, story="set up where they had signed in before a stranger guessed at their code"
    ),
    PersonKind.SWAPPED: KindShare(
        share=1, story="lose the number to a stranger who adds a passkey; they object"
    ),
    PersonKind.RECOVERER: KindShare(
        share=2, story="lose every device, and get back in by a recovery code and the address"
    ),
    PersonKind.IMPATIENT: KindShare(
        share=1, story="get back in on two devices at once, with wrong codes and many presses"
    ),
    PersonKind.REMOVER: KindShare(
        share=1, story="hold the number, remove the owner's passkey, and add one to do it with"
    ),
    PersonKind.CODE_MAKER: KindShare(share=1, story="hold the number, and make recovery codes of their own"),
    PersonKind.READDRESSER: KindShare(share=1, story="hold the number, and put their own e-mail address in"),
    PersonKind.GUESSER: KindShare(share=1, story="guess codes until nobody looks at them any more"),
    PersonKind.FLOODER: KindShare(share=1, story="ask for one text message after another, from everywhere"),
    PersonKind.ACCUSER: KindShare(
        share=1, story='hold the number, and say "this wasn\'t me" to what the owner does'
    ),
    PersonKind.SIM_HOLDER: KindShare(share=1, story="hold the number, and try to get back in by that alone"),
}


def apportion(people: int) -> dict[PersonKind, int]:
    """The number of people of each kind: by shares, and at least one of each kind if there are enough people.

    This is the method of equal proportions (Huntington and Hill). Small groups keep their place by it.
    """
    counts = dict.fromkeys(PersonKind, 0)
    for _ in range(people):
        counts[max(PersonKind, key=lambda kind: _claim(kind, counts[kind]))] += 1
    return counts


def _claim(kind: PersonKind, has: int) -> tuple[bool, float]:
    share = PARTS[kind].share
    return (True, share) if has == 0 else (False, share / sqrt(has * (has + 1)))
