"""Turns a message's row into what its provider takes: words, secrets, and links."""

import json
from collections.abc import Sequence

import structlog

from activities import gathered
from domain.facts import Channel
from domain.messages.links import objection_token, recovery_token, stop_token
from domain.messages.messages import Purpose, Template
from domain.ports import Letter, NeverDeliverable, Rendered, Seal, TextMessage, Wording, Writer
from domain.safety.objections import can_be_objected_to
from store.messages.message_rows import Message

log = structlog.get_logger()


class Letters:
    """Writes letters and text messages. `origin` is where the links in them lead."""

    def __init__(self, writer: Writer, seal: Seal, *, origin: str) -> None:
        self._writer = writer
        self._seal = seal
        self._origin = origin

    def write(self, message: Message, parts: Sequence[Message] = ()) -> Letter | TextMessage:
        """The message as its provider takes it. Raises NeverDeliverable if it cannot be put into words.

        `parts` are the notices that a gathered message tells of. A single one speaks for itself.
        """
        try:
            secrets = json.loads(self._seal.open(message.sealed)) if message.sealed else {}
            filled_in = gathered.values(message, parts, self._writer) if len(parts) > 1 else secrets
            words = self._words(parts[0] if len(parts) == 1 else message, filled_in)
        except Exception as error:
            log.exception("message_not_rendered", key=message.key)
            raise NeverDeliverable(f"not_rendered: {type(error).__name__}") from error
        purpose, template = Purpose(message.purpose), Template(message.template)
        if message.channel == Channel.EMAIL:
            return Letter(
                key=message.sent_as,
                to=message.recipient,
                subject=words.subject,
                text=words.text,
                html=words.html,
                purpose=purpose,
                template=template,
                stop_link=self._stop_link(message),
            )
        return TextMessage(
            key=message.sent_as,
            to=message.recipient,
            text=words.text,
            purpose=purpose,
            template=template,
            locale=message.locale,
            code=secrets.get("code"),
        )

    def _words(self, message: Message, filled_in: dict[str, str]) -> Rendered:
        return self._writer.render(
            Wording(
                template=Template(message.template),
                channel=Channel(message.channel),
                locale=message.locale,
                values=message.values | _short_code(message) | self._recovery_link(message) | filled_in,
                objection_link=self._objection_link(message),
                stop_link=self._stop_link(message),
            )
        )

    def _objection_link(self, message: Message) -> str | None:
        """The link to object to a change; only an e-mail has it, for a text message never holds a link."""
        if message.channel != Channel.EMAIL or not can_be_objected_to(Template(message.template)):
            return None
        return f"{self._origin}/not-me/{objection_token(self._seal, message.key)}"

    def _recovery_link(self, message: Message) -> dict[str, str]:
        """The link that ends the waiting of a recovery. Its token is made here, so that no worker has to keep it."""
        if message.template != Template.RECOVERY_OPEN:
            return {}
        return {"link": f"{self._origin}/recover/open/{recovery_token(self._seal, message.key)}"}

    def _stop_link(self, message: Message) -> str | None:
        if message.purpose != Purpose.NUDGE or message.channel != Channel.EMAIL:
            return None
        return f"{self._origin}/no-reminders/{stop_token(self._seal, message.key)}"


def _short_code(message: Message) -> dict[str, str]:
    """The code to object by, in two groups; in the e-mail, a link takes its place."""
    if not can_be_objected_to(Template(message.template)):
        return {}
    code = message.short_code or ""
    return {"short_code": f"{code[:4]} {code[4:]}".strip()}
