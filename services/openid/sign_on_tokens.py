"""Exchanges the code of a sign-on for its tokens, once; a second use ends what the first has given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from domain.codes import new_token
from domain.errors import Unknown
from domain.facts import Milestone
from domain.host.sign_on import TOKEN_LIFETIME, SignOnRefused, is_verified_by
from services.container import Services
from services.openid import client_proofs, signing_keys
from services.people import standing
from store import Session
from store.host import clients, sign_ons
from store.host.clients import HostClient
from store.host.sign_ons import SignOn
from store.people import accounts

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class SignOnTokens:
    """What a host gets for a code: who came back, as a signed token, and a token by which to ask once more."""

    id_token: str
    access_token: str


def exchange(services: Services, form: Mapping[str, str], authorization: str) -> SignOnTokens:
    """Exchange a code for tokens. Raises SignOnRefused with an error of RFC 6749, 5.2."""
    if form.get("grant_type") != "authorization_code":
        raise SignOnRefused("unsupported_grant_type", "grant_type has to be authorization_code")
    access_token = new_token()
    with services.database.transaction() as session:
        client = client_proofs.client_of(session, services, form, authorization)
        outcome = _use_code(session, services, client, form, access_token)
    if isinstance(outcome, SignOnRefused):
        log.info("code_refused", client_id=client.client_id, reason=str(outcome))
        raise outcome
    return SignOnTokens(id_token=signing_keys.sign(services, outcome), access_token=access_token)


def claims_of_token(services: Services, access_token: str) -> dict[str, Any] | None:
    """Who came back, and how far they are by now; None if the token works no more."""
    now = services.clock()
    with services.database.reading() as session:
        sign_on = sign_ons.of_token(session, access_token, now=now)
        if sign_on is None or clients.find(session, sign_on.client_id) is None:
            return None
        try:
            return _claims_of_person(session, sign_on, now=now)
        except Unknown:
            return None


def _use_code(
    session: Session, services: Services, client: HostClient, form: Mapping[str, str], access_token: str
) -> dict[str, Any] | SignOnRefused:
    """The claims of the ID token. A refusal is returned, so that what it ends stays ended."""
    now = services.clock()
    sign_on = sign_ons.of_code(session, form.get("code", ""))
    if sign_on is None or sign_on.client_id != client.client_id:
        return _invalid("the code is unknown")
    if sign_on.used_at:
        sign_ons.revoke(session, sign_on, at=now)
        return _invalid("the code was used before; what it has given is ended")
    if not sign_ons.is_code_current(sign_on, now=now):
        return _invalid("the code has expired")
    if form.get("redirect_uri") != sign_on.redirect_uri:
        return _invalid("redirect_uri is not that of the request")
    if not is_verified_by(form.get("code_verifier", ""), sign_on.code_challenge):
        return _invalid("code_verifier is not that of the request")
    try:
        claims = _claims(session, services, sign_on, now=now)
    except Unknown:
        return _invalid("the account is no more")
    sign_ons.use_code(session, sign_on, access_token, at=now)
    return claims


def _claims(session: Session, services: Services, sign_on: SignOn, *, now: datetime) -> dict[str, Any]:
    shown_at = sign_on.shown_at or now
    claims = {
        "iss": services.site.origin,
        "aud": sign_on.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LIFETIME).timestamp()),
        "auth_time": int(shown_at.timestamp()),
        "acr": sign_on.acr,
        "amr": (sign_on.amr or "").split(),
    }
    nonce = {"nonce": sign_on.nonce} if sign_on.nonce else {}
    return claims | nonce | _claims_of_person(session, sign_on, now=now)


def _claims_of_person(session: Session, sign_on: SignOn, *, now: datetime) -> dict[str, Any]:
    """Who it is, by the host's own id, and how far they are. Raises Unknown if nobody may sign in any more."""
    account = accounts.get(session, sign_on.account_id or "")
    if account.deleted_at or account.deactivated_at:
        raise Unknown("an account that is switched off, or no more")
    person_standing = standing.read(session, account.account_id, now=now)
    reached = [milestone for milestone in Milestone if milestone not in person_standing.missing]
    offramp = {"answer": sign_on.answer, "milestones": reached, "sms": person_standing.facts.sms}
    return {"sub": account.external_id, "offramp": offramp}


def _invalid(description: str) -> SignOnRefused:
    return SignOnRefused("invalid_grant", description)
