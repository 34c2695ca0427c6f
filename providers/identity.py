"""A company's own identity provider by OpenID Connect (authlib, joserfc): the code flow with PKCE, state and nonce."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from domain.ports import Clock
from domain.staff.staff import STEP_UP_LIFETIME, IdentityRejected, Role, strongest
from providers.contacts import normal_address

_SCOPE = "openid email profile"
_ALGORITHMS = ["RS256", "PS256", "ES256"]
_PATIENCE_SECONDS = 10
_LEEWAY_SECONDS = 60
_DISCOVERED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """How the provider knows Offramp, and the role that each of its groups gives here."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    role_claim: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where a browser is sent, and the secret that has to be kept until it comes back."""

    url: str
    kept: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who signed in. `subject` is the issuer with its id of the person; `role` is None for a person without a role."""

    subject: str
    address: str
    name: str
    role: Role | None


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    state: str
    nonce: str
    verifier: str
    fresh: bool


class IdentityProvider:
    """One identity provider. Its discovery document is read every hour, and its keys when a key is unknown."""

    def __init__(self, registration: Registration, clock: Clock) -> None:
        self._registration = registration
        self._clock = clock
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def depart(self, *, fresh: bool = False) -> Departure:
        """Begin a sign-in; `fresh` asks for a new ceremony even if a session exists. Raises IdentityRejected."""
        attempt = _Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            fresh=fresh,
        )
        anew = {"prompt": "login", "max_age": "0"} if fresh else {}
        url, _ = self._session().create_authorization_url(
            self._discovered()["authorization_endpoint"],
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            **anew,
        )
        return Departure(url=url, kept=json.dumps(asdict(attempt)))

    def arrive(self, answer: Mapping[str, str], *, kept: str) -> Identity:
        """The person whom a returning browser's query names. Raises IdentityRejected."""
        attempt = _Attempt(**json.loads(kept))
        code = self._code(answer, attempt)
        claims = self._claims(self._id_token(code, attempt))
        self._check(claims, attempt)
        return self._identity(claims)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._registration.client_id,
            self._registration.client_secret,
            scope=_SCOPE,
            redirect_uri=self._registration.redirect_uri,
            code_challenge_method="S256",
        )

    def _discovered(self) -> dict[str, Any]:
        if self._document and self._clock() - self._document[0] < _DISCOVERED_FOR:
            return self._document[1]
        document = _fetched(f"{self._registration.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self._registration.issuer:
            raise IdentityRejected("issuer_mismatch")
        self._document = (self._clock(), document)
        return document

    def _code(self, answer: Mapping[str, str], attempt: _Attempt) -> str:
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise IdentityRejected("state_mismatch")
        if answer.get("iss", self._registration.issuer) != self._registration.issuer:  # RFC 9207
            raise IdentityRejected("issuer_mismatch")
        if "code" not in answer:
            raise IdentityRejected("refused_there")
        return answer["code"]

    def _id_token(self, code: str, attempt: _Attempt) -> str:
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self._discovered()["token_endpoint"],
                    code=code,
                    code_verifier=attempt.verifier,
                    timeout=_PATIENCE_SECONDS,
                )
        except AuthlibBaseError as error:
            raise IdentityRejected("code_refused") from error
        except (requests.RequestException, ValueError) as error:
            raise IdentityRejected("provider_away") from error
        if not isinstance(token.get("id_token"), str):
            raise IdentityRejected("no_id_token")
        return str(token["id_token"])

    def _claims(self, id_token: str) -> dict[str, Any]:
        try:
            return self._decoded(id_token)
        except InvalidKeyIdError:
            self._keys = None  # the provider has a new key
        except (JoseError, ValueError) as error:
            raise IdentityRejected("bad_signature") from error
        try:
            return self._decoded(id_token)
        except (JoseError, ValueError) as error:
            raise IdentityRejected("bad_signature") from error

    def _decoded(self, id_token: str) -> dict[str, Any]:
        if self._keys is None:
            self._keys = KeySet.import_key_set(_fetched(self._discovered()["jwks_uri"]))  # type: ignore[arg-type]
        return dict(jwt.decode(id_token, self._keys, algorithms=_ALGORITHMS).claims)

    def _check(self, claims: dict[str, Any], attempt: _Attempt) -> None:
        """Check what OpenID Connect Core, 3.1.3.7 asks for beyond the signature."""
        now = self._clock()
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._registration.issuer},
            aud={"essential": True, "value": self._registration.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise IdentityRejected(f"claims: {getattr(error, 'claim', None) or error.error}") from error
        if claims.get("azp", self._registration.client_id) != self._registration.client_id:
            raise IdentityRejected("claims: azp")
        if attempt.fresh and not _is_fresh(claims.get("auth_time"), now):
            raise IdentityRejected("not_fresh")

    def _identity(self, claims: dict[str, Any]) -> Identity:
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise IdentityRejected("address_unverified")
        name = claims.get("name")
        return Identity(
            subject=f"{self._registration.issuer}#{claims['sub']}",
            address=normal_address(claims["email"]),
            name=name if isinstance(name, str) else "",
            role=self._role(claims.get(self._registration.role_claim)),
        )

    def _role(self, claim: object) -> Role | None:
        groups: list[object] = claim if isinstance(claim, list) else [claim]
        roles = self._registration.roles
        return strongest(frozenset(roles[str(group)] for group in groups if group in roles))


def _fetched(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=_PATIENCE_SECONDS)
        answer.raise_for_status()
        document = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise IdentityRejected("provider_away") from error
    if not isinstance(document, dict):
        raise IdentityRejected("provider_away")
    return document


def _is_fresh(auth_time: object, now: datetime) -> bool:
    if not isinstance(auth_time, int | float):
        return False
    return now - datetime.fromtimestamp(auth_time, UTC) < STEP_UP_LIFETIME
