"""The development inbox, which is there in development and on this machine only."""

from pathlib import Path

import pytest

from domain.facts import Channel
from providers.inbox import Inbox, InboxItem
from store import Database
from tests.api.world import World, make_world
from tests.clocks import FakeClock

LOCAL = {"origin": "http://localhost:8400", "secure": False}


@pytest.fixture
def local(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> World:
    inbox = Inbox(tmp_path / "inbox.ndjson", clock)
    for key, text in (("a", "Your code is 123456"), ("b", "See https://example.org/x")):
        html = "<p style='color:red'>letter</p><script>alert(1)</script>" if key == "b" else ""
        channel = Channel.EMAIL if html else Channel.SMS
        inbox.put(
            InboxItem(
                key=key, channel=channel, to="+49", subject="", text=text, html=html, arrived_at=clock()
            )
        )
    return make_world(sqlite_database, clock, inbox=inbox, **LOCAL)


def test_messages_are_shown_newest_first_with_codes_and_links(local: World) -> None:
    page = local.browser(address="127.0.0.1").get("/dev/inbox").text
    assert page.index("https://example.org/x") < page.index("Your code is 123456")
    assert 'data-copy-code="123456"' in page
    assert '<a href="https://example.org/x"' in page


def test_a_letter_can_do_nothing(local: World) -> None:
    browser = local.browser(address="127.0.0.1")
    answer = browser.get("/dev/inbox/letter?key=b")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert browser.get("/dev/inbox/letter?key=nothing").status_code == 404


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.7"}),
        ("127.0.0.1", {"host": "evil.example"}),
    ],
)
def test_others_do_not_see_it(local: World, address: str, headers: dict[str, str]) -> None:
    assert local.browser(address=address).get("/dev/inbox", **headers).status_code == 404


def test_in_production_there_is_none(world: World) -> None:
    assert world.browser(address="127.0.0.1").get("/dev/inbox").status_code == 404
