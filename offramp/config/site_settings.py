"""The settings of the site: its origins, what its passkeys belong to, the apps that share them, and its proxies.

A validator imports its provider by itself, because every command reads settings and few commands need providers.
"""

import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from domain.desk.tickets import template_problem
from services.site import AndroidApp, ProxyHeader

MOST_LABELS = 5
"""Browsers need not look at more names among related origins (WebAuthn Level 3, 5.11.1)."""

_PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", re.ASCII)
_APPLE_APP = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]+", re.ASCII)


class SiteSettings(BaseSettings):
    """Where people reach the pages, and by which proxies; `docs/settings.md` explains each."""

    origin: str = ""
    origins: Annotated[tuple[str, ...], NoDecode] = ()
    rp_id: str = ""
    android_apps: Annotated[tuple[AndroidApp, ...], NoDecode] = ()
    apple_apps: Annotated[tuple[str, ...], NoDecode] = ()
    passkey_enroll_url: str = ""
    passkey_manage_url: str = ""
    host_setup_url: str = ""
    host_account_url: str = ""
    ticket_url: str = ""
    trusted_proxies: int | None = Field(default=None, ge=0)
    proxy_header: ProxyHeader = ProxyHeader.X_FORWARDED_FOR

    @field_validator("origin")
    @classmethod
    def origin_is_one(cls, origin: str) -> str:
        """Bring the origin into the form that browsers send."""
        return _page_origin(origin) if origin else ""

    @field_validator("origins", mode="before")
    @classmethod
    def origins_are_listed(cls, origins: object) -> object:
        """Split origins that are separated by commas, and bring each into the form that browsers and phones send."""
        return [_origin(origin) for origin in _listed(origins)] if isinstance(origins, str) else origins

    @field_validator("rp_id")
    @classmethod
    def rp_id_is_a_domain(cls, rp_id: str) -> str:
        """Bring the domain into the form that browsers send."""
        from providers import web_origins

        return web_origins.domain(rp_id) if rp_id else ""

    @field_validator("android_apps", mode="before")
    @classmethod
    def android_apps_are_listed(cls, apps: object) -> object:
        """Split pairs `package=fingerprint` that are separated by commas."""
        return [_android_app(app) for app in _listed(apps)] if isinstance(apps, str) else apps

    @field_validator("apple_apps", mode="before")
    @classmethod
    def apple_apps_are_listed(cls, apps: object) -> object:
        """Split apps that are separated by commas, and require a team and a bundle of each."""
        if not isinstance(apps, str):
            return apps
        if strange := [app for app in _listed(apps) if not _APPLE_APP.fullmatch(app)]:
            raise ValueError(
                f"{strange[0]} is no app of Apple's: a team and a bundle, like A1B2C3D4E5.com.example.app"
            )
        return _listed(apps)

    @field_validator("passkey_enroll_url", "passkey_manage_url")
    @classmethod
    def page_is_one(cls, url: str) -> str:
        """Require the address of a page that is reached by HTTPS, or nothing."""
        if url and (urlsplit(url).scheme != "https" or not urlsplit(url).hostname):
            raise ValueError("this is the address of a page, like https://www.example.com/passkeys")
        return url

    @field_validator("host_setup_url", "host_account_url")
    @classmethod
    def host_page_is_one(cls, url: str) -> str:
        """Require the address of a page that is reached by HTTPS, or is on this machine, or nothing."""
        parts = urlsplit(url)
        is_near = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
        if url and not (is_near or (parts.scheme == "https" and parts.hostname)):
            raise ValueError("this is the address of a page, like https://www.example.com/set-up")
        return url

    @field_validator("ticket_url")
    @classmethod
    def ticket_url_has_its_place(cls, template: str) -> str:
        """Require the address of a page with a place for a ticket's id, or nothing."""
        if template and (problem := template_problem(template)):
            raise ValueError(problem)
        return template

    @property
    def other_origins(self) -> tuple[str, ...]:
        """All origins beside the first: of pages, and of native apps."""
        apps = [_app_origin(app) for app in self.android_apps]
        return tuple(dict.fromkeys(origin for origin in (*self.origins, *apps) if origin != self.origin))

    @property
    def related_origins(self) -> tuple[str, ...]:
        """The origins whose pages may use the passkeys although they are not below the RP id."""
        pages = (self.origin, *(origin for origin in self.other_origins if is_page(origin)))
        return tuple(page for page in pages if not _is_below(host_of(page), self.rp_id))

    def site_problems(self, *, is_development: bool) -> Iterator[str]:
        """Why people could not use their passkeys here, or could get around limits. Each problem says what to set."""
        yield from self._rp_id_problems()
        yield from self._app_problems()
        if is_development:
            return
        for page in filter(is_page, self.origins):
            if urlsplit(page).scheme != "https":
                yield f"OFFRAMP_ORIGINS must begin with https:// in production: {page}"
        if self.trusted_proxies is None:
            yield (
                "OFFRAMP_TRUSTED_PROXIES must be given in production: how many proxies of yours stand in front of the "
                "pages, and 0 if none does. If it is wrong, all people share one budget, or everybody chooses their own"
            )

    def host_page_problems(self, *, is_needed: bool) -> Iterator[str]:
        """Which pages of the host are missing, where its pages run the ceremonies."""
        pages = {
            "OFFRAMP_HOST_SETUP_URL": ("the steps", self.host_setup_url),
            "OFFRAMP_HOST_ACCOUNT_URL": ("the account", self.host_account_url),
        }
        for name, (what, url) in pages.items():
            if is_needed and not url:
                yield (
                    f"{name} must be given when OFFRAMP_CEREMONIES is orchestrated: the host's own page of {what}, to "
                    "which messages lead"
                )

    def _rp_id_problems(self) -> Iterator[str]:
        from providers import public_suffixes, web_origins

        host = host_of(self.origin)
        if web_origins.is_address(self.rp_id):
            yield (
                f"OFFRAMP_ORIGIN ({self.origin}) must have a name, like http://localhost:8400: "
                "passkeys do not work with an address"
            )
        elif not _is_below(host, self.rp_id):
            yield f"OFFRAMP_RP_ID ({self.rp_id}) must be the host of OFFRAMP_ORIGIN ({host}) or its parent"
        elif public_suffixes.is_public(self.rp_id) or ("." not in self.rp_id and self.rp_id != host):
            yield (
                f"OFFRAMP_RP_ID ({self.rp_id}) is a public suffix, below which strangers have names of their own, "
                f"so browsers refuse it; name your own domain, like {host}"
            )
        labels = {public_suffixes.own_label(host_of(origin)) for origin in self.related_origins}
        if len(labels) > MOST_LABELS:
            yield f"OFFRAMP_ORIGINS has {len(labels)} names beside OFFRAMP_RP_ID; browsers look at {MOST_LABELS}"

    def _app_problems(self) -> Iterator[str]:
        own = f"https://{self.rp_id}"
        if self.apple_apps and own not in (self.origin, *self.other_origins):
            yield (
                f"OFFRAMP_APPLE_APPS needs {own} in OFFRAMP_ORIGINS: iPhones send it as the origin of an app's passkeys"
            )


def is_page(origin: str) -> bool:
    """Whether an origin is of pages, and not of a native app."""
    return urlsplit(origin).scheme in ("http", "https")


def host_of(origin: str) -> str:
    """The host of an origin."""
    return urlsplit(origin).hostname or ""


def _is_below(host: str, rp_id: str) -> bool:
    return host == rp_id or host.endswith(f".{rp_id}")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origin(text: str) -> str:
    from providers import web_origins

    return web_origins.app_origin(text) if text.startswith("android:") else _page_origin(text)


def _page_origin(text: str) -> str:
    from providers import web_origins

    return web_origins.page_origin(text)


def _app_origin(app: AndroidApp) -> str:
    from providers import web_origins

    return web_origins.app_origin(app.fingerprint)


def _android_app(text: str) -> AndroidApp:
    from providers import web_origins

    package, _, certificate = text.partition("=")
    if not _PACKAGE.fullmatch(package.strip()):
        raise ValueError(
            "Android apps are pairs of a package and a fingerprint, like com.example.app=AB:CD:…"
        )
    return AndroidApp(package=package.strip(), fingerprint=web_origins.fingerprint(certificate))
