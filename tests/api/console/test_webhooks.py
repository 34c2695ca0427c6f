"""The console's page of webhooks: what nobody took is shown with the reason, sent again, or given up."""

from datetime import timedelta
from typing import Any

import pytest

from domain.host.webhooks import TRIED_FOR, HookState, NotTaken
from domain.journal import EventKind
from domain.staff.staff import Role
from services.host import dead_webhooks, webhooks
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World
from tests.fakes import FakeCourier
from tests.webhooks import AUTHOR, Telling


@pytest.fixture
def operator(world: World) -> Desk:
    return at_desk(world, Role.OPERATOR, "olga@example.com")


def with_dead(world: World, count: int = 1) -> Telling:
    """Events that a receiver has refused for days. The clock has gone on since, and sessions with it."""
    telling = Telling(world.database, world.clock, FakeCourier(trouble=[NotTaken("status_500")] * 200))
    telling.subscribe(name="login")
    for _ in range(count):
        telling.happens(telling.account(), EventKind.PASSKEY_BOUND)
    telling.clock.advance(TRIED_FOR + timedelta(hours=1))
    while telling.states() != {HookState.DEAD: count}:
        telling.clock.advance(timedelta(minutes=10))
        telling.tell_due()
    return telling


def path(telling: Telling, act: str) -> str:
    return f"/console/webhooks/{telling.only(HookState.DEAD).delivery_id}/{act}"


def test_without_a_subscription_it_says_how_to_make_one(world: World, operator: Desk) -> None:
    page = operator.browser.get("/console/webhooks")
    assert (page.status_code, "offramp webhooks create" in page.text) == (200, True)


def test_what_is_dead_is_sent_again(world: World) -> None:
    telling = with_dead(world)
    operator = at_desk(world, Role.OPERATOR, "olga@example.com")
    page = operator.browser.get("/console/webhooks").text
    assert "status 500" in page
    assert "passkey_bound" in page
    done = operator.browser.post(path(telling, "again"))
    assert "It is on its way again." in done.text
    assert telling.states() == {HookState.WAITING: 1}
    assert (audited(world)[-1].kind, audited(world)[-1].by) == ("webhook_sent_again", "olga@example.com")


def test_what_is_dead_is_given_up(world: World) -> None:
    telling = with_dead(world)
    operator = at_desk(world, Role.OPERATOR)
    act = path(telling, "give-up")
    assert "It is given up." in operator.browser.post(act).text
    assert telling.states() == {HookState.GIVEN_UP: 1}
    again = operator.browser.post(act)
    assert (again.status_code, "Not done." in again.text) == (409, True)
    assert [entry.kind for entry in audited(world)].count("webhook_given_up") == 1


def test_a_long_list_has_pages(world: World) -> None:
    with_dead(world, count=51)
    browser = at_desk(world, Role.OPERATOR).browser
    first = browser.get("/console/webhooks").text
    after = first.split("/console/webhooks?after=")[1].split('"')[0]
    second = browser.get(f"/console/webhooks?after={after}").text
    assert (first.count("passkey_bound<br>"), second.count("passkey_bound<br>")) == (50, 1)


def all_of(telling: Telling, act: str) -> tuple[str, dict[str, Any]]:
    """Where an order about all dead events of the receiver goes, and what its page has shown of them."""
    dead = [delivery for delivery in telling.deliveries() if delivery.state == HookState.DEAD]
    until = max(delivery.settled_at for delivery in dead if delivery.settled_at)
    shown = {"seen": str(len(dead)), "until": until.isoformat()}
    return f"/console/webhooks/of/{dead[0].subscription_id}/{act}", shown


@pytest.mark.parametrize(
    ("act", "words", "state", "kind"),
    [
        ("again", "3 events on the way again.", HookState.WAITING, "webhook_sent_again"),
        ("give-up", "3 events given up.", HookState.GIVEN_UP, "webhook_given_up"),
    ],
)
def test_all_that_is_dead_goes_by_one_order_that_is_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch, act: str, words: str, state: HookState, kind: str
) -> None:
    monkeypatch.setattr(dead_webhooks, "_AT_ONCE", 2)
    telling = with_dead(world, count=3)
    browser = at_desk(world, Role.OPERATOR, "olga@example.com").browser
    place, shown = all_of(telling, act)
    page = browser.get("/console/webhooks").text
    assert place in page
    assert shown["until"] in page
    assert "all 3 events" in page
    refused = browser.post(place, **shown)
    assert (refused.status_code, telling.states()) == (400, {HookState.DEAD: 3})
    assert words in browser.post(place, **shown, sure="yes").text
    assert telling.states() == {state: 3}
    entries = [entry for entry in audited(world) if entry.kind == kind]
    assert [entry.detail["deliveries"] for entry in entries] == [2, 1]
    assert {entry.by for entry in entries} == {"olga@example.com"}


@pytest.mark.parametrize("act", ["give-up", "again"])
def test_what_died_after_the_page_was_shown_is_not_meant_whenever_it_happened(world: World, act: str) -> None:
    """The delivery that dies later has the smaller number: it had been tried for longer, because it was sent again."""
    telling = with_dead(world, count=2)
    browser = at_desk(world, Role.OPERATOR).browser
    earlier, later = telling.deliveries()
    browser.post(f"/console/webhooks/{earlier.delivery_id}/again")
    place, shown = all_of(telling, act)
    assert shown["until"] == str(later.settled_at and later.settled_at.isoformat())
    telling.live(TRIED_FOR + timedelta(days=1), step=timedelta(hours=4))
    assert telling.states() == {HookState.DEAD: 2}
    at_desk(world, Role.OPERATOR, "oskar@example.com").browser.post(place, **shown, sure="yes")
    assert [delivery.state == HookState.DEAD for delivery in telling.deliveries()] == [True, False]


def test_a_death_that_was_written_down_while_the_page_was_shown_is_not_meant_either(world: World) -> None:
    telling = with_dead(world, count=2)
    browser = at_desk(world, Role.OPERATOR).browser
    place, shown = all_of(telling, "give-up")
    answer = browser.post(place, **shown | {"seen": "1"}, sure="yes")
    assert (answer.status_code, "look again" in answer.text) == (409, True)
    assert telling.states() == {HookState.DEAD: 2}


def test_what_cannot_be_sent_any_more_stays_and_is_said(world: World) -> None:
    telling = with_dead(world, count=2)
    with world.database.transaction() as session:
        webhooks.end(session, AUTHOR, "login", at=world.clock())
    browser = at_desk(world, Role.OPERATOR).browser
    place, shown = all_of(telling, "again")
    assert place not in browser.get("/console/webhooks").text
    answer = browser.post(place, **shown, sure="yes")
    assert (answer.status_code, "2 events made no sense any more" in answer.text) == (409, True)
    assert telling.states() == {HookState.DEAD: 2}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT])
def test_others_do_not_see_it(world: World, role: Role) -> None:
    browser = at_desk(world, role).browser
    assert browser.get("/console/webhooks").status_code == 403
    assert "/console/webhooks" not in browser.get("/console").text
