"""What all mailers have in common: whom e-mails come from, how addresses are written, and the headers of our own."""

from dataclasses import dataclass

from domain.messages.messages import Fate
from domain.ports import Letter, NeverDeliverable


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The address and the name in an e-mail's From."""

    email: str
    name: str

    @property
    def domain(self) -> str:
        """The part of the address after the @."""
        return self.email.rpartition("@")[2]


def own_headers(letter: Letter) -> dict[str, str]:
    """Headers that keep holiday notes from answering (RFC 3834), and that end reminders with one click (RFC 8058)."""
    headers = {"Auto-Submitted": "auto-generated"}
    if letter.stop_link:
        headers["List-Unsubscribe"] = f"<{letter.stop_link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def as_sent(email: str) -> str:
    """An address with its domain in ASCII, as mail servers know it. Raises NeverDeliverable if it has no such form."""
    local, _, domain = email.rpartition("@")
    try:
        if local.isascii() and local and domain:
            return f"{local}@{domain.encode('idna').decode()}"
    except ValueError:  # a label that is empty or too long
        pass
    raise NeverDeliverable("address_not_sendable", fate=Fate.UNDELIVERABLE)
