"""Where the host runs the ceremonies: none of people's pages is here, and links in letters work all the same."""

import re
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute

from api.routers import routers
from domain.desk.acts import Act
from domain.facts import Channel, Milestone, SmsState
from domain.host.ceremonies import Ceremonies
from domain.host.events import HostEventKind
from domain.messages.links import objection_token, stop_token
from domain.messages.messages import Purpose, Template
from domain.staff.staff import Role
from domain.words.act_words import TITLES
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, passkeys
from store.people.accounts import Account
from store.people.host_routes import CEREMONIES
from tests import factories
from tests.api.console.operators import text
from tests.api.staff.staff import at_desk
from tests.api.world import World, make_world
from tests.factories import send_everything
from tests.host_events import hear

SETUP, ACCOUNT = "https://www.example.com/safer", "https://www.example.com/me"
KEPT = ("/not-me", "/no-reminders", "/refused")


@pytest.fixture
def orchestrated(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same world, where the host runs the ceremonies."""
    monkeypatch.setitem(world.database.notes, CEREMONIES, Ceremonies.ORCHESTRATED)
    return make_world(
        world.database,
        world.clock,
        ceremonies=Ceremonies.ORCHESTRATED,
        host_setup_url=SETUP,
        host_account_url=ACCOUNT,
    )


def peoples_routes() -> set[tuple[str, str]]:
    """All routes of people's pages, by method and path."""
    here, there = (
        {
            (method, route.path)
            for router in routers(is_development=False, way=ceremonies)
            for route in router.routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }
        for ceremonies in (Ceremonies.HOSTED, Ceremonies.ORCHESTRATED)
    )
    return here - there


def test_every_page_of_people_is_gone(orchestrated: World) -> None:
    browser = orchestrated.browser()
    gone = peoples_routes()
    assert {("GET", "/sign-in"), ("GET", "/setup"), ("GET", "/account"), ("POST", "/rescue")} <= gone
    for method, path in sorted(gone):
        filled_in = re.sub(r"\{\w+\}", "x", path)
        answer = browser.client.request(method, filled_in)
        assert answer.status_code in (404, 405), (method, path)


def test_what_is_left_is_of_staff_programs_and_letters() -> None:
    left = {
        route.path
        for router in routers(is_development=False, way=Ceremonies.ORCHESTRATED)
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    others = ("/console", "/callbacks/", "/.well-known/", "/healthz", "/readyz", *KEPT)
    assert [path for path in left if path != "/" and not path.startswith(others)] == []


def test_the_front_door_leads_to_the_host(orchestrated: World) -> None:
    assert orchestrated.browser().get("/").headers["location"] == ACCOUNT


def test_password_programs_are_led_to_the_host(orchestrated: World) -> None:
    endpoints = orchestrated.browser().get("/.well-known/passkey-endpoints").json()
    assert endpoints == {"enroll": f"{SETUP}?step=passkey_enrolled", "manage": ACCOUNT}


def with_a_thiefs_passkey(world: World) -> tuple[Account, str]:
    """An account to which somebody has bound a passkey at the host by a text message; and the notice's key."""
    account = world.account()
    hear(
        world.database,
        account.account_id,
        HostEventKind.PASSKEY_BOUND,
        at=world.clock(),
        passkey_id="thief",
        rooted_in="sms",
    )
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
        notices = messages.of_account(session, account.account_id)
    key = next(
        notice.key
        for notice in notices
        if notice.template == Template.PASSKEY_BOUND and notice.channel == "email"
    )
    return account, key


def test_an_owner_objects_by_the_link_of_a_letter_and_is_led_back_to_the_host(orchestrated: World) -> None:
    account, key = with_a_thiefs_passkey(orchestrated)
    orchestrated.clock.advance(timedelta(hours=1))
    link = f"/not-me/{objection_token(orchestrated.services.seal, key)}"
    browser = orchestrated.browser()
    assert "Was this not you?" in browser.get(link).text
    browser.post(link)
    page = browser.get(link).text
    assert "We have stopped it" in page
    assert f'href="{ACCOUNT}"' in page
    assert "your account page" not in page
    with orchestrated.database.reading() as session:
        assert passkeys.active(session, account.account_id) == []
        assert accounts.get(session, account.account_id).disputed_since


def test_a_reminder_is_ended_by_its_own_link(orchestrated: World) -> None:
    account, key = orchestrated.account(), "migration:1:passkey_enrolled:1"
    reminder = NewMessage(
        key=key,
        account_id=account.account_id,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_PASSKEY_ENROLLED,
        channel=Channel.EMAIL,
        recipient=account.email or "",
        locale="en",
        milestone=Milestone.PASSKEY_ENROLLED,
    )
    with orchestrated.database.transaction() as session:
        messages.add(session, reminder, at=orchestrated.clock())
    browser, link = orchestrated.browser(), f"/no-reminders/{stop_token(orchestrated.services.seal, key)}"
    assert browser.get(link).status_code == 200
    answer = browser.post(link)
    assert "sign in, and switch" not in browser.follow(answer).text
    assert orchestrated.facts(account).channels == (Channel.SMS,)


def test_the_case_says_what_lives_at_the_host_and_offers_nothing_that_is_done_there(
    orchestrated: World,
) -> None:
    account, _ = with_a_thiefs_passkey(orchestrated)
    sam = at_desk(orchestrated, Role.SUPPORT, "sam@example.com")
    page = text(sam.browser.get(f"/console/cases/{account.account_id}"))
    assert "1 kept, 0 proven, at the host" in page
    assert TITLES[Act.ASK_FOR_RESCUE] not in page
    assert TITLES[Act.REMOVE_DEVICE] not in page
    assert TITLES[Act.NOTE] in page


def test_the_case_shows_the_events_that_a_proof_rests_on(
    orchestrated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {
        "kind": "passkey.bound",
        "source": "https://host.example",
        "id": "e-17",
        "at": "2026-03-02T08:00",
    }
    monkeypatch.setitem(factories.EVIDENCE, "host_events", [event])
    account = orchestrated.account()
    orchestrated.set_sms(account, SmsState.SUSPENDED)
    sam = at_desk(orchestrated, Role.SUPPORT, "sam@example.com")
    page = text(sam.browser.get(f"/console/cases/{account.account_id}"))
    assert "passkey.bound, 2026-03-02 e-17 from https://host.example" in page
