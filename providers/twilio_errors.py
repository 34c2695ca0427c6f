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
    60410: Fate.BLOCKED,  # Verify holds off the numbers around it, for fear of fraud
    60605: Fate.BLOCKED,  # Verify has not been allowed to write to its country
}
"""What says of the number itself that it will not do."""

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
"""What the operator has to mend, and what fails for every number alike."""

FULL = frozenset({60203, 60212})
"""What says that this one number has been sent too many codes in a row; Verify forgets them after ten minutes."""
