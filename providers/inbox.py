"""The development inbox: takes e-mails and text messages as a provider would, and keeps them in a file to look at."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from domain.facts import Channel
from domain.ports import Letter, TextMessage


@dataclass(frozen=True, kw_only=True)
class InboxItem:
    """One message as it arrived; a text message has no subject and no html."""

    key: str
    channel: Channel
    to: str
    subject: str
    text: str
    html: str
    arrived_at: datetime


class Inbox:
    """An append-only file of messages, one JSON object a line; several processes may write and read it."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock

    def latest(self, limit: int = 100) -> list[InboxItem]:
        """The messages that arrived last, newest first."""
        lines = self._whole_lines(0).splitlines()[-limit:]
        return [_item(line) for line in reversed(lines)]

    def since(self, place: int) -> tuple[list[InboxItem], int]:
        """The messages after a place in the file, oldest first, and the next place; 0 is the beginning."""
        whole = self._whole_lines(place)
        return [_item(line) for line in whole.splitlines()], place + len(whole)

    def _whole_lines(self, place: int) -> bytes:
        """What is written after a place. A last line that another process is writing just now is left for later."""
        if not self._path.exists():
            return b""
        with self._path.open("rb") as file:
            file.seek(place)
            whole, end, _ = file.read().rpartition(b"\n")
        return whole + end

    @property
    def end(self) -> int:
        """The place after the last message."""
        return self._path.stat().st_size if self._path.exists() else 0

    def put(self, item: InboxItem) -> None:
        """Take one message; a single write, so that lines of several processes never mix."""
        line = json.dumps(asdict(item) | {"arrived_at": item.arrived_at.isoformat()}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    def now(self) -> datetime:
        """The time at which a message arrives now."""
        return self._clock()


class InboxMailer:
    """A Mailer that delivers to the development inbox."""

    provider = "inbox"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def send(self, letter: Letter) -> str:
        """Deliver, and return the key as the provider's id."""
        self._inbox.put(
            InboxItem(
                key=letter.key,
                channel=Channel.EMAIL,
                to=letter.to,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                arrived_at=self._inbox.now(),
            )
        )
        return letter.key


class InboxTexter:
    """A Texter that delivers to the development inbox."""

    provider = "inbox"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def send(self, message: TextMessage) -> str:
        """Deliver, and return the key as the provider's id."""
        self._inbox.put(
            InboxItem(
                key=message.key,
                channel=Channel.SMS,
                to=message.to,
                subject="",
                text=message.text,
                html="",
                arrived_at=self._inbox.now(),
            )
        )
        return message.key


def _item(line: bytes) -> InboxItem:
    fields = json.loads(line)
    fields["channel"] = Channel(fields["channel"])
    fields["arrived_at"] = datetime.fromisoformat(fields["arrived_at"])
    return InboxItem(**fields)
