"""The development inbox is read while others write into it."""

from pathlib import Path

from providers.inbox import Inbox, InboxTexter
from tests.clocks import FakeClock
from tests.providers.letters import a_text


def deliver(inbox: Inbox, *keys: str) -> None:
    for key in keys:
        InboxTexter(inbox).send(a_text(key=key, text="Grüße"))


def test_a_line_that_is_being_written_is_left_for_the_next_look(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "inbox.ndjson"
    inbox = Inbox(path, clock)
    deliver(inbox, "one", "two")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        count = whole[:cut].count(b"\n")
        assert [item.key for item in inbox.latest()] == ["two", "one"][2 - count :]
        items, place = inbox.since(0)
        assert len(items) == count
        path.write_bytes(whole)
        rest, end = inbox.since(place)
        assert [item.key for item in (*items, *rest)] == ["one", "two"]
        assert end == inbox.end


def test_the_newest_come_first_and_no_more_than_asked_for(tmp_path: Path, clock: FakeClock) -> None:
    inbox = Inbox(tmp_path / "inbox.ndjson", clock)
    assert inbox.latest() == []
    assert inbox.since(0) == ([], 0)
    deliver(inbox, "one", "two", "three")
    assert [item.key for item in inbox.latest(2)] == ["three", "two"]
