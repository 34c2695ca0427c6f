"""Forms on slow networks and under impatient fingers: sent once, and reload, back and forward harm nothing."""

import re
from contextlib import suppress

import pytest
from playwright.async_api import Error, Request, Route, expect

from tests.journeys.browser import Shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import FIRST_STEP, Visitor

_SHAPES = """() => {
  const card = document.querySelector(".codes");
  const codes = [...card.querySelectorAll("code")].map((code) => ({
    lines: code.getClientRects().length, right: code.getBoundingClientRect().right,
  }));
  const padding = parseFloat(getComputedStyle(card).paddingRight);
  return [{ right: card.getBoundingClientRect().right, padding }, codes];
}"""

WHAT_IS_SENT = """names => {
  const sent = [];
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent.push(new URL(event.target.action).pathname);
    event.preventDefault(); // the page stays, as it does while the network is slow
  });
  const press = (name) => [...document.querySelectorAll("button")].find((button) => button.innerText === name).click();
  names.forEach(press);
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  press(names[0]);
  return sent;
}"""
"""Presses these buttons, comes back from another page, and presses the first once more; tells which forms were sent."""

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def posts_to(ada: Visitor, path: str) -> list[str]:
    """The forms that the browser sends to a path from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and path in request.url:
            sent.append(request.url)

    ada.page.on("request", note)
    return sent


async def test_an_impatient_finger_sends_a_form_once(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.asks_for_code()
    await ada.types("123456", into="Code")
    sent = await ada.page.evaluate(WHAT_IS_SENT, ["Sign in", "Sign in", "Send a new code"])
    assert sent == ["/sign-in/code", "/sign-in/code"]
    await expect(ada.button("Sign in")).to_have_attribute("aria-busy", "true")


async def test_a_code_whose_answer_got_lost_is_typed_again_without_scripts(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device(java_script_enabled=False))
    await ada.asks_for_code()
    code, context = await ada.next_code(), ada.page.context
    cookies = await context.cookies()

    async def lose_answer(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        assert answer.status == 303
        await context.clear_cookies()
        await context.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
        await route.abort()

    await ada.page.route("**/sign-in/code", lose_answer)
    await ada.types(code, into="Code")
    with suppress(Error):
        await ada.button("Sign in").click()
        await ada.page.wait_for_load_state()
    await ada.page.unroute("**/sign-in/code")
    await ada.open("/sign-in/code")
    await ada.types(code, into="Code")
    await ada.presses("Sign in")
    await ada.sees(FIRST_STEP)
    ada.device.complaints.clear()  # that the network failed


async def test_reload_back_and_forward_after_a_wrong_code_burn_nothing(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.asks_for_code()
    sent = posts_to(ada, "/sign-in/code")
    await ada.types("12", into="Code")
    await ada.presses("Sign in")
    await ada.reads("You have 4 tries left with it.")
    await expect(ada.page.get_by_label("Code", exact=True)).to_be_focused()
    for move in (ada.page.reload, ada.page.go_back, ada.page.go_forward, ada.page.reload):
        await move()
        await ada.sees("Type the code" if "/code" in ada.page.url else "Sign in")
        await expect(ada.page.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 1
    await ada.open("/sign-in/code")
    await ada.types_code()
    await ada.sees(FIRST_STEP)


async def test_whoever_comes_back_while_a_mailed_code_waits_finds_its_field(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_code()
    code = await ada.asks_for_letter()
    await ada.open("/")
    await ada.follows("Start")
    await ada.sees("Check your e-mail")
    await ada.types(" ".join(code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))), into="Code")
    await ada.presses("Confirm")
    await ada.sees("Sign in with your face, fingerprint or screen lock")


async def test_recovery_codes_and_device_links_are_pages_that_can_be_left_and_reloaded(
    town: Site, shop: Shop
) -> None:
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_passkey()
    await ada.presses("Add another device")
    link = await ada.device_link()
    await ada.page.reload()
    assert await ada.device_link() == link
    await ada.open("/setup/second")
    await ada.makes_recovery_codes()
    await ada.page.reload()
    await ada.sees(re.compile(r"Type the end of code \d"))
    await ada.page.go_back()
    await ada.page.go_forward()
    await ada.types_one_back()


async def test_no_recovery_code_is_broken_or_cut_on_the_smallest_phone_nor_in_print(
    town: Site, shop: Shop
) -> None:
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_passkey()
    await ada.open("/setup/second")
    await ada.makes_recovery_codes()
    await ada.page.set_viewport_size({"width": 320, "height": 800})
    for medium in ("screen", "print"):
        await ada.page.emulate_media(media=medium)
        card, codes = await ada.page.evaluate(_SHAPES)
        assert len(codes) == 8
        for code in codes:
            assert code["lines"] == 1
            assert code["right"] <= card["right"] - card["padding"]
