"""What the pages see of proxies is held against the settings."""

from datetime import timedelta
from typing import Any

import pytest

from offramp.checkup.findings import Diagnosis
from offramp.checkup.proxy_checks import LOOKED_BACK, proxy_finding
from offramp.config.settings import Settings
from services.proxy_sightings import EVERY
from services.site import ProxyHeader
from store import Database
from store.engine import sightings
from tests.api.world import make_world
from tests.clocks import START, FakeClock

ELEMENT = {"x-forwarded-for": "203.0.113.7", "forwarded": "for=203.0.113.7"}


def look(
    database: Database, settings: Settings, trusted: int | None, **changes: Any
) -> tuple[Diagnosis, str]:
    changed = settings.model_copy(update={"trusted_proxies": trusted, **changes})
    with database.reading() as session:
        finding = proxy_finding(session, changed, now=START)
    return finding.verdict, finding.detail


def visit(database: Database, *lines: str, header: str = "x-forwarded-for", **site: Any) -> None:
    """A person opens a page, by a proxy that writes these lines."""
    browser = make_world(database, FakeClock(), **site).browser(address="10.0.0.1")
    for line in lines or [""]:
        browser.get("/sign-in", **({header: line} if line else {}))


@pytest.mark.parametrize(
    ("entries", "trusted", "verdict", "words"),
    [
        (["203.0.113.7"], 1, Diagnosis.WELL, "had 1 entries in x-forwarded-for"),
        ([], 0, Diagnosis.WELL, "had 0 entries"),
        ([], None, Diagnosis.WELL, "OFFRAMP_TRUSTED_PROXIES is 0"),
        (["203.0.113.7", "198.51.100.1, 203.0.113.7"], 1, Diagnosis.WELL, "had 1 to 2 entries"),
        (["203.0.113.7"], 0, Diagnosis.UNWELL, "set it to 1"),
        (["203.0.113.7, 10.0.0.2"], 1, Diagnosis.UNWELL, "set it to 2"),
        ([], 1, Diagnosis.UNWELL, "a proxy writes no address"),
        (["", "203.0.113.7"], 1, Diagnosis.NOTE, "past a proxy"),
        (["unknown"], 1, Diagnosis.NOTE, "cannot be read"),
    ],
)
def test_the_doctor_says_what_it_sees_of_proxies(
    sqlite_database: Database,
    settings: Settings,
    entries: list[str],
    trusted: int | None,
    verdict: Diagnosis,
    words: str,
) -> None:
    visit(sqlite_database, *entries, trusted_proxies=trusted or 0)
    found = look(sqlite_database, settings, trusted)
    assert found[0] is verdict
    assert words in found[1]


def test_a_proxy_that_writes_the_other_header_is_named(sqlite_database: Database, settings: Settings) -> None:
    visit(sqlite_database, ELEMENT["forwarded"], header="forwarded", trusted_proxies=1)
    verdict, detail = look(sqlite_database, settings, 1)
    assert verdict is Diagnosis.UNWELL
    assert detail.endswith("set OFFRAMP_PROXY_HEADER=forwarded")
    visit(sqlite_database, ELEMENT["x-forwarded-for"], trusted_proxies=1, proxy_header=ProxyHeader.FORWARDED)
    _, detail = look(sqlite_database, settings, 1, proxy_header=ProxyHeader.FORWARDED)
    assert detail.endswith("set OFFRAMP_PROXY_HEADER=x-forwarded-for")


def test_what_was_long_ago_is_not_held_against_the_settings(
    sqlite_database: Database, settings: Settings
) -> None:
    with sqlite_database.transaction() as session:
        at = START - LOOKED_BACK - timedelta(seconds=1)
        sightings.note(session, entries=3, is_readable=True, has_other_header=False, at=at)
    verdict, detail = look(sqlite_database, settings, 1)
    assert (verdict, detail.startswith("no request was seen")) == (Diagnosis.WELL, True)


def test_each_kind_of_request_is_noted_once_in_a_while(database: Database) -> None:
    clock = FakeClock()
    browser = make_world(database, clock).browser()
    for _ in range(3):
        browser.get("/sign-in")
    clock.advance(EVERY)
    browser.get("/sign-in")
    browser.get("/sign-in", **{"x-forwarded-for": ", ".join(["a"] * 50)})
    with database.reading() as session:
        seen = [(sighting.entries, sighting.last_at) for sighting in sightings.since(session, START)]
    assert seen == [(0, START + EVERY), (9, START + EVERY)]
