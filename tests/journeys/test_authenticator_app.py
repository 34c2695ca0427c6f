"""Somebody without a device for a passkey, from the first text message to an app and recovery codes alone."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from domain.authenticator_apps import STEP
from domain.facts import SmsState
from store.journeys import sms
from tests.journeys.browser import Shop
from tests.journeys.site import BY_APP, LONG_NOTICE, Site
from tests.journeys.visitors import Visitor
from tests.phone_apps import PhoneApp
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def test_an_app_takes_somebody_without_a_device_to_the_end(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(BY_APP)
    ada = Visitor(town, account_id, await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.has_no_device()
    await expect(ada.button("Set up a security key")).to_be_enabled()
    await ada.presses("Set up an app")
    app, now = await ada.adds_an_app(), datetime.now(UTC)
    await ada.types(app.code(now), into="Code in the app")
    await ada.presses("Done")
    await ada.letter("authenticator app was added")
    await ada.makes_recovery_codes()
    await ada.types_one_back()
    await eventually(lambda: town.sms(account_id) is SmsState.REMOVED, "SMS is removed", within=150)
    await eventually(lambda: town.outcome(account_id) == "migrated", "the journey ends")
    with town.database.reading() as session:
        evidence = [proof.evidence for proof in sms.proofs(session, account_id)]
    assert [each["instead_of_passkey"] for each in evidence] == ["authenticator_app"] * 2
    assert [each["phishing_resistant"] for each in evidence] == [False] * 2

    await ada.open("/account")
    await ada.presses("Sign out")
    # The code of set-up is used, and those of the next steps count a little early.
    later = max(now + STEP, datetime.now(UTC))
    await ada.signs_in_by_app(app, at=later)
    await ada.sees("How you sign in")
    await expect(ada.section("Authenticator app")).to_contain_text("signed in with this")
    await ada.presses("Sign out")
    await ada.signs_in_by_app(app, at=later)
    await ada.reads("do not fit together")


async def test_the_qr_code_says_what_the_key_says_and_an_app_is_a_second_way_in(
    town: Site, shop: Shop
) -> None:
    account_id = town.begin_journey(LONG_NOTICE)
    ada = Visitor(town, account_id, await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.makes_passkey()
    await ada.tries_passkey()
    await ada.presses(re.compile("An app that shows codes"))
    typed, now = await ada.adds_an_app(), datetime.now(UTC)
    scanned = PhoneApp.scanned(await ada.page.content())
    assert scanned.code(now) == typed.code(now)
    await expect(ada.page.get_by_role("img", name="A QR code")).to_be_visible()
    await ada.types(scanned.code(now), into="Code in the app")
    await ada.presses("Done")
    await ada.sees("You're all set")
    assert town.facts(account_id).authenticator_apps == 1
