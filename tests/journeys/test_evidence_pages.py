"""The pages of a pack of evidence are there for everybody: in any light, by ear, on a narrow screen."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from store import Database
from tests.journeys import axe
from tests.journeys.browser import Shop
from tests.journeys.test_accessibility import LANDMARKS, NARROWEST, TOO_WIDE
from tests.services.evidence.packing import contents, make_pack, make_people

pytestmark = [pytest.mark.browser]


@pytest.mark.parametrize("name", ["index.html", "accounts-0001.html"])
async def test_nobody_is_kept_out_of_the_pages_that_auditors_read(
    chromium: Browser, sqlite_database: Database, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(contents(make_pack(sqlite_database, make_people(sqlite_database))[0])[name])
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
