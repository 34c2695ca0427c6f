"""Twilio's error codes in Offramp's words: https://www.twilio.com/docs/api/errors."""

from domain.messages.messages import Fate

FATES = {
    21211: Fate.UNDELIVERABLE,  # not a valid number
    21214: Fate.UNDELIVERABLE,  # the number cannot be reached
    21217: Fate.UNDELIVERABLE,  # does not appear to be valid
    21265: Fate.UNDELIVERABLE,  # a short code
    21610: Fate.UNSUBSCRIBED,  # its owner answered STOP
    21614: Fate.UNDELIVERABLE,  # not a mobile number
    21635: Fate.UNDELIVERABLE,  # a landline
    30005: Fate.UNDELIVERABLE,  # unknown or no longer in service
    30006: Fate.UNDELIVERABLE,  # a landline, or a carrier that cannot be reached
    60205: Fate.UNDELIVERABLE,  # a landline, says Verify
    60410: Fate.BLOCKED,  # Verify blocks the numbers around it, for fear of fraud
    60605: Fate.BLOCKED,  # Verify is not allowed to send to its country
}
"""Errors that blame the number itself."""

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
