"""A host in a few lines, served on loopback: a page that sends people to Offramp, and one to which they come back."""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from domain.host.sign_on import Wish
from tests.journeys.site import Site


@dataclass
class HostShop:
    """One host. `subject` is who is signed in there, if anybody is; `claims` are those of the last ID token."""

    site: Site
    origin: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "shop"}))
    client: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    verifiers: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    def register(self) -> None:
        """Become a client."""
        keys = json.dumps(self.key.as_dict(private=False))
        uri = ("--redirect-uri", f"{self.origin}/back")
        made = self.site.offramp("clients", "create", "Example Shop", *uri, "--keys", keys, "--json")
        assert made.returncode == 0, made.stderr
        self.client = json.loads(made.stdout)

    def departure(self, wish: Wish) -> str:
        """Where its page sends a browser."""
        state, verifier = secrets.token_urlsafe(), secrets.token_urlsafe(48)
        self.verifiers[state] = verifier
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "client_id": self.client["client_id"],
            "redirect_uri": f"{self.origin}/back",
            "response_type": "code",
            "scope": "openid",
            "state": state,
            "nonce": state,
            "code_challenge": hashed.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "acr_values": wish.value,
        }
        if self.subject:
            query["login_hint_token"] = self._word()
        return f"{self.site.origin}/oidc/authorize?{urlencode(query)}"

    def arrive(self, query: str) -> str:
        """What its page says to somebody who comes back: how it went there."""
        said = {name: values[0] for name, values in parse_qs(query).items()}
        verifier = self.verifiers.pop(said["state"])
        assert said["iss"] == self.site.origin
        if "error" in said:
            return said["error"]
        token = self._exchange(said["code"], verifier)["id_token"]
        payload = token.split(".")[1]
        self.claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert self.claims["nonce"] == said["state"]
        return str(self.claims["offramp"]["answer"])

    def _word(self) -> str:
        now = int(time.time())
        claims = {"iss": self.client["client_id"], "aud": self.site.origin, "sub": self.subject}
        times = {"exp": now + 60, "auth_time": now, "amr": ["pwd"], "jti": secrets.token_urlsafe()}
        return jwt.encode({"alg": "ES256", "kid": "shop"}, claims | times, self.key)

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": f"{self.origin}/back",
        } | self.client
        request = urllib.request.Request(f"{self.site.origin}/oidc/token", urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            tokens: dict[str, Any] = json.load(answer)
        return tokens


@contextmanager
def open_shop(site: Site) -> Iterator[HostShop]:
    """A host that answers on loopback while this lasts, and is a client of the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    shop = HostShop(site=site, origin=f"http://localhost:{server.server_port}")
    shop.register()
    server.shop = shop  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Pages(BaseHTTPRequestHandler):
    """The host's two pages, and the two ways to leave them."""

    def do_GET(self) -> None:
        shop: HostShop = self.server.shop  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        wishes = {"/set-up": Wish.SET_UP, "/sign-in": Wish.PASSKEY}
        if parts.path in wishes:
            self.send_response(303)
            self.send_header("Location", shop.departure(wishes[parts.path]))
            self.end_headers()
            return
        if parts.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return
        said = f"Answer: {shop.arrive(parts.query)}" if parts.path == "/back" else "Welcome to the shop"
        links = '<a href="/set-up">Set up my passkey</a> <a href="/sign-in">Sign in by passkey</a>'
        page = f"<!doctype html><title>Shop</title><main><h1>{said}</h1>{links}</main>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
