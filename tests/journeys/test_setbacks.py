"""What does not work, and what people do not want now: explained, written down, and never a dead end."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import expect
from sqlmodel import col, select

from domain.attempts import AttemptEnd, AttemptKind, Occasion
from domain.journal import EventKind
from domain.software import BrowserFamily
from store.people import passkeys
from store.people.attempts import Attempt
from tests.journeys.browser import Shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import FIRST_STEP, Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MAKE = "Set it up on this device"


async def test_a_failing_ceremony_is_explained_and_the_person_goes_on(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.fails_to_unlock(MAKE)
    await ada.reads("Nothing has changed; just try again.")
    await was_noted(ada, ceremony="registration", name="NotAllowedError")
    await ada.makes_passkey()
    await ada.fails_to_unlock("Try it now")
    await ada.reads("Nothing has changed; just try again.")
    await was_noted(ada, ceremony="authentication", name="NotAllowedError")
    await ada.presses("Remind me later")
    await ada.sees("How you sign in")
    await ada.reads("Not used yet")
    failed, made = attempts_at(ada, AttemptKind.REGISTRATION)
    assert (failed.outcome, failed.occasion) == (AttemptEnd.GIVEN_UP, Occasion.SET_UP)
    assert (made.outcome, made.browser) == (AttemptEnd.SUCCEEDED, failed.browser)
    for attempt in (failed, made):
        assert attempt.browser == BrowserFamily.CHROME
        assert attempt.browser_major
        assert attempt.milliseconds
        assert attempt.platform_authenticator


async def test_a_device_that_has_a_passkey_already_is_not_given_another(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_passkey()
    await ada.follows("Add this device")
    async with device.lock.unlocked():
        await ada.presses(MAKE)
        await ada.reads("This device is set up already.")
    await was_noted(ada, ceremony="registration", name="InvalidStateError")
    assert len(await device.lock.passkeys()) == 1
    await ada.follows("Try it")
    await ada.sees("Now try it once")
    await ada.unlocks("Try it now", then="/setup/done")


async def test_a_device_that_cannot_do_it_says_so_and_offers_another(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.sees("Sign in with your face, fingerprint or screen lock")
    await device.lock.break_down()
    await ada.page.reload()
    await expect(ada.page.get_by_role("heading", name="This device can't do it")).to_be_visible()
    await expect(ada.button(MAKE)).to_be_hidden()
    await ada.presses("Use another device instead")
    await ada.sees("Add another device")


async def test_a_passkey_that_was_removed_is_refused_in_words(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    with town.database.transaction() as session:
        [passkey] = passkeys.active(session, ada.account_id)
        passkeys.remove(session, passkey, at=datetime.now(UTC))
    await ada.open("/sign-in")
    async with device.lock.unlocked():
        await ada.presses("Sign in with a passkey")
        await ada.reads("it may have been removed from your account")
    assert await device.lock.passkeys() == []  # the device was told not to offer it any more


async def test_reminding_later_counts_down_until_only_a_reason_is_left(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_code()
    for left in ("3 times left", "2 times left", "1 time left"):
        await ada.sees(FIRST_STEP)
        await ada.reads(left)
        await ada.presses("Remind me later")
        await ada.sees("How you sign in")
        await ada.open("/setup")
    await ada.sees(FIRST_STEP)
    await expect(ada.button("Remind me later")).to_have_count(0)
    await ada.follows("I can't do this now")
    await ada.sees("That's all right")
    await ada.page.get_by_label("I share this device with others").check()
    await ada.presses("Go on")
    await ada.sees("Use a device that is yours alone")
    await ada.follows("Go to your account")
    await ada.reads("Nothing to do for now")
    assert noted(ada, EventKind.CANNOT_NOW) == [{"reason": "shared_device"}]
    assert [skip["skips_left"] for skip in noted(ada, EventKind.PROMPT_SKIPPED)] == [2, 1, 0]


async def test_mistyped_codes_are_counted_and_a_new_one_helps(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.asks_for_code()
    first = await ada.next_code()
    await ada.types(f"{(int(first) + 1) % 1_000_000:06}", into="Code")
    await ada.presses("Sign in")
    await ada.reads("That code is not right. You have 4 tries left with it.")
    await ada.presses("Send a new code")
    await ada.reads("We have sent a new code.")
    await ada.types_code()
    await ada.sees(FIRST_STEP)


async def was_noted(visitor: Visitor, **detail: str) -> None:
    """What the browser reported is in the journal."""
    await eventually(
        lambda: any(
            detail.items() <= failure.items() for failure in noted(visitor, EventKind.CEREMONY_FAILED)
        ),
        f"{detail} is in the journal",
    )


def attempts_at(visitor: Visitor, kind: AttemptKind) -> Sequence[Attempt]:
    """What the person has tried of one kind, the oldest first."""
    with visitor.site.database.reading() as session:
        query = select(Attempt).where(Attempt.account_id == visitor.account_id, Attempt.kind == kind)
        return session.exec(query.order_by(col(Attempt.attempt_id))).all()


def noted(visitor: Visitor, kind: EventKind) -> list[dict[str, Any]]:
    """The details of all entries of a kind."""
    return [entry.detail for entry in visitor.site.entries(visitor.account_id) if entry.kind == kind]
