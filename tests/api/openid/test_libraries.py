"""Libraries that nobody here has written sign people in by Offramp, and find nothing wrong with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from idpyoidc.client.rp_handler import RPHandler
from joserfc import jwt
from joserfc.jwk import KeySet

from domain.host.clients import ClientProof
from domain.host.sign_on import Wish
from store import Database
from tests.api.openid.hosts import REDIRECT_URI, VERIFIER, make_host, said_to_host
from tests.api.world import ORIGIN, Browser, World, make_world
from tests.clocks import FakeClock


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """A world of today, because libraries have clocks of their own."""
    clock = FakeClock()
    clock.advance(datetime.now(UTC) - clock() - timedelta(seconds=1))
    return make_world(sqlite_database, clock)


@pytest.fixture
def signed_in(world: World) -> Browser:
    browser = world.browser()
    browser.sign_in_by_code(world.account(external_id="ada"))
    return browser


@pytest.mark.parametrize(
    ("proof", "method"),
    [
        (ClientProof.SECRET, "client_secret_basic"),
        (ClientProof.SECRET, "client_secret_post"),
        (ClientProof.KEYS, "private_key_jwt"),
        (ClientProof.NOTHING, "none"),
    ],
)
async def test_authlib(world: World, signed_in: Browser, proof: ClientProof, method: str) -> None:
    host = make_host(world, proof=proof)
    key = host.key if proof is ClientProof.KEYS else host.secret
    transport = httpx.ASGITransport(app=world.app())
    plain = httpx.AsyncClient(transport=transport)
    async with (
        plain,
        AsyncOAuth2Client(
            host.client_id,
            key or None,
            token_endpoint_auth_method=method,
            scope="openid",
            redirect_uri=REDIRECT_URI,
            code_challenge_method="S256",
            transport=transport,
        ) as library,
    ):
        library.register_client_auth_method(PrivateKeyJWT(f"{ORIGIN}/oidc/token", alg="ES256"))
        document = (await plain.get(f"{ORIGIN}/.well-known/openid-configuration")).json()
        url, state = library.create_authorization_url(
            document["authorization_endpoint"], code_verifier=VERIFIER, nonce="n", acr_values=Wish.PASSKEY
        )
        back = signed_in.get(url.removeprefix(ORIGIN)).headers["location"]
        token = await library.fetch_token(
            document["token_endpoint"], authorization_response=back, state=state, code_verifier=VERIFIER
        )
        keys = (await plain.get(document["jwks_uri"])).json()
        claims = jwt.decode(token["id_token"], KeySet.import_key_set(keys)).claims
        assert (claims["sub"], claims["nonce"]) == ("ada", "n")
        assert (await library.get(document["userinfo_endpoint"])).json()["sub"] == "ada"


def test_idpyoidc(world: World, signed_in: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the library keeps keys of its own where it runs
    host = make_host(world)

    def request(verb: str, url: str, data: Any = None, headers: Any = None, **_: Any) -> Any:
        return world.browser().client.request(verb, url, content=data, headers=headers)

    library = RPHandler(
        base_url="https://shop.example.com",
        client_configs={
            "offramp": {
                "issuer": ORIGIN,
                "client_id": host.client_id,
                "client_secret": host.secret,
                "redirect_uris": [REDIRECT_URI],
                "client_type": "oidc",
                "response_types_supported": ["code"],
                "scopes_supported": ["openid"],
                "add_ons": {
                    "pkce": {
                        "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                        "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                    }
                },
            }
        },
        httpc=request,
    )
    library.keyjar.httpc = request
    url = library.begin("offramp", req_args={"acr_values": [Wish.PASSKEY.value]})
    back = said_to_host(signed_in.get(url.removeprefix(ORIGIN)).headers["location"])
    finished = library.finalize(ORIGIN, back)
    assert "error" not in finished, finished
    assert finished["id_token"]["sub"] == "ada"
    assert finished["userinfo"]["sub"] == "ada"
    assert finished["issuer"] == ORIGIN
