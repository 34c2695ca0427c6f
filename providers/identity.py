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

_SCOPE = "openid email profile"
_ALGORITHMS = ["RS256", "PS256", "ES256"]
_PATIENCE_SECONDS = 10
_LEEWAY_SECONDS = 60
_DISCOVERED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What the provider knows Offramp by, and what its groups mean here."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    role_claim: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where a browser is sent, and what has to be kept, secretly, until it comes back."""

    url: str
    kept: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who came back. `subject` is the provider's own id, and unique with its issuer; `role` None: nothing here."""

    subject: str
    address: str
    name: str
    role: Role | None


@dataclass(frozen=True, kw_only=True)
class _Kept:
    state: str
    nonce: str
    verifier: str
    fresh: bool


class IdentityProvider:
    """One provider, found by its issuer's discovery document, read every hour; its keys when one is missing."""

    def __init__(self, registration: Registration, clock: Clock) -> None:
        self._known = registration
        self._clock = clock
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def depart(self, *, fresh: bool = False) -> Departure:
        """Begin a sign-in; `fresh` asks for a new ceremony there, whatever session exists. Raises IdentityRejected."""
        kept = _Kept(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            fresh=fresh,
        )
        anew = {"prompt": "login", "max_age": "0"} if fresh else {}
        url, _ = self._session().create_authorization_url(
            self._discovered()["authorization_endpoint"],
            state=kept.state,
            nonce=kept.nonce,
            code_verifier=kept.verifier,
            **anew,
        )
        return Departure(url=url, kept=json.dumps(asdict(kept)))

    def arrive(self, answer: Mapping[str, str], *, kept: str) -> Identity:
        """Who is meant by the query with which a browser came back. Raises IdentityRejected."""
        left = _Kept(**json.loads(kept))
        code = self._code(answer, left)
        claims = self._claims(self._id_token(code, left))
        self._check(claims, left)
        return self._identity(claims)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._known.client_id,
            self._known.client_secret,
            scope=_SCOPE,
            redirect_uri=self._known.redirect_uri,
            code_challenge_method="S256",
        )

    def _discovered(self) -> dict[str, Any]:
        if self._document and self._clock() - self._document[0] < _DISCOVERED_FOR:
            return self._document[1]
        document = _fetched(f"{self._known.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self._known.issuer:
            raise IdentityRejected("issuer_mismatch")
        self._document = (self._clock(), document)
        return document

    def _code(self, answer: Mapping[str, str], left: _Kept) -> str:
        if not secrets.compare_digest(answer.get("state", "").encode(), left.state.encode()):
            raise IdentityRejected("state_mismatch")
        if answer.get("iss", self._known.issuer) != self._known.issuer:  # RFC 9207
            raise IdentityRejected("issuer_mismatch")
        if "code" not in answer:
            raise IdentityRejected("refused_there")
        return answer["code"]

    def _id_token(self, code: str, left: _Kept) -> str:
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self._discovered()["token_endpoint"],
                    code=code,
                    code_verifier=left.verifier,
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

    def _check(self, claims: dict[str, Any], left: _Kept) -> None:
        """What OpenID Connect Core, 3.1.3.7 asks for, beyond the signature."""
        now = self._clock()
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._known.issuer},
            aud={"essential": True, "value": self._known.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": left.nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise IdentityRejected(f"claims: {getattr(error, 'claim', None) or error.error}") from error
        if claims.get("azp", self._known.client_id) != self._known.client_id:
            raise IdentityRejected("claims: azp")
        if left.fresh and not _is_fresh(claims.get("auth_time"), now):
            raise IdentityRejected("not_fresh")

    def _identity(self, claims: dict[str, Any]) -> Identity:
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise IdentityRejected("address_unverified")
        name = claims.get("name")
        return Identity(
            subject=f"{self._known.issuer}#{claims['sub']}",
            address=claims["email"],
            name=name if isinstance(name, str) else "",
            role=self._role(claims.get(self._known.role_claim)),
        )

    def _role(self, said: object) -> Role | None:
        groups: list[object] = said if isinstance(said, list) else [said]
        return strongest(frozenset(self._known.roles[str(one)] for one in groups if one in self._known.roles))


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
