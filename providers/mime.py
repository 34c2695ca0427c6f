"""Puts a letter into the form of an e-mail: text and HTML, with our message's key in its header."""

import hashlib
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from domain.ports import Letter
from providers.senders import Sender, as_sent, own_headers

# Any mail server takes an e-mail without 8-bit parts, whatever server is next on its way.
_POLICY = policy.SMTP.clone(cte_type="7bit")


def compose(letter: Letter, sender: Sender, *, at: datetime) -> EmailMessage:
    """The whole e-mail; the same letter gets the same Message-ID whenever it is composed.

    Raises ValueError, and NeverDeliverable for an address that no mail server takes.
    """
    email = EmailMessage(policy=_POLICY)
    email["From"] = Address(display_name=sender.name, addr_spec=sender.email)
    email["To"] = Address(addr_spec=as_sent(letter.to))
    email["Subject"] = letter.subject
    email["Date"] = format_datetime(at)
    email["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:40]}@{sender.domain}>"
    email["X-Offramp-Message"] = letter.key
    for name, value in own_headers(letter).items():
        email[name] = value
    email.set_content(letter.text)
    email.add_alternative(letter.html, subtype="html")
    return email
