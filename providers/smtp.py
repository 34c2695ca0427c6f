"""Sends e-mails by SMTP: to a mail catcher in development, or by the operator's mail server."""

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Self
from urllib.parse import unquote, urlsplit

from domain.messages.messages import Fate
from domain.ports import Clock, Letter, NeverDeliverable, NotHandedOver
from providers.mime import compose
from providers.senders import Sender, as_sent
from providers.wire import PATIENCE, LostAnswer

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""The schemes of URLs, and the port of each if a URL names none."""

_CLOSING = 421
_GO_AHEAD = 354
_NO_SUCH_MAILBOX = (550, 551, 553)
_LOGIN_WANTED = 530


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """A mail server: `smtp://`, `smtp+starttls://` or `smtps://`, with user, password and port if they are needed."""

    kind: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str) -> Self:
        """The server that a URL names. Raises ValueError if it is not the URL of a mail server."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("a mail server is given like smtp+starttls://user:password@mail.example.com:587")
        try:
            port = parts.port or PORTS[parts.scheme]
        except ValueError:  # it shows what it took for the port, which may be a piece of the password
            raise ValueError("Ports of mail servers are numbers up to 65535") from None
        return cls(
            kind=parts.scheme,
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class SmtpMailer:
    """A Mailer for any number of threads; each e-mail is a conversation of its own."""

    provider = "smtp"

    def __init__(
        self, server: SmtpServer, sender: Sender, clock: Clock, *, patience: timedelta = PATIENCE
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._patience = patience.total_seconds()
        self._trust = ssl.create_default_context()

    def send(self, letter: Letter) -> str:
        """Hand one e-mail over, and return its Message-ID."""
        email = self._composed(letter)
        with contextlib.ExitStack() as ending:
            with _nothing_written():
                talk = ending.enter_context(self._talk())
                talk.introduce(self._sender.email, as_sent(letter.to))
            talk.tell(email)
        return str(email["Message-ID"])

    def check(self) -> str | None:
        """Log in and send nothing. Raises NotHandedOver, as `send` does, if that fails."""
        with _nothing_written(), self._talk():
            return None

    def _composed(self, letter: Letter) -> EmailMessage:
        try:
            return compose(letter, self._sender, at=self._clock())
        except NeverDeliverable:
            raise
        except Exception as error:  # the library has many kinds of ValueError
            raise NeverDeliverable(f"smtp_not_composed: {type(error).__name__}") from None

    @contextlib.contextmanager
    def _talk(self) -> Iterator["_Talk"]:
        talk = _Talk(self._server, self._trust, self._patience)
        try:
            talk.begin(self._server, self._trust)
            yield talk
        finally:
            talk.end()


class _Talk:
    """One conversation, which as a whole may take `patience` seconds."""

    def __init__(self, server: SmtpServer, trust: ssl.SSLContext, patience: float) -> None:
        self._ends = time.monotonic() + patience
        self._smtp = _dial(server, trust, patience / 2)

    def begin(self, server: SmtpServer, trust: ssl.SSLContext) -> None:
        if server.kind == "smtp+starttls":
            self._in_time().starttls(context=trust)
        self._in_time().ehlo_or_helo_if_needed()
        if server.user:
            self._in_time().login(server.user, server.password)

    def introduce(self, sender: str, to: str) -> None:
        """Name sender and recipient, and wait until the server is ready for the e-mail."""
        code, _ = self._in_time().mail(sender)
        if code != 250:
            raise NotHandedOver(f"smtp_sender_refused_{code}")
        code, words = self._in_time().rcpt(to)
        if code not in (250, 251, 252):
            _refuse_recipient(code, words)
        code, _ = self._in_time().docmd("DATA")
        if code != _GO_AHEAD:
            _refuse_content(code)

    def tell(self, email: EmailMessage) -> None:
        """Hand over the e-mail itself. From its first byte on, the server may have it even if no answer comes."""
        try:
            self._in_time().send(re.sub(rb"(?m)^\.", b"..", email.as_bytes()) + b"\r\n.\r\n")
            code, _ = self._in_time().getreply()
        except (OSError, smtplib.SMTPException) as trouble:
            raise LostAnswer(f"smtp_answer_lost: {type(trouble).__name__}") from None
        if 200 <= code < 300:
            return
        if code < 400:
            raise LostAnswer(f"smtp_answer_unreadable_{code}")
        _refuse_content(code)

    def end(self) -> None:
        """Say goodbye without waiting for an answer."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._smtp.putcmd("QUIT")
        self._smtp.close()

    def _in_time(self) -> smtplib.SMTP:
        if self._smtp.sock:
            self._smtp.sock.settimeout(max(self._ends - time.monotonic(), 0.01))
        return self._smtp


def _dial(server: SmtpServer, trust: ssl.SSLContext, patience: float) -> smtplib.SMTP:
    own_name = socket.gethostname()
    if server.kind == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=patience, context=trust)
    return smtplib.SMTP(server.host, server.port, own_name, timeout=patience)


@contextlib.contextmanager
def _nothing_written() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as refusal:
        raise NotHandedOver(f"smtp_login_refused_{refusal.smtp_code}") from None
    except smtplib.SMTPResponseException as refusal:
        raise NotHandedOver(f"smtp_{refusal.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as trouble:
        raise NotHandedOver(f"smtp_not_reached: {type(trouble).__name__}") from None


def _refuse_recipient(code: int, words: bytes) -> None:
    if code == _LOGIN_WANTED:
        raise NotHandedOver(f"smtp_login_wanted_{code}")
    if code >= 500:
        # 5.7 is a matter of policy (RFC 3463), not of the mailbox.
        is_mailbox_missing = code in _NO_SUCH_MAILBOX and not words.startswith(b"5.7.")
        raise NeverDeliverable(
            f"smtp_{code}", fate=Fate.UNDELIVERABLE if is_mailbox_missing else Fate.BLOCKED
        )
    raise NotHandedOver(f"smtp_{code}", is_outage=code == _CLOSING)


def _refuse_content(code: int) -> None:
    if code >= 500:
        raise NeverDeliverable(f"smtp_content_{code}", fate=Fate.BLOCKED)
    raise NotHandedOver(f"smtp_content_{code}", is_outage=code == _CLOSING)
