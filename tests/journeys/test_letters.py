"""E-mails as a mail program on a phone shows them: readable in any light, on a narrow screen, without a style sheet."""

import re

import pytest
from playwright.async_api import Browser

from domain.facts import Channel
from domain.messages.messages import Template
from domain.messages.samples import SAMPLES
from domain.ports import Wording
from providers.wording import TemplateWriter
from tests.journeys import axe
from tests.journeys.browser import Shop
from tests.journeys.test_accessibility import too_wide

pytestmark = pytest.mark.browser

ORIGIN = "https://accounts.example.test"
# A letter is shown inside the mail program's own page, which has the landmarks.
LANDMARKS = ("landmark-one-main", "region")


def letter(template: Template) -> str:
    """An e-mail with everything that one can have."""
    writer = TemplateWriter(service_name="The Bakery by the Harbour", origin=ORIGIN)
    wording = Wording(
        template=template,
        channel=Channel.EMAIL,
        locale="de",
        values=SAMPLES[template],
        objection_link=f"{ORIGIN}/not-me/o1",
        stop_link=f"{ORIGIN}/no-reminders/s1",
    )
    return writer.render(wording).html


@pytest.mark.parametrize(
    "template", [Template.VERIFY_EMAIL, Template.NUDGE_SECOND_ROUTE_READY, Template.PASSKEY_BOUND]
)
async def test_a_letter_is_readable_for_everybody(chromium: Browser, template: Template) -> None:
    shop = Shop(chromium, ORIGIN)
    try:
        device = await shop.device()
        html = letter(template)
        for shown in (html, re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)):
            await device.page.set_content(shown)
            barriers = await axe.barriers(device) + await too_wide(device.page)
            assert [barrier for barrier in barriers if not barrier.startswith(LANDMARKS)] == []
    finally:
        await shop.close()
