"""Twilio's error codes in Offramp's words: https://www.twilio.com/docs/api/errors."""

from domain.messages.messages import Fate

_WITHHELD = {
    21408,  # the account may not text this country
    21606,  # From cannot text this destination
    21608,  # a trial account texts verified numbers only
    21612,  # From does not reach this destination
    21659,  # From is no number for this country
    30001,  # the account's queue is full
    30002,  # the account was suspended meanwhile
    30007,  # filtered for its content, by Twilio or a carrier
    30010,  # dearer than the account allows
    30018,  # the destination's carriers want a registered sender
    30022,  # beyond the rate of the US registration
    30023,  # beyond the day's cap of the US registration
    30024,  # the carrier does not know the sender
    30027,  # beyond the day's cap of a US carrier
    30032,  # a toll-free number that is not verified
    30033,  # the US registration is suspended
    30034,  # a number without US registration
    30035,  # a number whose US registration is not ready
    30036,  # it waited at Twilio for too long
    30038,  # the carrier does not carry one-time codes from this sender
    30040,  # the destination's carriers want a registered sender
    30450,  # held to be fraud, because of other texts to numbers around it
    30453,  # the same, for hours
    60410,  # the same, says Verify
    60605,  # the account's Verify may not text this country
}
"""What somebody who runs the account has to mend, or what passes; the person's number is not to blame."""

FATES = {
    21211: Fate.UNDELIVERABLE,  # not a valid number
    21214: Fate.UNDELIVERABLE,  # the number cannot be reached
    21217: Fate.UNDELIVERABLE,  # does not appear to be valid
    21265: Fate.UNDELIVERABLE,  # a short code
    21610: Fate.STOPPED,  # its owner answered STOP
    21614: Fate.UNDELIVERABLE,  # not a mobile number
    21635: Fate.UNDELIVERABLE,  # a landline
    30005: Fate.UNDELIVERABLE,  # unknown or no longer in service
    30006: Fate.UNDELIVERABLE,  # a landline, or a carrier that cannot be reached
    60205: Fate.UNDELIVERABLE,  # a landline, says Verify
    **dict.fromkeys(_WITHHELD, Fate.WITHHELD),
}
"""Errors about one message, by what became of it."""

CONFIGURATION = frozenset(
    {
        20003,  # wrong credentials
        20404,  # no such account or service
        21212,  # From is not valid
        21603,  # neither From nor a messaging service
        21609,  # the status callback is no public URL
        21660,  # From belongs to another account
        21703,  # the messaging service has no sender
        21705,  # no such messaging service
        60204,  # the Verify service takes no codes of ours
    }
)
"""Errors that the operator has to mend; they fail for every number."""

FULL = frozenset({60203, 60212})
"""Errors that say that a number was sent too many codes in a row; Verify forgets them after ten minutes."""


def fate_of(code: int, *, codes_go_elsewhere: bool) -> Fate | None:
    """What an error says became of a message; None if it says nothing of that.

    STOP closes one sender. If codes go by Verify, whose senders are others, it ends reminders and no more.
    """
    fate = FATES.get(code)
    return Fate.UNSUBSCRIBED if fate is Fate.STOPPED and codes_go_elsewhere else fate
