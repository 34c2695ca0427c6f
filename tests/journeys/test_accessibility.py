"""Every page is there for everybody: by eye in any light, by ear, by keyboard alone, on a narrow screen."""

import re
from collections import Counter

import pytest
from playwright.async_api import Page, expect

from tests.journeys import axe
from tests.journeys.browser import PHONE, Device, Shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.tour import CHAPTERS, Chapter
from tests.journeys.visitors import FIRST_STEP, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NARROWEST = {"width": 320, "height": 640}
"""What is left of a desktop at 400 percent (WCAG 2.2, 1.4.10)."""

LANDMARKS = """() => ({
  headings: document.querySelectorAll("h1").length,
  mains: document.querySelectorAll("main").length,
  languages: document.documentElement.lang,
  unlabelled: [...document.querySelectorAll("input:not([type=hidden])")].filter((field) => !field.labels.length).length,
})"""

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
}"""


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
async def test_nobody_is_kept_out_of_any_page(town: Site, shop: Shop, chapter: Chapter) -> None:
    barriers: dict[str, list[str]] = {}
    titles: Counter[str] = Counter()

    async def look(device: Device, name: str) -> None:
        page = device.page
        await expect(page).to_have_title(re.compile(r".+ · .+"))
        await page.wait_for_load_state()  # its colours, too
        landmarks = await page.evaluate(LANDMARKS)
        assert landmarks == {"headings": 1, "mains": 1, "languages": "en", "unlabelled": 0}, name
        titles[await page.title()] += 1
        barriers[name] = await axe.barriers(device) + await too_wide(page)

    await chapter(town, shop, look)
    assert {name: faults for name, faults in barriers.items() if faults} == {}
    assert len(titles) > 1


async def too_wide(page: Page) -> list[str]:
    """By how much one would have to scroll sideways on a narrow screen."""
    await page.set_viewport_size({"width": NARROWEST["width"], "height": NARROWEST["height"]})
    excess = await page.evaluate(TOO_WIDE)
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    return [f"{excess} pixels too wide"] if excess > 0 else []


async def test_the_keyboard_alone_signs_in_and_reaches_the_passkey(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), device)
    await ada.open("/sign-in")
    await by_keyboard(ada.page, "Phone number or e-mail", town.phone(ada.account_id))
    await ada.sees("Type the code")
    await by_keyboard(ada.page, "Code", await ada.next_code())
    await ada.sees(FIRST_STEP)
    await tab_to(ada.page, "Send me a code")
    await ada.page.keyboard.press("Enter")
    await ada.sees("Check your e-mail")
    await by_keyboard(ada.page, "Code", (await ada.letter("confirms your e-mail")).split()[0])
    await ada.sees("Sign in with your face, fingerprint or screen lock")
    await tab_to(ada.page, "Set it up on this device")
    async with device.lock.unlocked():
        await ada.page.keyboard.press("Enter")
        await ada.sees("Now try it once")
    await tab_to(ada.page, "I can't do this now")
    await ada.page.keyboard.press("Enter")
    await ada.sees("That's all right")


async def by_keyboard(page: Page, label: str, text: str) -> None:
    """Fill in the field that has the focus from the start, and send the form."""
    await expect(page.get_by_label(label, exact=True)).to_be_focused()
    assert await page.evaluate(OUTLINE) >= 2
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until something has the focus, which is to be seen wherever it is."""
    target = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
    for _ in range(20):
        await page.keyboard.press("Tab")
        assert await page.evaluate(OUTLINE) >= 2, await page.evaluate("document.activeElement.outerHTML")
        if await target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no number of Tabs leads to {name}")
