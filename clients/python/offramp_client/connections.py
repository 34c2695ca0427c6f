"""How both clients connect: where to, by which key, and how long they wait."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

TIMEOUT = timedelta(seconds=10)
"""How long a client waits for a connection, and for each part of an answer."""

PROMPT_PATIENCE = timedelta(milliseconds=300)
"""How long a sign-in waits for its prompt, all in all."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Where Offramp is, and the key to it, which no message shows."""

    origin: str
    key: str = field(repr=False)
    timeout: timedelta

    def arguments(self) -> dict[str, Any]:
        """What an HTTP client is made with. It follows no redirects: the key goes to Offramp alone."""
        return {
            "base_url": self.origin.rstrip("/"),
            "headers": {"authorization": f"Bearer {self.key}", "user-agent": "offramp-client/0.1"},
            "timeout": self.timeout.total_seconds(),
            "follow_redirects": False,
        }
