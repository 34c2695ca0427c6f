"""Signing in through a company's identity provider: roles by its groups, nothing by a token that does not hold."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.staff.staff import Role
from providers.identity import IdentityProvider, Registration
from store.staff import staff
from tests.api.console.operators import text
from tests.api.staff.staff import at_desk, audited, invited, kinds, member
from tests.api.world import Browser, World
from tests.identity import CLIENT_ID, CLIENT_SECRET, FakeIdentityProvider, served_identity_provider

BACK = "/console/sign-in/provider/back"


@pytest.fixture
def provider(world: World) -> Iterator[FakeIdentityProvider]:
    """A provider that knows Grace, of the support's group, and a world that trusts it."""
    with served_identity_provider(world.clock) as served:
        registration = Registration(
            issuer=served.issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            redirect_uri=f"{world.services.site.origin}{BACK}",
            role_claim="groups",
            roles={"desk": Role.SUPPORT, "watchers": Role.VIEWER, "chiefs": Role.ADMIN},
        )
        identity = IdentityProvider(registration, world.clock)
        world.services = replace(world.services, identity=identity)
        served.claims = {"groups": ["everybody", "watchers", "desk"]}
        yield served


def depart(browser: Browser, path: str = "/console/sign-in/provider?next=/console/me") -> str:
    """Where the browser is sent."""
    answer = browser.get(path)
    assert answer.status_code == 303
    return answer.headers["location"]


def sign_in(browser: Browser, provider: FakeIdentityProvider) -> Response:
    """There and back."""
    return browser.get(provider.visit(depart(browser)))


def invite(browser: Browser) -> Response:
    """What cannot be undone."""
    return browser.post("/console/staff/invite", address="new@example.com", role="viewer")


def is_in(browser: Browser) -> bool:
    return browser.get("/console").status_code == 200


def test_a_group_gives_its_role_the_strongest_of_several(
    world: World, provider: FakeIdentityProvider
) -> None:
    browser = world.browser()
    assert "with your company's account" in text(browser.get("/console/sign-in"))
    arrived = sign_in(browser, provider)
    assert arrived.status_code == 200
    assert 'content="0; url=/console/me"' in arrived.text
    grace = member(world, "grace@example.com")
    assert (grace.name, grace.role) == ("Grace", "support")
    assert is_in(browser)
    assert audited(world)[-1].detail == {"by_provider": True}
    page = text(browser.get("/console/me"))
    assert "None: you sign in by your company's identity provider" in page


def test_a_changed_group_changes_the_role_and_ends_other_sessions(
    world: World, provider: FakeIdentityProvider
) -> None:
    first, second = world.browser(), world.browser()
    sign_in(first, provider)
    provider.claims = {"groups": "watchers"}
    sign_in(second, provider)
    assert member(world, "grace@example.com").role == "viewer"
    assert not is_in(first)
    assert is_in(second)


def test_without_a_group_nobody_comes_in_and_whoever_was_in_is_out(
    world: World, provider: FakeIdentityProvider
) -> None:
    first, second = world.browser(), world.browser()
    sign_in(first, provider)
    provider.claims = {}
    refused = sign_in(second, provider)
    assert refused.status_code == 403
    assert "none of your groups has a role" in text(refused)
    assert not is_in(first)
    assert not is_in(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iat": 4102444800},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
    ],
)
def test_a_token_that_does_not_hold_opens_nothing(
    world: World, provider: FakeIdentityProvider, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    browser = world.browser()
    assert sign_in(browser, provider).status_code == 403
    assert not is_in(browser)
    with world.database.reading() as session:
        assert staff.everybody(session) == []


def test_a_new_key_is_fetched_and_an_unpublished_one_is_not_believed(
    world: World, provider: FakeIdentityProvider
) -> None:
    browser = world.browser()
    assert sign_in(browser, provider).status_code == 200
    provider.rotate("second")
    assert sign_in(browser, provider).status_code == 200
    provider.rotate("forged", publish=False)
    assert sign_in(browser, provider).status_code == 403
    provider.kid, provider.keys["second"] = "second", provider.keys["forged"]
    provider.published = []
    assert sign_in(browser, provider).status_code == 403


def test_an_answer_is_taken_once_from_the_browser_that_asked_and_in_time(
    world: World, provider: FakeIdentityProvider
) -> None:
    browser, other = world.browser(), world.browser()
    back = provider.visit(depart(browser))
    assert other.get(back).status_code == 403
    assert browser.get(back.replace("state=", "state=x")).status_code == 403
    assert browser.get(back).status_code == 403  # the way was used up by the wrong answer
    back = provider.visit(depart(browser))
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 403
    back = provider.visit(depart(browser))
    world.clock.advance(timedelta(minutes=6))
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "error=access_denied&state=x", "code=x&state=x&iss=https://evil.example"]
)
def test_what_does_not_belong_to_a_way_is_refused(
    world: World, provider: FakeIdentityProvider, query: str
) -> None:
    browser = world.browser()
    depart(browser)
    assert browser.get(f"{BACK}?{query}").status_code == 403


