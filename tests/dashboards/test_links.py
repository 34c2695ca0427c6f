"""Every link of a dashboard leads to a page that there is, asked for what that page understands."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from domain.desk.stuck import Obstacle
from domain.words.desk_words import AGES
from store import Database
from tests.api.world import make_world
from tests.clocks import FakeClock
from tests.dashboards.asked import BOARDS, panels

_LABEL = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.(\w+):percentencode\}")


def links() -> Iterator[tuple[str, str]]:
    """Where each link stands, and where it leads."""
    for board in BOARDS:
        for link in json.loads(board.read_text())["links"]:
            if link["type"] == "link":
                yield board.stem, link["url"]
        for panel in panels(board):
            for link in [*panel.get("links", []), *panel["fieldConfig"]["defaults"].get("links", [])]:
                yield f"{board.stem}: {panel['title']}", link["url"]


LINKS = sorted(set(links()))


def test_every_link_leads_to_a_page_of_the_console(sqlite_database: Database) -> None:
    browser = make_world(sqlite_database, FakeClock()).browser()
    paths = {
        f"{place}: {url}": _LABEL.sub("spring", url.removeprefix("${console:raw}")) for place, url in LINKS
    }
    statuses = {place: browser.get(path).status_code for place, path in paths.items()}
    # Who is not signed in is sent to the sign-in by every page, and to nowhere by what is none.
    assert set(statuses.values()) == {303}, statuses
    assert browser.get("/console/nowhere").status_code == 404


@pytest.mark.parametrize(("place", "url"), [each for each in LINKS if "?" in each[1]])
def test_every_list_is_asked_for_what_it_can_be_narrowed_to(place: str, url: str) -> None:
    understood: dict[str, set[str]] = {
        "reason": {
            *Obstacle,
            "${__field.labels.reason:percentencode}",
            "${__data.fields.reason:percentencode}",
        },
        "older": {str(days) for days in AGES},
    }
    for name, values in parse_qs(url.partition("?")[2]).items():
        assert set(values) <= understood[name], place


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.stem)
def test_a_series_is_linked_by_labels_that_its_query_keeps(board: Any) -> None:
    for panel in panels(board):
        wanted = {
            label
            for link in panel["fieldConfig"]["defaults"].get("links", [])
            for label in _LABEL.findall(link["url"])
        }
        for target in panel["targets"]:
            by = re.search(r"sum by \(([^)]*)\)", target["expr"])
            kept = set(by[1].split(", ")) if by else wanted
            assert wanted <= kept, panel["title"]
