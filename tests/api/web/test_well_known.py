"""What browsers, phones and password programs are told about the site's passkeys."""

from typing import Any

import pytest

from services.site import AndroidApp
from tests.api.world import ORIGIN, Browser, World, make_world

APP = AndroidApp(package="com.example.app", fingerprint=":".join(["AB"] * 32))


def browser_of(world: World, **site: Any) -> Browser:
    return make_world(world.database, world.clock, **site).browser()


def test_browsers_learn_which_other_pages_may_use_the_passkeys(world: World) -> None:
    answer = browser_of(world, related_origins=("https://login.example.de",)).get("/.well-known/webauthn")
    assert answer.json() == {"origins": ["https://login.example.de"]}
    assert answer.headers["content-type"] == "application/json"


def test_android_learns_which_app_may_use_the_passkeys(world: World) -> None:
    (statement,) = browser_of(world, android_apps=(APP,)).get("/.well-known/assetlinks.json").json()
    assert statement["target"] == {
        "namespace": "android_app",
        "package_name": "com.example.app",
        "sha256_cert_fingerprints": [APP.fingerprint],
    }
    assert "delegate_permission/common.get_login_creds" in statement["relation"]


def test_apple_learns_which_app_may_use_the_passkeys(world: World) -> None:
    browser = browser_of(world, apple_apps=("A1B2C3D4E5.com.example.app",))
    answer = browser.get("/.well-known/apple-app-site-association")
    assert answer.json() == {"webcredentials": {"apps": ["A1B2C3D4E5.com.example.app"]}}
    assert answer.headers["content-type"] == "application/json"


def test_password_programs_learn_where_passkeys_are_made_and_seen(world: World, browser: Browser) -> None:
    own = {"enroll": f"{ORIGIN}/setup/passkey", "manage": f"{ORIGIN}/account"}
    assert browser.get("/.well-known/passkey-endpoints").json() == own
    hosts = browser_of(
        world, own_enroll_url="https://www.example.test/add", own_manage_url="https://www.example.test/all"
    )
    assert hosts.get("/.well-known/passkey-endpoints").json() == {
        "enroll": "https://www.example.test/add",
        "manage": "https://www.example.test/all",
    }


@pytest.mark.parametrize("name", ["webauthn", "assetlinks.json", "apple-app-site-association", "nothing"])
def test_where_nothing_is_set_there_is_no_document(browser: Browser, name: str) -> None:
    assert browser.get(f"/.well-known/{name}").status_code == 404


def test_the_documents_are_for_everybody(browser: Browser) -> None:
    answer = browser.get("/.well-known/passkey-endpoints", origin="https://elsewhere.example")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers
