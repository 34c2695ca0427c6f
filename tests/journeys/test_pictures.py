"""The pictures in the documentation are what people see: a test takes them, and keeps them when it is asked to.

`OFFRAMP_TAKE_PICTURES=1 pytest tests/journeys/test_pictures.py` puts them into `docs/pictures`.
"""

import os
import re
from pathlib import Path

import pytest

from tests.journeys.browser import PHONE, Device, Shop
from tests.journeys.site import Site
from tests.journeys.tour import getting_back_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = re.compile(r"pictures/([\w-]+)\.png")
PNG = b"\x89PNG\r\n\x1a\n"


def shown_in(guide: str) -> set[str]:
    """The pictures that a guide shows."""
    return set(SHOWN.findall((DOCS / guide).read_text()))


async def test_every_picture_of_getting_back_in_is_of_a_page_that_people_see(
    town: Site, shop: Shop, tmp_path: Path
) -> None:
    shown, taken = shown_in("recovery.md"), set()
    target = DOCS / "pictures" if os.environ.get("OFFRAMP_TAKE_PICTURES") else tmp_path

    async def look(device: Device, name: str) -> None:
        if name in shown:
            taken.add(name)
            target.mkdir(exist_ok=True)
            await device.page.wait_for_load_state()
            await device.page.screenshot(path=target / f"{name}.png", full_page=True)

    await getting_back_in(town, shop, look)
    assert taken == shown
    for name in shown:
        taken_now, kept = (
            (target / f"{name}.png").read_bytes(),
            (DOCS / "pictures" / f"{name}.png").read_bytes(),
        )
        assert taken_now[:8] == kept[:8] == PNG
        assert _width(taken_now) == _width(kept) == PHONE["width"]


def test_no_picture_is_kept_that_nothing_shows() -> None:
    kept = {path.stem for path in (DOCS / "pictures").glob("*.png")}
    assert kept == shown_in("recovery.md")


def _width(png: bytes) -> int:
    """The width in pixels, as the first chunk says it (PNG, third edition, 11.2.1)."""
    return int.from_bytes(png[16:20], "big")
