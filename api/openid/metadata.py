"""What hosts' libraries read by themselves: where everything is, what is supported, and the keys of ID tokens."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.web.arguments import Use
from api.web.problems import COME_AGAIN
from domain.host.sign_on import SCOPE, Wish
from providers.openid_provider import ALGORITHM, STATEMENT_ALGORITHMS
from services.openid import signing_keys
from services.openid.client_proofs import TOKEN_PATH
from store.engine.absences import DatabaseAway

router = APIRouter()

OPEN_TO_SCRIPTS = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
"""Apps in browsers read these from other origins; no answer depends on who is signed in."""

_CLIENT_PROOFS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
_CLAIMS = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "offramp"]
_KEPT_FOR = {"cache-control": "public, max-age=300"}


@router.get("/.well-known/openid-configuration")
def describe(services: Use) -> JSONResponse:
    """The discovery document (OpenID Connect Discovery 1.0)."""
    origin = services.site.origin
    document: dict[str, Any] = {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/oidc/authorize",
        "token_endpoint": f"{origin}{TOKEN_PATH}",
        "userinfo_endpoint": f"{origin}/oidc/userinfo",
        "jwks_uri": f"{origin}/oidc/jwks",
        "scopes_supported": [SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "acr_values_supported": [wish.value for wish in Wish],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": _CLIENT_PROOFS,
        "token_endpoint_auth_signing_alg_values_supported": list(STATEMENT_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": _CLAIMS,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }
    return JSONResponse(document, headers=OPEN_TO_SCRIPTS | _KEPT_FOR)


@router.get("/oidc/jwks")
def show_keys(services: Use) -> JSONResponse:
    """The public keys by which ID tokens are verified (RFC 7517)."""
    try:
        keys = signing_keys.published(services)
    except DatabaseAway:
        return away()
    return JSONResponse({"keys": keys}, headers=OPEN_TO_SCRIPTS | _KEPT_FOR)


def away() -> JSONResponse:
    """What programs are told while the database cannot be used, in the form of OAuth's errors (RFC 6749, 5.2)."""
    content = {"error": "temporarily_unavailable", "error_description": "ask again in a moment"}
    return JSONResponse(content, 503, OPEN_TO_SCRIPTS | COME_AGAIN)
