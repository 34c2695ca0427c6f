"""What hosts' programs ask: tokens for a code, and once more who came back."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api.openid.metadata import OPEN_TO_SCRIPTS, away
from api.web.arguments import Use
from domain.host.sign_on import TOKEN_LIFETIME, SignOnRefused, single_values
from services.openid import sign_on_tokens
from services.openid.client_proofs import TOKEN_PATH
from store.engine.absences import DatabaseAway

router = APIRouter()

_UNKEPT = {"cache-control": "no-store", "pragma": "no-cache"}


async def _pairs(request: Request) -> list[tuple[str, str]]:
    body = (await request.body()).decode("utf-8", "replace")
    return parse_qsl(body, keep_blank_values=True)


@router.post(TOKEN_PATH)
def exchange(
    request: Request, services: Use, pairs: Annotated[list[tuple[str, str]], Depends(_pairs)]
) -> Response:
    """Tokens for a code (OpenID Connect Core, 3.1.3), or an error (RFC 6749, 5.2)."""
    authorization = request.headers.get("authorization", "")
    try:
        tokens = sign_on_tokens.exchange(services, single_values(pairs), authorization)
    except SignOnRefused as refused:
        return _error(refused, is_by_header=bool(authorization))
    except DatabaseAway:
        return away()
    content = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "scope": "openid",
        "id_token": tokens.id_token,
    }
    return JSONResponse(content, headers=_UNKEPT | OPEN_TO_SCRIPTS)


@router.get("/oidc/userinfo")
@router.post("/oidc/userinfo")
def tell_who(request: Request, services: Use) -> Response:
    """Who came back, and how far they are by now (OpenID Connect Core, 5.3)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        claims = (
            sign_on_tokens.claims_of_token(services, token.strip()) if scheme.lower() == "bearer" else None
        )
    except DatabaseAway:
        return away()
    if claims is None:
        challenge = 'Bearer error="invalid_token"' if token else "Bearer"
        return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": challenge})
    return JSONResponse(claims, headers=_UNKEPT)


def _error(refused: SignOnRefused, *, is_by_header: bool) -> Response:
    is_unproven = refused.error == "invalid_client"
    challenge = {"WWW-Authenticate": "Basic"} if is_unproven and is_by_header else {}
    return JSONResponse(
        {"error": refused.error, "error_description": str(refused)},
        status_code=401 if is_unproven else 400,
        headers=_UNKEPT | OPEN_TO_SCRIPTS | challenge,
    )
