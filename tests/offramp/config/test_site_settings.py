"""Origins, the domain of passkeys, and apps: as browsers and phones send them, or refused with the right form."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from domain.facts import Channel, Milestone
from domain.messages.destinations import Destinations
from domain.messages.messages import Template
from domain.ports import Wording
from offramp import wiring
from offramp.config.settings import Settings
from services.site import AndroidApp, ProxyHeader
from tests.offramp.config.test_settings import PRODUCTION, settings_of

FINGERPRINT = ":".join(["AB"] * 31 + ["CD"])
APP_ORIGIN = "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq80"


@pytest.fixture(autouse=True)
def _alone(home: Path) -> None:
    """Settings come from the test alone."""


def production(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    return settings_of(monkeypatch, **PRODUCTION, **changes)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://login.example.com:443", "https://login.example.com"),
        ("https://login.example.com/", "https://login.example.com"),
        ("HTTPS://Login.Example.COM", "https://login.example.com"),
        ("https://login.example.com:8443", "https://login.example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("http://localhost:80", "http://localhost"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
        ("https://login.example.com\n", "https://login.example.com"),
    ],
)
def test_an_origin_becomes_what_browsers_send(
    monkeypatch: pytest.MonkeyPatch, written: str, sent: str
) -> None:
    settings = settings_of(
        monkeypatch, OFFRAMP_ORIGIN=written, OFFRAMP_ORIGINS=f" {written} ,https://b.example:443"
    )
    assert settings.origin == sent
    site = wiring.make_site(settings)
    assert site.origins == (sent, "https://b.example")


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("login.example.com", "write https://login.example.com"),
        ("login.example.com:8443", "write https://login.example.com:8443"),
        ("https://login.example.com/sign-in", "write https://login.example.com"),
        ("https://login.example.com?x=1", "write https://login.example.com"),
        ("https://ada@login.example.com", "write https://login.example.com"),
        ("https://login.example.com.", "write https://login.example.com"),
        ('"https://login.example.com"', "write https://login.example.com"),
        ("https://*.example.com", "scheme and a host"),
        ("https://-.example.com", "scheme and a host"),
        ("https://login.example.com:99999", "scheme and a host"),
        ("android:apk-key-hash:short", "SHA-256"),
    ],
)
def test_what_browsers_would_not_send_is_refused_with_the_right_form(
    monkeypatch: pytest.MonkeyPatch, written: str, right: str
) -> None:
    with pytest.raises(ValidationError, match=right):
        settings_of(monkeypatch, OFFRAMP_ORIGINS=written)


@pytest.mark.parametrize(
    ("written", "sent"),
    [("Example.COM", "example.com"), ("bücher.example", "xn--bcher-kva.example"), ("localhost", "localhost")],
)
def test_an_rp_id_becomes_what_browsers_send(
    monkeypatch: pytest.MonkeyPatch, written: str, sent: str
) -> None:
    assert settings_of(monkeypatch, OFFRAMP_RP_ID=written).rp_id == sent


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("https://example.com", "write example.com"),
        ("example.com:443", "write example.com"),
        ("example.com/", "write example.com"),
        ("example.com.", "write example.com"),
        ("*.example.com", "a domain by itself"),
        ("203.0.113.7", "do not work with the address"),
        ("[::1]", "a domain by itself"),
    ],
)
def test_an_rp_id_that_browsers_would_refuse_is_refused_with_the_right_form(
    monkeypatch: pytest.MonkeyPatch, written: str, right: str
) -> None:
    with pytest.raises(ValidationError, match=right):
        settings_of(monkeypatch, OFFRAMP_RP_ID=written)


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://login.example.co.uk", "co.uk"),
        ("https://acme.github.io", "github.io"),
        ("https://login.example.com", "com"),
        ("https://login.intern", "intern"),
    ],
)
def test_a_public_suffix_is_no_rp_id(monkeypatch: pytest.MonkeyPatch, origin: str, rp_id: str) -> None:
    changes = PRODUCTION | {"OFFRAMP_ORIGIN": origin, "OFFRAMP_RP_ID": rp_id}
    (problem,) = settings_of(monkeypatch, **changes).problems()
    assert "is a public suffix" in problem


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://login.example.co.uk", "example.co.uk"),
        ("https://acme.github.io", ""),
        ("https://accounts", ""),
        ("https://login.bücher.example", "bücher.example"),
        ("https://login.example.com:443", "Example.com"),
    ],
)
def test_a_domain_of_ones_own_is_an_rp_id(monkeypatch: pytest.MonkeyPatch, origin: str, rp_id: str) -> None:
    changes = PRODUCTION | {"OFFRAMP_ORIGIN": origin, "OFFRAMP_RP_ID": rp_id}
    assert settings_of(monkeypatch, **changes).problems() == []


def test_an_address_has_no_passkeys_and_production_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = settings_of(monkeypatch, **PRODUCTION | {"OFFRAMP_ORIGIN": "https://203.0.113.7"}).problems()
    assert "passkeys do not work with an address" in problem


def test_further_origins_are_secure_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = production(monkeypatch, OFFRAMP_ORIGINS="http://login.example.org").problems()
    assert problem.startswith("OFFRAMP_ORIGINS must begin with https://")


def test_pages_elsewhere_are_related_origins_and_apps_and_subdomains_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    origins = f"https://example.com,https://login.example.de,{APP_ORIGIN}"
    settings = production(monkeypatch, OFFRAMP_RP_ID="example.com", OFFRAMP_ORIGINS=origins)
    assert settings.problems() == []
    assert wiring.make_site(settings).related_origins == ("https://login.example.de",)


def test_more_related_names_than_browsers_look_at_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["a", "b", "c", "d", "e"]
    enough = ",".join(f"https://{name}.{suffix}" for name in names for suffix in ("com", "co.uk"))
    assert production(monkeypatch, OFFRAMP_ORIGINS=enough).problems() == []
    (problem,) = settings_of(monkeypatch, OFFRAMP_ORIGINS=f"{enough},https://f.example").problems()
    assert problem.startswith("OFFRAMP_ORIGINS has 6 names")


@pytest.mark.parametrize(
    "written",
    [
        APP_ORIGIN,
        f"{APP_ORIGIN}=",
        f"android:apk-key-hash:{FINGERPRINT}",
        "android:apk-key-hash:" + "ab" * 31 + "cd",
    ],
)
def test_an_android_apps_origin_becomes_what_phones_send(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    assert settings_of(monkeypatch, OFFRAMP_ORIGINS=written).other_origins == (APP_ORIGIN,)


def test_an_android_app_is_an_origin_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    apps = f"com.example.app={FINGERPRINT}, com.example.beta={FINGERPRINT.lower()}"
    site = wiring.make_site(settings_of(monkeypatch, OFFRAMP_ANDROID_APPS=apps))
    assert site.android_apps == (
        AndroidApp(package="com.example.app", fingerprint=FINGERPRINT),
        AndroidApp(package="com.example.beta", fingerprint=FINGERPRINT),
    )
    assert site.other_origins == (APP_ORIGIN,)


def test_an_app_of_apples_needs_the_origin_that_iphones_send(monkeypatch: pytest.MonkeyPatch) -> None:
    apps = {"OFFRAMP_APPLE_APPS": "A1B2C3D4E5.com.example.app", "OFFRAMP_RP_ID": "example.com"}
    (problem,) = production(monkeypatch, **apps).problems()
    assert problem.startswith("OFFRAMP_APPLE_APPS needs https://example.com in OFFRAMP_ORIGINS")
    settings = settings_of(monkeypatch, OFFRAMP_ORIGINS="https://example.com")
    assert settings.problems() == []
    assert wiring.make_site(settings).apple_apps == ("A1B2C3D4E5.com.example.app",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFRAMP_ANDROID_APPS", "com.example.app"),
        ("OFFRAMP_ANDROID_APPS", f"app={FINGERPRINT}"),
        ("OFFRAMP_APPLE_APPS", "com.example.app"),
        ("OFFRAMP_PASSKEY_ENROLL_URL", "/passkeys"),
        ("OFFRAMP_PASSKEY_MANAGE_URL", "http://example.com/passkeys"),
        ("OFFRAMP_HOST_SETUP_URL", "/steps"),
        ("OFFRAMP_HOST_SETUP_URL", "http://example.com/steps"),
        ("OFFRAMP_PROXY_HEADER", "x-real-ip"),
    ],
)
def test_apps_pages_and_headers_that_are_none_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    changes: Any = {name: value}
    with pytest.raises(ValidationError):
        settings_of(monkeypatch, **changes)


@pytest.mark.parametrize("page", ["https://example.com/steps?of=4", "http://localhost:9000/steps"])
def test_prompts_may_lead_to_a_page_of_the_host(monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    changes = {"OFFRAMP_CEREMONIES": "orchestrated", "OFFRAMP_HOST_SETUP_URL": page}
    site = wiring.make_site(settings_of(monkeypatch, **changes))
    assert site.set_up_link(Milestone.PASSKEY_ENROLLED).startswith(page)


def test_proxies_are_told_by_number_and_header(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, OFFRAMP_TRUSTED_PROXIES="2", OFFRAMP_PROXY_HEADER="forwarded")
    site = wiring.make_site(settings)
    assert (site.trusted_proxies, site.proxy_header) == (2, ProxyHeader.FORWARDED)
    assert wiring.make_site(settings_of(monkeypatch, OFFRAMP_TRUSTED_PROXIES="")).trusted_proxies == 0


HOST_PAGES = {
    "OFFRAMP_HOST_SETUP_URL": "https://www.example.com/safer",
    "OFFRAMP_HOST_ACCOUNT_URL": "https://www.example.com/me",
}


@pytest.mark.parametrize("missing", HOST_PAGES)
def test_a_host_that_runs_the_ceremonies_has_pages_for_messages_to_lead_to(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    given = {name: url for name, url in HOST_PAGES.items() if name != missing}
    (problem,) = production(monkeypatch, OFFRAMP_CEREMONIES="orchestrated", **given).problems()
    assert problem.startswith(f"{missing} must be given")


def test_messages_lead_to_the_hosts_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = production(monkeypatch, OFFRAMP_CEREMONIES="orchestrated", **HOST_PAGES)
    assert settings.problems() == []
    wording = Wording(template=Template.NUDGE_PASSKEY_PROVEN, channel=Channel.EMAIL, locale="en")
    letter = wiring.make_writer(settings).render(wording)
    assert "https://www.example.com/safer?step=passkey_proven" in letter.text
    assert settings.origin not in letter.text


def test_where_our_pages_run_the_ceremonies_no_message_leads_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = production(monkeypatch, **HOST_PAGES)
    assert wiring.make_site(settings).destinations == Destinations(origin=settings.origin)


@pytest.mark.parametrize("url", ["http://www.example.com/me", "www.example.com", "javascript:alert(1)"])
def test_a_hosts_page_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ValidationError, match="this is the address of a page"):
        production(monkeypatch, OFFRAMP_HOST_ACCOUNT_URL=url)


def test_the_address_of_tickets_needs_a_place_for_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://desk.example.com/t/{ticket}"
    settings = settings_of(monkeypatch, OFFRAMP_TICKET_URL=address)
    assert settings.ticket_url == address
    with pytest.raises(ValidationError, match="the address of the host's tickets"):
        settings_of(monkeypatch, OFFRAMP_TICKET_URL="https://desk.example.com/")
