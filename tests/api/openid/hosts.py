"""A host in front of a world: a client of OpenID Connect, its keys, and what its page and its program do."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from domain.host.clients import ClientProof
from domain.host.sign_on import Wish
from domain.staff.staff import Author
from domain.trust import Assurance
from services.openid import clients
from tests.api.world import ORIGIN, Browser, World

REDIRECT_URI = "https://shop.example.com/offramp/back"
VERIFIER = "v" * 64
ADA = Author(by="ada@example.com")


def challenge(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class HostPage:
    """One host. `key` is what it signs its word of people with."""

    world: World
    client_id: str
    secret: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "shop"}))
    numbers: int = 0

    def address(self, wish: Wish = Wish.SET_UP, /, **changes: str | None) -> str:
        """Where its page sends a browser; a change to None leaves a parameter out."""
        query: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "acr_values": wish,
        }
        given = {name: value for name, value in (query | changes).items() if value is not None}
        return f"/oidc/authorize?{urlencode(given)}"

    def word(self, subject: str, **changes: Any) -> str:
        """Its signed statement that a person has signed in there."""
        self.numbers += 1
        now = int(self.world.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.client_id,
            "aud": ORIGIN,
            "sub": subject,
            "jti": f"statement {self.numbers}",
            "exp": now + 60,
            "auth_time": now - 30,
            "amr": ["pwd"],
        } | changes
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": "shop"}, said, self.key)

    def ask(self, browser: Browser, **changes: str) -> Response:
        """Its program asks for the tokens of a code."""
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        } | changes
        return browser.client.post(
            "/oidc/token", data=form, auth=(self.client_id, self.secret), headers={"origin": ""}
        )

    def claims(self, browser: Browser, code: str) -> dict[str, Any]:
        """The claims of the ID token of a code, after its signature was verified by the published keys."""
        answer = self.ask(browser, code=code)
        assert answer.status_code == 200, answer.text
        return self.verified(browser, answer.json()["id_token"])

    def verified(self, browser: Browser, id_token: str) -> dict[str, Any]:
        """The claims of a token that a published key has signed."""
        keys = KeySet.import_key_set(browser.get("/oidc/jwks").json())
        return dict(jwt.decode(id_token, keys, algorithms=["RS256"]).claims)


def make_host(
    world: World,
    *,
    proof: ClientProof = ClientProof.SECRET,
    most_assurance: Assurance = Assurance.LOW,
    name: str = "Example Shop",
) -> HostPage:
    """A host that is registered in the world, with a key."""
    key = ECKey.generate_key("P-256", {"kid": "shop"})
    with world.database.transaction() as session:
        made = clients.make(
            session,
            ADA,
            name=name,
            redirect_uris=[REDIRECT_URI],
            proof=proof,
            keys=json.dumps(key.as_dict(private=False)),
            most_assurance=most_assurance,
            at=world.clock(),
        )
    return HostPage(world=world, client_id=made.client_id, secret=made.secret, key=key)


def said_to_host(location: str) -> dict[str, str]:
    """What the query of a way back says, which leads to the host's page."""
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == REDIRECT_URI, location
    return {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}


def sent_back(browser: Browser) -> dict[str, str]:
    """What the page that leads back says to the host."""
    page = browser.get("/oidc/back")
    assert page.status_code == 200
    (url,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    return said_to_host(unescape(url))
