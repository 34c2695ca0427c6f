"""Which client asks at the token endpoint, and whether it is itself: by a secret, by a key, or by PKCE alone."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote_plus

from domain.host.clients import ClientProof
from domain.host.sign_on import SignOnRefused
from domain.host.vouching import LONGEST_PROOF, StatementRejected, read_statement
from providers.openid_provider import verified_claims
from services.container import Services
from store import Session
from store.host import clients, spent_statements
from store.host.clients import HostClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH = "/oidc/token"  # noqa: S105


def client_of(
    session: Session, services: Services, form: Mapping[str, str], authorization: str
) -> HostClient:
    """The client that has proved itself. Raises SignOnRefused, as `invalid_client` or `invalid_request`."""
    proofs = [bool(authorization), "client_secret" in form, "client_assertion" in form]
    if sum(proofs) > 1:
        raise SignOnRefused("invalid_request", "a client proves itself in one way, not in two")
    now = services.clock()
    if "client_assertion" in form:
        return _by_assertion(session, services, form, now=now)
    if authorization:
        client_id, secret = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise _unproven()
        return _by_secret(session, client_id, secret, now=now)
    if "client_secret" in form:
        return _by_secret(session, form.get("client_id", ""), form["client_secret"], now=now)
    return _found(session, form.get("client_id", ""), ClientProof.NOTHING)


def _by_secret(session: Session, client_id: str, secret: str, *, now: datetime) -> HostClient:
    client = _found(session, client_id, ClientProof.SECRET)
    if not client.knows(secret, now=now):
        raise _unproven()
    return client


def _by_assertion(
    session: Session, services: Services, form: Mapping[str, str], *, now: datetime
) -> HostClient:
    """By a signed statement of the client about itself (RFC 7523), which is good once."""
    assertion = form["client_assertion"]
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _unproven()
    client = _found(session, form.get("client_id") or _claimed_issuer(assertion), ClientProof.KEYS)
    audiences = {services.site.origin, f"{services.site.origin}{TOKEN_PATH}"}
    try:
        claims = verified_claims(assertion, client.keys)
        statement = read_statement(
            claims, issuer=client.client_id, audiences=audiences, now=now, longest=LONGEST_PROOF
        )
    except StatementRejected:
        raise _unproven() from None
    is_new = spent_statements.spend(
        session, client_id=client.client_id, jti=statement.jti, expires_at=statement.expires_at
    )
    if statement.subject != client.client_id or not is_new:
        raise _unproven()
    return client


def _found(session: Session, client_id: str, proof: ClientProof) -> HostClient:
    client = clients.find(session, client_id)
    if client is None or client.proof != proof:
        raise _unproven()
    return client


def _basic(authorization: str) -> tuple[str, str]:
    """The id and the secret of a header (RFC 6749, 2.3.1: both are form-encoded first)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _unproven()
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _unproven() from None
    return unquote_plus(client_id), unquote_plus(secret)


def _claimed_issuer(assertion: str) -> str:
    """Whom an assertion claims to be of, to know whose keys it is verified by; empty if that cannot be read."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["iss"])
    except (IndexError, KeyError, TypeError, ValueError):
        return ""


def _unproven() -> SignOnRefused:
    return SignOnRefused("invalid_client", "the client is unknown, or has not proved that it is itself")
