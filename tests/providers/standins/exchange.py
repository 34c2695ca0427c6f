"""One request to a stand-in, and its answer."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.providers.standins.taken import Taken

E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def basic(self) -> str:
        scheme, _, coded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(coded).decode() if scheme == "Basic" else ""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the stand-in answers, and what it took."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    taken: Taken | None = None

    def encoded(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body).encode()


def is_public_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")
