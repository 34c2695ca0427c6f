"""Whole sites for whole journeys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.site import Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """`offramp up` in a home of its own."""
    made = make_site(tmp_path / "home")
    try:
        made.up()
        yield made
    finally:
        made.stop()
