"""The console in a browser: it lives without reloading, disturbs nobody who is typing, and is there for everybody."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from domain.facts import SmsState
from domain.rollouts.rollout import Stage
from store.people import accounts
from store.rollouts import cohorts
from tests.adoption import make_town
from tests.clocks import START
from tests.console import make_rollout, set_stage
from tests.factories import make_account, make_member, put_sms
from tests.journeys import axe
from tests.journeys.browser import Device, Shop
from tests.journeys.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DESK = ViewportSize(width=1280, height=900)
NARROWEST = ViewportSize(width=320, height=640)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A town apart. Accounts that no journey has brought where they are would stop retiring for everybody else."""
    with running_site(tmp_path_factory.mktemp("console") / "home") as started:
        yield started


@pytest.fixture
async def desk(shop: Shop) -> Device:
    """The operator's machine, on which Offramp runs."""
    return await shop.device(extra_http_headers={}, viewport=DESK)


async def test_new_numbers_appear_by_themselves_and_an_open_form_is_left_alone(
    town: Site, desk: Device
) -> None:
    cohort_id = make_rollout(town.database, name="lively")
    page = await shown(desk, cohort_id)
    await page.get_by_text("Extend", exact=True).click()
    await page.get_by_label("By how long").fill("2 days")
    await page.get_by_label("Why").locator("visible=true").fill("a holi")
    with town.database.transaction() as session:
        account_id = make_member(session, cohort_id, wave=1, bucket=1000)
        put_sms(session, accounts.get(session, account_id), SmsState.SUSPENDED, at=START)
    await expect(waves(page)).to_contain_text("10 of 10 launched")
    await page.keyboard.type("day")
    await expect(page.get_by_label("Why").locator("visible=true")).to_have_value("a holiday")


async def test_whoever_is_typing_hears_that_the_rollout_has_moved_on(town: Site, desk: Device) -> None:
    cohort_id = make_rollout(town.database, name="moving")
    page = await shown(desk, cohort_id)
    await page.get_by_text("Abort", exact=True).click()
    with town.database.transaction() as session:
        set_stage(session, cohort_id, Stage.PAUSED)
    await expect(page.locator("#part-order-abort .stale")).to_be_visible()
    await expect(page.locator("#part-standing")).to_contain_text("paused")
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_disabled()
    await page.get_by_label("Why").locator("visible=true").press("Escape")
    await expect(page.locator("#part-order-abort details")).not_to_have_attribute("open", "")


async def test_an_operator_launches_pauses_and_aborts_a_cohort(town: Site, desk: Device) -> None:
    with town.database.transaction() as session:
        make_account(session, external_id="nora")
    page = desk.page
    await page.goto("/console/launch")
    await page.get_by_text("Say your name").click()
    await page.get_by_label("Your name").fill("Olga")
    await page.get_by_role("button", name="Keep it").click()
    await page.get_by_role("link", name="New cohort").first.click()
    description = page.get_by_label("The description, in TOML")
    await description.fill('name = "by-hand"\n[[waves]]\npercent = 0\n')
    await page.get_by_role("button", name="See what it would come to").click()
    await expect(page.get_by_role("alert")).to_contain_text("waves[0].percent")
    await description.fill('name = "by-hand"\n[include]\nexternal_ids = ["nora"]\n[[waves]]\npercent = 100\n')
    await page.get_by_role("button", name="See what it would come to").click()
    await page.get_by_label("Why").fill("to see it go")
    await page.get_by_role("button", name="Launch by-hand").click()
    await expect(page.locator("#part-standing")).to_contain_text("baking", timeout=30_000)
    for command, stage in (("Pause", "paused"), ("Abort", "aborted")):
        await page.get_by_text(command, exact=True).click()
        await page.get_by_label("Why").locator("visible=true").fill(f"{command} it")
        await page.get_by_role("button", name=f"{command} by-hand").click()
        await expect(page.locator("#part-standing")).to_contain_text(stage)
    await expect(page.locator("#part-log")).to_contain_text("Olga aborted")
    with town.database.reading() as session:
        row = cohorts.by_name(session, "by-hand")
        assert row
        assert row.stage == Stage.ABORTED


async def test_the_console_is_there_for_everybody(town: Site, desk: Device) -> None:
    cohort_id = make_rollout(town.database, name="for-everybody")
    with town.database.transaction() as session:
        make_town(session, people=12)
    for path in (
        "/console/home",
        "/console",
        f"/console/cohorts/{cohort_id}",
        "/console/launch",
        "/console/adoption",
    ):
        await desk.page.set_viewport_size(DESK)
        await desk.page.goto(path)
        assert await axe.barriers(desk) == []
        await desk.page.set_viewport_size(NARROWEST)
        assert await desk.page.evaluate("document.documentElement.scrollWidth") == NARROWEST["width"]


async def test_two_keys_lead_to_the_desk_and_back_and_not_from_within_a_field(
    town: Site, desk: Device
) -> None:
    page = desk.page
    await page.goto("/console")
    await page.keyboard.type("gd")
    await expect(page.get_by_role("heading", name="Desk", exact=True)).to_be_visible()
    await page.keyboard.type("gd")  # the search has the focus
    await expect(page.get_by_label("Find a person")).to_have_value("gd")
    await page.get_by_label("Find a person").blur()
    await page.keyboard.type("gc")
    await expect(page.get_by_role("heading", name="Cohorts")).to_be_visible()
    await page.keyboard.type("gt")
    await expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


async def test_on_a_narrow_screen_an_order_can_be_given_by_keyboard(town: Site, desk: Device) -> None:
    page = await shown(desk, make_rollout(town.database, name="narrow"))
    await page.set_viewport_size(NARROWEST)
    await page.get_by_text("Pause", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Why").locator("visible=true")).to_be_focused()
    assert await axe.barriers(desk) == []


async def shown(device: Device, cohort_id: str) -> Page:
    """The page of a cohort."""
    await device.page.goto(f"/console/cohorts/{cohort_id}")
    return device.page


def waves(page: Page) -> Locator:
    """How far each wave is."""
    return page.locator("#part-waves")
