"""Both sample hosts, from their own sign-in page to codes that are off in their own database, whatever breaks."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, expect

from domain.facts import SmsState
from examples.shop.customers import Customer
from examples.shop.populating import PEOPLE
from tests.journeys.browser import Shop
from tests.journeys.people import Person
from tests.journeys.sample_shop import PlainShopper, SampleShop, Shopper, running_shop
from tests.journeys.visitors import Visitor
from tests.waiting import eventually, wait_until

ADA, BEN, CLEO, DORA = PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleShop]:
    """The shop whose people set up passkeys on Offramp's pages."""
    with running_shop("examples.hosted", tmp_path_factory.mktemp("hosted")) as shop:
        yield shop


@pytest.fixture(scope="module")
def orchestrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleShop]:
    """The shop that has passkeys of its own."""
    with running_shop("examples.orchestrated", tmp_path_factory.mktemp("orchestrated")) as shop:
        yield shop


@pytest.fixture(params=["hosted", "orchestrated"])
def host(request: pytest.FixtureRequest) -> SampleShop:
    """Either of them."""
    shop: SampleShop = request.getfixturevalue(request.param)
    return shop


@pytest.fixture
async def devices(chromium: Browser) -> AsyncIterator[Shop]:
    """Where people get their devices. None of them may have had anything to complain about."""
    opened = Shop(chromium, "http://localhost")
    yield opened
    complaints = [complaint for device in opened.sold for complaint in device.complaints]
    await opened.close()
    assert complaints == []


async def somebody(shop: SampleShop, customer: Customer, devices: Shop) -> Shopper:
    visitor = Visitor(shop.site, shop.account_id(customer.customer_id), await devices.device())
    return Shopper(shop, customer, visitor)


def set_up(shop: SampleShop, customer: Customer) -> None:
    """Be done with the whole set-up, without a browser."""
    if shop.module == "examples.orchestrated":
        PlainShopper(shop, customer).set_up()
        return
    person = Person(shop.site, shop.account_id(customer.customer_id))
    person.sign_in_by_code()
    person.make_passkey()
    person.prove_passkey()
    person.keep_recovery_codes()


async def until_migrated(shop: SampleShop, customer: Customer) -> None:
    account_id = shop.account_id(customer.customer_id)
    await eventually(lambda: shop.site.outcome(account_id) == "migrated", shop.site.log, within=240)
    assert not shop.has_codes(customer.customer_id)
    assert shop.site.sms(account_id) is SmsState.REMOVED


def until_asked(shop: SampleShop, customer: Customer) -> None:
    account_id = shop.account_id(customer.customer_id)
    wait_until(lambda: shop.site.kinds(account_id)["host_asked"] > 0, "Offramp asks", within=240)


def changes(shop: SampleShop, customer: Customer) -> dict[str, int]:
    """How often what has happened to a customer, apart from what they were told."""
    kinds = shop.site.kinds(shop.account_id(customer.customer_id))
    return {kind: times for kind, times in kinds.items() if not kind.startswith("message_")}


async def test_hosted_from_the_hosts_sign_in_page_to_codes_off_in_its_own_database(
    hosted: SampleShop, devices: Shop
) -> None:
    ada = await somebody(hosted, ADA, devices)
    await ada.signs_in_at_the_shop()
    await ada.presses("Set it up")
    await ada.makes_passkey()
    await ada.tries_passkey()
    await ada.makes_recovery_codes()
    await ada.types_one_back()
    await ada.follows("Go back to The Shop")
    await ada.sees("Hello, Ada")
    await until_migrated(hosted, ADA)
    await ada.presses("Sign out")
    async with ada.device.lock.unlocked():
        await ada.types_password()
        await ada.presses("Sign in with a passkey")
        await ada.sees("Hello, Ada")
    await expect(ada.page.get_by_text("Codes by text message are off.")).to_be_visible()
    assert hosted.told("c-1")[0] == "user.signed_in"


async def test_orchestrated_from_the_hosts_sign_in_page_to_codes_off_in_its_own_database(
    orchestrated: SampleShop, devices: Shop
) -> None:
    ada = await somebody(orchestrated, ADA, devices)
    await ada.signs_in_at_the_shop()
    async with ada.device.lock.unlocked():
        await ada.presses("Create a passkey")
        await ada.presses("Try your passkey")
        await ada.presses("Make recovery codes")
    codes = await ada.page.get_by_role("listitem").all_inner_texts()
    await ada.types(codes[0], into="One of them, to be sure")
    await ada.presses("I have kept them")
    await ada.sees("You're all set")
    await until_migrated(orchestrated, ADA)
    await ada.follows("Go on")
    await expect(ada.page.get_by_text("Codes by text message are off.")).to_be_visible()
    await ada.presses("Sign out")
    async with ada.device.lock.unlocked():
        await ada.presses("Sign in with a passkey")
        await ada.sees("Hello, Ada")


async def test_a_host_that_is_down_when_it_is_asked_does_it_when_it_is_back(host: SampleShop) -> None:
    await asyncio.to_thread(set_up, host, BEN)
    await eventually(host.is_all_told, "the set-up is told")
    host.kill()
    try:
        await asyncio.to_thread(until_asked, host, BEN)
        assert host.has_codes("c-2")
        assert host.site.sms(host.account_id("c-2")) is SmsState.NOTICE
    finally:
        host.start()
    await until_migrated(host, BEN)


async def test_a_host_that_fails_and_answers_twice_ends_as_any_other(host: SampleShop) -> None:
    host.break_hearing()
    try:
        await asyncio.to_thread(set_up, host, CLEO)
        await asyncio.to_thread(until_asked, host, CLEO)
        await eventually(lambda: "IntegrityError: full" in host.site.log(), "the shop fails")
        assert host.has_codes("c-3")
    finally:
        host.mend_hearing()
    await until_migrated(host, CLEO)
    before = changes(host, CLEO)
    host.tell_again()
    await eventually(host.is_all_told, "everything is told twice")
    assert changes(host, CLEO) == before
    assert host.site.outcome(host.account_id("c-3")) == "migrated"


async def test_codes_that_a_host_refuses_to_switch_off_stay_on_in_both_systems(host: SampleShop) -> None:
    await asyncio.to_thread(set_up, host, DORA)
    account_id = host.account_id("c-4")
    await eventually(lambda: "sms.refused" in host.told("c-4"), host.site.log, within=240)
    await eventually(lambda: host.site.sms(account_id) is SmsState.ON, "Offramp takes it back")
    assert host.has_codes("c-4")
    assert host.site.outcome(account_id) is None
    assert "contract" in host.site.offramp("account", "show", "c-4").stdout
