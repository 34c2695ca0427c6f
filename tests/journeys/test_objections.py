""" "This wasn't me" in a browser: a stranger with a stolen number binds a passkey, and the owner stops it by e-mail."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.journal import EventKind
from domain.safety.objections import Outcome
from store.safety import objections
from tests.journeys.browser import Shop
from tests.journeys.people import JSON, Person
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NO_REST = replace(LONG_NOTICE, name="no-rest", rest_after_restore=timedelta())
"""A policy by which nothing but an objection keeps the next notice from being given at once."""


async def test_the_owner_stops_a_strangers_passkey_and_the_journey_waits(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(NO_REST)
    ada = await Visitor.set_up_before(town, account_id, await shop.device())
    await eventually(lambda: town.sms(account_id) is SmsState.NOTICE, "notice is given")

    stranger = ada.phone.stolen()
    await asyncio.to_thread(bind, stranger)
    assert stranger.get("/account").url.path == "/account"

    await ada.open(await link_about_the_stranger(ada))
    await ada.sees("Was this not you?")
    assert town.facts(account_id).disputed_since is None
    await ada.presses("This wasn't me")
    await ada.sees("Thank you. We have stopped it")
    await ada.reads("can no longer sign in.")

    assert stranger.get("/account").url.path == "/sign-in"
    assert "on hold" in refusal(stranger)
    assert town.sms(account_id) is SmsState.ON
    cases = [entry for entry in town.entries(account_id) if entry.kind == EventKind.SUPPORT_CASE]
    assert [case.detail["reason"] for case in cases] == ["objection"]
    await ada.letter("nothing more will be changed")

    await ada.signs_in_by_passkey()  # the owner's own works as ever
    await ada.reads("We are looking into it")
    await eventually(lambda: all_told(town, account_id), "the journey has been told of the objection")
    settled = await asyncio.to_thread(
        town.offramp,
        *("account", "settle", the_objection(town, account_id), "--reason", "they called"),
        *("--outcome", Outcome.DISMISSED, "--by", "sam", "--with", "sue"),
    )
    assert settled.returncode == 0, settled.stderr
    await eventually(lambda: town.sms(account_id) is SmsState.NOTICE, "the journey goes on")
    assert in_order(town, account_id) == [
        EventKind.NOTICE_GIVEN,
        EventKind.OBJECTED,
        EventKind.OBJECTION_SETTLED,
        EventKind.NOTICE_GIVEN,
    ]
    await asyncio.to_thread(stranger.sign_in_by_passkey)


def bind(stranger: Person) -> None:
    """Sign in by the stolen number, and stay by a passkey."""
    stranger.sign_in_by_code()
    stranger.make_passkey()
    stranger.prove_passkey()


async def link_about_the_stranger(ada: Visitor) -> str:
    """The link in the second letter about a passkey; the first was about Ada's own."""
    letters: list[str] = []

    def arrived() -> bool:
        to = ada.site.email(ada.account_id)
        letters[:] = [item.text for item in ada.site.inbox() if item.to == to and "was added" in item.subject]
        return len(letters) == 2

    await eventually(arrived, "the letter about the second passkey arrives")
    return next(word for word in letters[0].split() if "/not-me/" in word)


def refusal(stranger: Person) -> str:
    """What somebody reads whose passkey opens nothing."""
    options = stranger.send("/sign-in/passkey/options")
    answer = stranger.client.post("/sign-in/passkey", json=stranger.device.get(options), headers=JSON)
    assert answer.status_code == 400
    text: str = answer.json()["error"]["text"]
    return text


def all_told(town: Site, account_id: str) -> bool:
    return all(entry.published_at for entry in town.entries(account_id))


def the_objection(town: Site, account_id: str) -> str:
    with town.database.reading() as session:
        return next(
            objection.objection_id
            for objection in objections.list_open(session)
            if objection.account_id == account_id
        )


def in_order(town: Site, account_id: str) -> list[str]:
    """What the journey did and what stopped it, oldest first."""
    kinds = (EventKind.NOTICE_GIVEN, EventKind.OBJECTED, EventKind.OBJECTION_SETTLED)
    return [entry.kind for entry in town.entries(account_id) if entry.kind in kinds]
