"""The tests' own senses: what a browser complains about is heard, and what keeps people out is seen."""

import pytest

from tests.journeys import axe
from tests.journeys.browser import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def test_inline_script_is_refused_and_the_breach_is_heard(shop: Shop) -> None:
    device = await shop.device()
    await device.page.goto("/sign-in")
    await device.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))"
    )
    assert await device.page.evaluate("window.ran") is None
    [complaint] = device.complaints
    assert "Content Security Policy" in complaint
    device.complaints.clear()


async def test_words_too_pale_to_read_are_seen(shop: Shop) -> None:
    device = await shop.device()
    await device.page.goto("/sign-in")
    assert await axe.barriers(device) == []
    await device.page.evaluate("document.querySelector('main p').style.color = '#777777'")
    light, dark = await axe.barriers(device)
    assert light.startswith("color-contrast")
    assert dark.startswith("color-contrast")
