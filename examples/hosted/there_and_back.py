"""There and back by OpenID Connect, with a library for relying parties that knows nothing of Offramp."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


class NotBack(Exception):
    """Somebody came back without anything that Offramp vouches for."""


@dataclass(frozen=True)
class Return:
    """Who is back, what they did, and whether a passkey let them in."""

    customer_id: str
    answer: str
    by_passkey: bool


class RelyingParty:
    """Sends people to Offramp and reads what they come back with."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._issuer = issuer
        self._id, self._secret, self._redirect_uri = client_id, client_secret, redirect_uri

    def way_there(self, go_to: str, **parameters: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to remember of it until it is back."""
        parts = urlsplit(go_to)
        wish = dict(parse_qsl(parts.query))
        flow = {"verifier": generate_token(48), "nonce": generate_token(20)}
        with self._client() as client:
            address, flow["state"] = client.create_authorization_url(
                urlunsplit(parts._replace(query="")),
                code_verifier=flow["verifier"],
                nonce=flow["nonce"],
                **wish,
                **parameters,
            )
        return address, flow

    def back(self, query: str, flow: Mapping[str, str] | None) -> Return:
        """Exchange the code for an ID token and believe what is signed. Raises NotBack."""
        said = dict(parse_qsl(query))
        if flow is None or said.get("state") != flow["state"] or said.get("iss") != self._issuer:
            raise NotBack("nobody was sent to Offramp from this browser")
        if "code" not in said:
            raise NotBack(said.get("error_description") or said.get("error") or "there is no code")
        try:
            places = httpx2.get(f"{self._issuer}/.well-known/openid-configuration").json()
            with self._client() as client:
                token = client.fetch_token(
                    places["token_endpoint"], code=said["code"], code_verifier=flow["verifier"]
                )
            keys = httpx2.get(places["jwks_uri"]).json()
            claims = self._claims(token["id_token"], keys, flow["nonce"])
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, KeyError, ValueError) as error:
            raise NotBack(str(error)) from error
        return Return(
            claims["sub"], claims["offramp"]["answer"], "urn:offramp:passkey" in claims.get("acr", "")
        )

    def _claims(self, id_token: str, keys: Any, nonce: str) -> dict[str, Any]:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=["ES256", "RS256", "EdDSA"])
        jwt.JWTClaimsRegistry(
            leeway=10,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
        ).validate(token.claims)
        return token.claims

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._id,
            self._secret,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=10,
        )
