"""A mail server on loopback, that answers as it is told."""

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "offramp@bakery.example", "p@ss:word/1"

HANG, DROP = "hang", "drop"


@dataclass
class MailServer:
    """What it took, and how it is to answer: each answer is used up by one question of that kind.

    An answer is a line like `450 later`, or `hang`, or `drop`: hang up without a word.
    """

    port: int = 0
    answers: dict[str, deque[str]] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    def answer(self, kind: str, *answers: str) -> None:
        """To `mail`, `rcpt`, `data` (the command) or `content` (the e-mail itself)."""
        self.answers.setdefault(kind, deque()).extend(answers)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._said("mail", server, "250 OK")
        envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._said("rcpt", server, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        email = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        waiting = self.answers.get("content")
        if not waiting or waiting[0] == DROP:
            self.taken.append(email)
            self.recipients.extend(envelope.rcpt_tos)
        return await self._said("content", server, "250 taken")

    async def _said(self, kind: str, server: SMTP, otherwise: str) -> str:
        waiting = self.answers.get(kind)
        answer = waiting.popleft() if waiting else otherwise
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == DROP:
            _hang_up(server)
            return "421 gone"
        return answer


class _Controller(Controller):
    def factory(self) -> SMTP:
        """A conversation; the command DATA, too, answers as it is told."""
        return _Conversation(self.handler, **self.SMTP_kwargs)


class _Conversation(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        answers = cast(MailServer, self.event_handler).answers.get("data")
        if answers:
            answer = answers.popleft()
            if answer == DROP:
                _hang_up(self)
            else:
                await self.push(answer)
            return
        await super().smtp_DATA(arg)


@contextlib.contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A mail server that runs; with `tls` it wants STARTTLS, and a login after that."""
    server = MailServer(port=_free_port())
    strict: dict[str, Any] = {
        "tls_context": tls,
        "require_starttls": True,
        "authenticator": _authenticate,
        "auth_required": True,
    }
    controller = _Controller(server, hostname="127.0.0.1", port=server.port, **(strict if tls else {}))
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _hang_up(server: SMTP) -> None:
    cast(asyncio.Transport, server.transport).abort()


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
) -> AuthResult:
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