def test_a_step_up_asks_the_provider_anew(world: World, provider: FakeIdentityProvider) -> None:
    provider.claims = {"groups": ["chiefs"]}
    browser = world.browser()
    sign_in(browser, provider)
    assert invite(browser).headers["location"].startswith("/console/step-up")
    url = depart(browser, "/console/step-up/provider?next=/console/staff")
    assert "prompt=login" in url
    assert "max_age=0" in url
    assert 'url=/console/staff"' in browser.get(provider.visit(url)).text
    assert invite(browser).headers["location"] == "/console/staff"
    assert "stepped_up" in kinds(world)


def test_a_step_up_needs_a_fresh_ceremony_there_of_the_same_member(
    world: World, provider: FakeIdentityProvider
) -> None:
    provider.claims = {"groups": ["chiefs"]}
    browser = world.browser()
    sign_in(browser, provider)
    old = int((world.clock() - timedelta(minutes=10)).timestamp())
    for changes in ({"auth_time": old}, {"auth_time": None}, {"sub": "2002", "email": "eve@example.com"}):
        provider.changes = changes
        way = depart(browser, "/console/step-up/provider?next=/console/staff")
        assert browser.get(provider.visit(way)).status_code == 403
    answer = invite(browser)
    assert answer.headers["location"].startswith("/console/step-up")


def test_whoever_was_invited_by_the_same_address_is_that_member(
    world: World, provider: FakeIdentityProvider
) -> None:
    invited(world, "grace@example.com", Role.VIEWER)
    sign_in(world.browser(), provider)
    assert member(world, "grace@example.com").role == "support"


def test_whose_access_was_ended_here_does_not_come_back_by_the_provider(
    world: World, provider: FakeIdentityProvider
) -> None:
    browser = world.browser()
    sign_in(browser, provider)
    with world.database.transaction() as session:
        grace = staff.find(session, "grace@example.com")
        assert grace
        staff.end(session, grace, now=world.clock())
    refused = sign_in(browser, provider)
    assert (refused.status_code, "access to the console has ended" in text(refused)) == (403, True)


def test_an_address_with_a_new_owner_does_not_inherit_the_old_ones_member(
    world: World, provider: FakeIdentityProvider
) -> None:
    sign_in(world.browser(), provider)
    provider.changes = {"sub": "2002"}
    assert sign_in(world.browser(), provider).status_code == 403


def test_whom_the_provider_lets_in_adds_no_passkey(world: World, provider: FakeIdentityProvider) -> None:
    browser = world.browser()
    sign_in(browser, provider)
    browser.get(provider.visit(depart(browser, "/console/step-up/provider")))
    refused = browser.send("/console/me/passkeys/options")
    assert refused.json()["error"]["reason"] == "signs_in_by_provider"


def test_without_a_provider_there_is_no_such_way(world: World) -> None:
    desk = at_desk(world, Role.ADMIN)
    for path in ("/console/sign-in/provider", "/console/step-up/provider", BACK):
        assert desk.browser.get(path).status_code == 404


def test_a_provider_that_is_away_is_told(world: World) -> None:
    with served_identity_provider(world.clock) as served:
        issuer = served.issuer
    registration = Registration(
        issuer=issuer, client_id="x", client_secret="x", redirect_uri="", role_claim="groups", roles={}
    )
    world.services = replace(world.services, identity=IdentityProvider(registration, world.clock))
    refused = world.browser().get("/console/sign-in/provider")
    assert (refused.status_code, "does not answer" in text(refused)) == (403, True)
