"""The desk in a browser: roles side by side, what each cannot do, and a rescue pass from its asking to the passkey."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from domain.desk.stuck import Obstacle
from domain.facts import SmsState
from domain.staff.staff import Role
from store.people import accounts
from tests.clocks import START
from tests.factories import make_account, make_passkey
from tests.journeys.browser import Device, Shop
from tests.journeys.site import Site, running_site
from tests.journeys.test_staff import DESK, invitation, looked_at
from tests.store.desk.test_stuck import make_stuck

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FORGE = """async ([path, form]) => {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(form) });
  return answer.status;
}"""
TELEPHONE = {"width": 390, "height": 844}
PAUSE = {"reason": "forged", "days": "7", "once": "00000000-0000-7000-8000-000000000000"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Site]:
    """A site whose rescue passes open at once."""
    with running_site(tmp_path / "home", settings={"OFFRAMP_RESCUE_DELAY_HOURS": "0"}) as started:
        yield started


@pytest.fixture
async def shop(chromium: Browser, office: Site) -> AsyncIterator[Shop]:
    """Where the office gets its devices. None of them may have had anything to complain about."""
    opened = Shop(chromium, office.origin)
    yield opened
    complaints = [complaint for device in opened.sold for complaint in device.complaints]
    await opened.close()
    assert complaints == []


async def test_three_roles_side_by_side_and_a_rescue_pass_to_a_new_passkey(office: Site, shop: Shop) -> None:
    account_id = office.begin_journey()
    case = f"/console/cases/{account_id}"
    viewer = await joined(office, shop, Role.VIEWER)
    operator = await joined(office, shop, Role.OPERATOR)
    support = await joined(office, shop, Role.SUPPORT)
    admin = await joined(office, shop, Role.ADMIN)

    await viewer.page.goto("/console/stuck")
    await expect(viewer.page.get_by_role("heading", level=1)).to_have_text("Who is stuck")
    await looked_at(viewer, "stuck")
    fragile_id = one_loss_away(office)
    await viewer.page.goto("/console/desk/one-loss")
    await expect(viewer.page.get_by_role("heading", level=1)).to_have_text("Who is one loss away")
    await expect(viewer.page.get_by_role("row", name=external_id(office, fragile_id))).to_contain_text(
        "A phone"
    )
    await looked_at(viewer, "one-loss")
    for path in ("/console/desk", case, f"{case}/acts/pause", "/console/approvals"):
        await viewer.page.goto(path)
        await expect(viewer.page.get_by_role("heading", level=1)).to_have_text("Not with your role")
    assert await forged(viewer, f"{case}/acts/pause") == await forged(viewer, f"{case}/reveal") == 403

    await operator.page.goto(case)
    await expect(operator.page.get_by_text("you may look, but not act")).to_be_visible()
    await expect(operator.page.get_by_text("Show in full")).to_have_count(0)
    assert await forged(operator, f"{case}/acts/pause") == await forged(operator, f"{case}/reveal") == 403
    assert "paused" not in office.kinds(account_id)

    await finds(support, external_id(office, account_id))
    await looked_at(support, "case")
    await reveals(support, office.email(account_id))
    await acts_and_undoes(support)
    await exempts(support, external_id(office, account_id))
    code = await rescue_code(office, support, admin, case)
    await comes_in_by(code, office, shop, account_id)
    kinds = office.kinds(account_id)
    assert kinds["rescued"] == kinds["passkey_bound"] == 1


def one_loss_away(office: Site) -> str:
    """Somebody without text-message codes whose only passkey is on a phone."""
    with office.database.transaction() as session:
        account_id = make_account(session, sms=SmsState.REMOVED, sms_since=START).account_id
        make_passkey(session, account_id, platform="Android phone", last_used_at=START)
    return account_id


async def joined(site: Site, shop: Shop, role: Role) -> Device:
    """A member at a desk of their own."""
    device = await shop.device(viewport=DESK)
    await device.page.goto(invitation(site, f"{role}@example.com", role))
    async with device.lock.unlocked():
        await device.page.get_by_role("button", name="Make a passkey and join").click()
        await expect(device.page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    return device


async def forged(device: Device, path: str) -> int:
    """What a request is answered that no page offers."""
    status: int = await device.page.evaluate(FORGE, [path, PAUSE])
    return status


async def finds(support: Device, typed: str) -> None:
    """By keyboard alone, from any page of the console."""
    page = support.page
    await page.goto("/console/stuck")
    await page.keyboard.press("/")
    await expect(page.get_by_label("Find a person")).to_be_focused()
    await looked_at(support, "desk")
    await page.get_by_label("Find a person").focus()
    await page.keyboard.type(typed)
    await expect(page.get_by_role("link", name=re.compile(typed))).to_be_visible()
    await looked_at(support, "desk-found")
    await page.get_by_label("Find a person").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(typed)


async def reveals(support: Device, email: str) -> None:
    """A contact in full, for a reason, in one answer."""
    page = support.page
    await expect(page.get_by_text(email)).to_have_count(0)
    await page.get_by_text("Show in full").click()
    await page.get_by_label("Why do you need it?").fill("they ask which address we have")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_text(email)).to_be_visible()


async def acts_and_undoes(support: Device) -> None:
    """Pause, and resume by the banner."""
    page = support.page
    await page.goto(re.sub(r"/reveal.*", "", page.url))
    await page.get_by_text("More acts").click()
    await page.get_by_role("link", name="Pause").click()
    await looked_at(support, "act")
    await page.get_by_label("Why?").fill("they are travelling")
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("The journey is paused.", exact=False).first).to_be_visible()
    await looked_at(support, "done")
    await page.get_by_role("link", name="Undo it: resume").click()
    await page.get_by_label("Why?").fill("they are back")
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("The journey goes on.")).to_be_visible()


async def exempts(support: Device, who: str) -> None:
    """Whoever is exempt is in the list, which leads back to the case."""
    page = support.page
    await page.get_by_text("More acts").click()
    await page.get_by_role("link", name="Exempt").click()
    await page.get_by_label("No device that can hold a passkey").check()
    await page.get_by_label("Why?").fill("an old telephone")
    await page.get_by_role("button", name="Exempt").click()
    await expect(page.get_by_text("The person is exempt.")).to_be_visible()
    await looked_at(support, "exempt-case")
    await page.get_by_role("link", name="Desk").first.click()
    await page.get_by_role("link", name="Who is exempt, and until when").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Who is exempt")
    await looked_at(support, "exempt")
    await page.get_by_role("link", name=who).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(who)


async def rescue_code(site: Site, support: Device, admin: Device, case: str) -> str:
    """Asked for by one, approved by another, shown to the first."""
    await support.page.get_by_text("More acts").click()
    await support.page.get_by_role("link", name="Ask for a rescue pass").click()
    await support.page.get_by_label("Why?").fill("lost phone and number, identified in the shop")
    await support.page.get_by_role("button", name="Ask for a rescue pass").click()
    await expect(support.page.get_by_text("Now it waits for a colleague's approval.")).to_be_visible()
    await expect(support.page.get_by_role("button", name="Approve")).to_have_count(0)
    await admin.page.goto("/console")
    await admin.page.get_by_role("link", name="Approvals 1 waiting").click()
    await looked_at(admin, "approvals")
    await steps_up(admin, "Approve", back_at="Approvals")
    await admin.page.get_by_role("button", name="Approve").click()
    await expect(admin.page.get_by_text("The delay is over")).to_be_visible()
    await expect(admin.page.get_by_role("button", name="Show the code")).to_have_count(0)
    await support.page.goto("/console/approvals")
    await steps_up(support, "Show the code", back_at="Approvals")
    await support.page.get_by_role("button", name="Show the code").click()
    await expect(support.page.get_by_role("heading", level=1)).to_contain_text("The code for")
    await looked_at(support, "rescue-code")
    return await support.page.locator(".code-once code").inner_text()


async def steps_up(device: Device, button: str, *, back_at: str) -> None:
    """Press what cannot be undone, and show who it is."""
    await device.page.get_by_role("button", name=button).click()
    await expect(device.page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    async with device.lock.unlocked():
        await device.page.get_by_role("button", name="Confirm with your passkey").click()
        await expect(device.page.get_by_role("heading", level=1)).to_have_text(back_at)


async def comes_in_by(code: str, site: Site, shop: Shop, account_id: str) -> None:
    """The person makes a passkey on a new phone."""
    phone = await shop.device()
    await phone.page.goto("/rescue")
    await phone.page.get_by_label("Phone number or e-mail").fill(site.email(account_id))
    await phone.page.get_by_label("Code from support").fill(code)
    await phone.page.get_by_role("button", name="Go on").click()
    async with phone.lock.unlocked():
        await phone.page.get_by_role("button", name="Set it up").click()
        await expect(phone.page).to_have_url(re.compile("/device/prove"))
        await phone.page.get_by_role("button", name="Try it now").click()
        await expect(phone.page.get_by_role("heading", level=1)).to_have_text("You're in again")
    assert len(await phone.lock.passkeys()) == 1


def external_id(site: Site, account_id: str) -> str:
    """What the service calls an account."""
    with site.database.reading() as session:
        return accounts.get(session, account_id).external_id


async def test_a_case_fits_on_three_screens_of_a_telephone_and_opens_by_keyboard(
    office: Site, shop: Shop
) -> None:
    with office.database.transaction() as session:
        account_id = make_stuck(session, Obstacle.PROMPT_FAILED, Obstacle.CANNOT_NOW, Obstacle.NUDGES_USED_UP)
    support = await joined(office, shop, Role.SUPPORT)
    page = support.page
    await page.goto(f"/console/cases/{account_id}")
    await expect(page.get_by_role("heading", name="Milestones")).to_be_visible()
    await expect(page.locator(".milestones")).to_be_visible()
    await page.set_viewport_size({"width": TELEPHONE["width"], "height": TELEPHONE["height"]})
    await page.reload()
    await expect(page.get_by_role("link", name="Give more time")).to_be_visible()
    await expect(page.locator(".milestones")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollHeight") <= 3 * TELEPHONE["height"]
    await looked_at(support, "case-telephone")
    await page.locator("summary", has=page.get_by_role("heading", name="What happened")).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".log")).to_be_visible()
