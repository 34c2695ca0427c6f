"""The documents by which browsers, phones and password programs learn who may use the passkeys of this site, and where.

They look at the domain that passkeys belong to. Where that is another host, its proxy passes these paths on.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.web.arguments import Use
from domain.errors import Unknown

Item = TypeVar("Item")

router = APIRouter(prefix="/.well-known")

# Android asks for the first one, too, before an app may use passkeys.
_ANDROID_RELATIONS = (
    "delegate_permission/common.handle_all_urls",
    "delegate_permission/common.get_login_creds",
)

_HEADERS = {"cross-origin-resource-policy": "cross-origin", "cache-control": "public, max-age=300"}


@router.get("/webauthn")
def related_origins(services: Use) -> JSONResponse:
    """The other origins whose pages may use these passkeys (WebAuthn Level 3, 5.11)."""
    return _document({"origins": list(_some(services.site.related_origins))})


@router.get("/assetlinks.json")
def android_apps(services: Use) -> JSONResponse:
    """The Android apps that may use these passkeys (Digital Asset Links)."""
    return _document(
        [
            {
                "relation": _ANDROID_RELATIONS,
                "target": {
                    "namespace": "android_app",
                    "package_name": app.package,
                    "sha256_cert_fingerprints": [app.fingerprint],
                },
            }
            for app in _some(services.site.android_apps)
        ]
    )


@router.get("/apple-app-site-association")
def apple_apps(services: Use) -> JSONResponse:
    """The apps of Apple's systems that may use these passkeys (associated domains)."""
    return _document({"webcredentials": {"apps": list(_some(services.site.apple_apps))}})


@router.get("/passkey-endpoints")
def passkey_endpoints(services: Use) -> JSONResponse:
    """Where a person makes a passkey here, and where they see all of theirs (W3C, passkey endpoints)."""
    site = services.site
    return _document({"enroll": site.enroll_url, "manage": site.manage_url})


def _document(content: Any) -> JSONResponse:
    return JSONResponse(content, headers=_HEADERS)


def _some(items: Sequence[Item]) -> Sequence[Item]:
    if not items:
        raise Unknown
    return items
