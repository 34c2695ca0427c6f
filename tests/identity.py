"""An identity provider in a few lines, served on loopback: discovery, authorization, tokens, keys. It may lie."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.clocks import FakeClock

CLIENT_ID, CLIENT_SECRET = "offramp", "a secret of the tests"


@dataclass
class FakeIdentityProvider:
    """Signs `claims` for whoever comes; `changes` are made to the token's own claims last."""

    issuer: str
    clock: FakeClock
    claims: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    kid: str = "first"
    keys: dict[str, RSAKey] = field(default_factory=dict)
    requests: dict[str, dict[str, str]] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate("first")

    def rotate(self, kid: str, *, publish: bool = True) -> None:
        """Sign with a new key, which replaces the published ones."""
        self.kid, self.keys[kid] = kid, RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})
        if publish:
            self.published = [kid]

    def visit(self, url: str) -> str:
        """What a browser does there: it signs in, and is sent back; returns the path and query of the way back."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert said["client_id"] == CLIENT_ID
        assert said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.requests[code] = said
        answer = {"code": code, "state": said["state"], "iss": self.issuer}
        return f"{urlsplit(said['redirect_uri']).path}?{urlencode(answer)}"

    def answer(self, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """What each address says."""
        if path == "/.well-known/openid-configuration":
            endpoints = {
                name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")
            }
            return 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **endpoints}
        if path == "/keys":
            return 200, {"keys": [self.keys[kid].as_dict(private=False) for kid in self.published]}
        return self._token(form or {})

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        said = self.requests.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if said is None or said["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1001",
            "iat": now,
            "exp": now + 300,
            "nonce": said["nonce"],
            "auth_time": now if said.get("max_age") == "0" else now - 3600,
            "email": "grace@example.com",
            "email_verified": True,
            "name": "Grace",
        }
        header = {"alg": "RS256", "kid": self.kid}
        id_token = jwt.encode(header, claims | self.claims | self.changes, self.keys[self.kid])
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": id_token}


@contextmanager
def served_identity_provider(clock: FakeClock) -> Iterator[FakeIdentityProvider]:
    """A provider that answers on loopback while this lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    provider = FakeIdentityProvider(issuer=f"http://127.0.0.1:{server.server_port}", clock=clock)
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Discovery and keys."""
        self._say(*self._provider.answer(self.path))

    def do_POST(self) -> None:
        """Tokens."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(*self._provider.answer(self.path, form))

    def log_message(self, *_: object) -> None:
        """Nobody listens."""

    @property
    def _provider(self) -> FakeIdentityProvider:
        provider: FakeIdentityProvider = self.server.provider  # type: ignore[attr-defined]
        return provider

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
