"""Whole sites for whole journeys, and devices to walk them with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.journeys.browser import CHROMIUM, Shop, running_chromium
from tests.journeys.site import Site, running_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """`offramp up` in a home of its own."""
    with running_site(tmp_path / "home") as started:
        yield started


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One `offramp up` for all tests that harm nothing; each brings accounts of its own."""
    with running_site(tmp_path_factory.mktemp("town") / "home") as started:
        yield started


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of this test run; without one, the tests that need it are skipped."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with running_chromium() as browser:
        yield browser


@pytest.fixture
async def shop(chromium: Browser, town: Site) -> AsyncIterator[Shop]:
    """Where a test gets its devices. None of them may have had anything to complain about."""
    opened = Shop(chromium, town.origin)
    yield opened
    complaints = [complaint for device in opened.sold for complaint in device.complaints]
    await opened.close()
    assert complaints == []
