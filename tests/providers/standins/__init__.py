"""Stand-ins of the providers: they check what the real ones check, answer like them, and misbehave on request.

`python -m tests.providers.standins` runs one as a process of its own.
"""

from tests.providers.standins.callbacks import SendGridSigner, tell_sendgrid_events, tell_twilio_status
from tests.providers.standins.http import StandIn
from tests.providers.standins.sendgrid import SENDGRID_KEY
from tests.providers.standins.taken import Records, Taken
from tests.providers.standins.troubles import Trouble
from tests.providers.standins.twilio import MESSAGING_SERVICE, TWILIO_SID, TWILIO_TOKEN, VERIFY_SERVICE

__all__ = [
    "MESSAGING_SERVICE",
    "SENDGRID_KEY",
    "TWILIO_SID",
    "TWILIO_TOKEN",
    "VERIFY_SERVICE",
    "Records",
    "SendGridSigner",
    "StandIn",
    "Taken",
    "Trouble",
    "tell_sendgrid_events",
    "tell_twilio_status",
]
