"""The page of all that is kept about a person is there for everybody: in any light, by ear, on a narrow screen."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from api.web.export_pages import standalone
from store import Database
from tests.journeys import axe
from tests.journeys.browser import Shop
from tests.journeys.test_accessibility import LANDMARKS, NARROWEST, TOO_WIDE
from tests.services.rights.test_exports import write_out
from tests.whole_persons import make_whole_person

pytestmark = [pytest.mark.browser]


async def test_nobody_is_kept_out_of_the_page_that_a_person_is_handed(
    chromium: Browser, sqlite_database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "export.html"
    path.write_text(standalone(write_out(sqlite_database, make_whole_person(sqlite_database))))
    shop = Shop(chromium, "http://localhost")
    device = await shop.device()
    await device.page.goto(path.as_uri())
    landmarks = {"headings": 1, "mains": 1, "languages": "en", "unlabelled": 0}
    assert await device.page.evaluate(LANDMARKS) == landmarks
    assert await axe.barriers(device) == []
    await device.page.set_viewport_size({"width": NARROWEST["width"], "height": NARROWEST["height"]})
    assert await device.page.evaluate(TOO_WIDE) <= 0
    await shop.close()
    assert device.complaints == []
