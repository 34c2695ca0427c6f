"""From the host's page to the set-up or a sign-in, and back, in a real browser: no page keeps anybody."""

from collections.abc import Iterator

import pytest

from store.people import accounts
from tests.journeys.browser import Shop
from tests.journeys.shop import HostShop, open_shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def host(town: Site) -> Iterator[HostShop]:
    with open_shop(town) as opened:
        yield opened


def external_id(town: Site, account_id: str) -> str:
    with town.database.reading() as session:
        return accounts.get(session, account_id).external_id


async def test_a_person_sets_up_without_a_second_sign_in_and_comes_back(
    town: Site, shop: Shop, host: HostShop
) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    host.subject = external_id(town, ada.account_id)
    await ada.open(host.origin)
    await ada.follows("Set up my passkey")
    await ada.verifies_email()
    await ada.makes_passkey()
    await ada.tries_passkey()
    await ada.makes_recovery_codes()
    await ada.types_one_back()
    await ada.follows("Go back to Example Shop")
    await ada.sees("Answer: done")
    assert host.claims["sub"] == host.subject
    assert host.claims["acr"] == "urn:offramp:passkey"
    assert len(host.claims["offramp"]["milestones"]) == 4

    host.subject = ""
    await ada.page.context.clear_cookies()
    await ada.open(host.origin)
    await ada.follows("Sign in by passkey")
    await ada.sees("Sign in")
    await ada.unlocks("Sign in with a passkey", then="/back**")
    await ada.sees("Answer: signed_in")
    assert host.claims["amr"] == ["swk", "user", "mfa"]


async def test_remind_me_later_and_i_cannot_lead_back_from_a_form(
    town: Site, shop: Shop, host: HostShop
) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    host.subject = external_id(town, ada.account_id)
    await ada.open(f"{host.origin}/set-up")
    await ada.presses("Remind me later")
    await ada.sees("Answer: later")
    await ada.follows("Set up my passkey")
    await ada.follows("I can't do this now")
    await ada.page.get_by_label("I don't have time right now").check()
    await ada.presses("Go on")
    await ada.sees("Answer: cannot")
    await ada.follows("Set up my passkey")
    await ada.open(f"{town.origin}/account")
    await ada.page.get_by_role("link", name="Back to Example Shop").click()
    await ada.sees("Answer: later")


async def test_whoever_signs_in_at_the_door_comes_back_too(town: Site, shop: Shop, host: HostShop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.open(f"{host.origin}/sign-in")
    await ada.types(town.phone(ada.account_id), into="Phone number or e-mail")
    await ada.presses("Text me a code")
    await ada.types_code()
    await ada.sees("Answer: signed_in")
    assert host.claims["amr"] == ["sms"]
    await ada.page.context.clear_cookies()
    await ada.follows("Sign in by passkey")
    await ada.page.get_by_role("link", name="Back to Example Shop").click()
    await ada.sees("Answer: access_denied")
