"""Staff in a browser: from the invitation to the step up, and pages that are there for everybody."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from domain.staff.staff import Author, Role
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.wiring import make_seal
from services.staff.staff_invitations import Invitations
from store.staff import audit, staff
from store.staff.audit import Sought
from tests.journeys import axe
from tests.journeys.browser import Device, Shop
from tests.journeys.site import Site
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DESK = ViewportSize(width=1280, height=900)
NARROWEST = ViewportSize(width=320, height=640)


@pytest.fixture
async def machine(chromium: Browser, site: Site) -> AsyncIterator[Device]:
    """A desk on which Offramp runs by itself, for its console closes with the first invitation."""
    shop = Shop(chromium, site.origin)
    device = await shop.device(extra_http_headers={}, viewport=DESK)
    yield device
    complaints = device.complaints
    await shop.close()
    assert complaints == []


async def test_the_first_admin_comes_in_and_invites_a_colleague_after_a_step_up(
    site: Site, machine: Device
) -> None:
    page = machine.page
    await page.goto("/console/staff")
    await page.get_by_label("E-mail address").fill("ada@example.com")
    await page.get_by_label("Name, if you like").fill("Ada")
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_role("heading")).to_have_text("Welcome to the console")
    await looked_at(machine, "join")
    async with machine.lock.unlocked():
        await page.get_by_role("button", name="Make a passkey and join").click()
        await expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await looked_at(machine, "sign-in")
    async with machine.lock.unlocked():
        await page.get_by_role("button", name="Sign in with your passkey").click()
        await expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    await eventually(lambda: named(machine, "ada@example.com (console)"), "the device names the passkey")
    await invite(page, "sam@example.com", "support")
    await expect(page.get_by_role("heading")).to_have_text("Is it you?")
    await looked_at(machine, "step-up")
    async with machine.lock.unlocked():
        await page.get_by_role("button", name="Confirm with your passkey").click()
        await expect(page.get_by_role("heading", name="Staff", exact=True)).to_be_visible()
    await expect(page.get_by_role("status").first).to_contain_text("press Send the invitation")
    await expect(page.get_by_label("E-mail address")).to_have_value("sam@example.com")
    await expect(page.get_by_role("button", name="Send the invitation")).to_be_focused()
    await looked_at(machine, "staff-after-a-step-up")
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_role("rowheader", name="sam@example.com")).to_be_visible()
    await looked_at(machine, "staff")
    await page.get_by_role("link", name="Audit", exact=True).click()
    await expect(page.get_by_text("ada@example.com invited sam@example.com as support")).to_be_visible()
    await looked_at(machine, "audit")
    await page.goto("/console/staff")
    await page.get_by_role("link", name="The keys of the host's programs").click()
    await page.get_by_label("For which program").fill("login")
    await page.get_by_label("prompts:write").check()
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("heading", name="The new key")).to_be_visible()
    await looked_at(machine, "host-keys")
    a_year_on = page.locator("time[data-local]").filter(has_text=str(datetime.now(UTC).year + 1))
    await expect(a_year_on.first).to_be_visible()
    await page.get_by_role("link", name="Ada").click()
    await looked_at(machine, "me")
    with site.database.reading() as session:
        kinds = [entry.kind for entry in audit.read(session, Sought())]
    assert kinds == [
        "invited",
        "joined",
        "signed_out",
        "signed_in",
        "stepped_up",
        "invited",
        "audit_read",
        "host_key_made",
    ]


async def test_a_viewer_finds_nothing_to_press_and_is_told_who_may(site: Site, chromium: Browser) -> None:
    shop = Shop(chromium, site.origin)
    viewer = await shop.device(viewport=DESK)
    await viewer.page.goto(invitation(site, "vera@example.com", Role.VIEWER))
    async with viewer.lock.unlocked():
        await viewer.page.get_by_role("button", name="Make a passkey and join").click()
        await expect(viewer.page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    await expect(viewer.page.get_by_role("link", name="New cohort")).to_have_count(0)
    await viewer.page.goto("/console/launch")
    await expect(viewer.page.get_by_text("one has to be operator or admin")).to_be_visible()
    await looked_at(viewer, "forbidden")
    await viewer.page.goto("/account")
    await expect(viewer.page).to_have_url(f"{site.origin}/sign-in")
    async with viewer.lock.unlocked():
        await viewer.page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(viewer.page.get_by_text("opens the staff's console")).to_be_visible()
    assert len(await viewer.lock.passkeys()) == 1
    complaints = viewer.complaints
    await shop.close()
    assert complaints == []


def invitation(site: Site, address: str, role: Role) -> str:
    """The link of an invitation, made beside the running site."""
    settings = Settings(home=site.home, origin=site.origin)
    invitations = Invitations(clock=clock, seal=make_seal(settings), origin=site.origin)
    with site.database.transaction() as session:
        assert not staff.find(session, address)
        return invitations.invite(session, Author(by="root"), address=address, name="", role=role)


async def named(device: Device, name: str) -> bool:
    """Whether the device's list of passkeys calls each of them so."""
    return {passkey["userName"] for passkey in await device.lock.passkeys()} == {name}


async def invite(page: Page, address: str, role: str) -> None:
    """Fill in the form of the staff's page."""
    await page.goto("/console/staff")
    await page.get_by_label("E-mail address").fill(address)
    await page.get_by_label("Role", exact=True).select_option(role)
    await page.get_by_role("button", name="Send the invitation").click()


async def looked_at(device: Device, name: str) -> None:
    """Nothing keeps anybody out of the page, by light and in the dark, and on the narrowest screen."""
    assert await axe.barriers(device) == []
    if directory := os.environ.get("SHOTS"):
        await device.page.screenshot(path=f"{directory}/{name}.png", full_page=True)
        await device.page.emulate_media(color_scheme="dark")
        await device.page.screenshot(path=f"{directory}/{name}-dark.png", full_page=True)
        await device.page.emulate_media(color_scheme="light")
    await device.page.set_viewport_size(NARROWEST)
    assert await device.page.evaluate("document.documentElement.scrollWidth") == NARROWEST["width"]
    await device.page.set_viewport_size(DESK)
