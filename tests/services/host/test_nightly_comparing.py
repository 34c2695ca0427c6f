"""The host's list by night: once, by one worker, and again if that worker dies or the host does not answer."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import BinaryIO

import pytest

from domain.host import nights
from providers.host_lists import ListNotRead
from services.host.nightly_comparing import HELD_FOR, TRIED_AGAIN_AFTER, NightlyComparison
from store import Database
from store.host import comparisons, list_runs
from store.host.list_runs import HostListRun
from tests.clocks import FakeClock
from tests.factories import make_account

MOMENT = timedelta(seconds=1)
DAY = timedelta(days=1)
ADDRESS = "https://host.example/states"


@dataclass
class Host:
    """A host with a list; `trouble` is why it does not give it."""

    lines: bytes = b'{"external_id": "ada", "sms": "off"}\n'
    trouble: str = ""
    asked: int = 0
    is_stopping: bool = False
    inside: list[object] = field(default_factory=list)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        self.asked += 1
        if self.trouble:
            raise ListNotRead(self.trouble)
        yield io.BytesIO(self.lines)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def nightly(database: Database, clock: FakeClock, host: Host) -> NightlyComparison:
    """A worker, at a moment when the list is due; Ada's codes are on here."""
    with database.transaction() as session:
        make_account(session, external_id="ada")
    clock.now = nights.last_due(clock.now, address=ADDRESS) + DAY
    clock.now = nights.last_due(clock.now, address=ADDRESS)
    return NightlyComparison(
        database=database,
        clock=clock,
        address=ADDRESS,
        open_list=host.opened,
        is_stopping=lambda: host.is_stopping,
    )


def run_of(database: Database) -> HostListRun:
    with database.reading() as session:
        row = list_runs.last(session)
    assert row
    return row


def test_each_night_it_is_compared_once(
    nightly: NightlyComparison, host: Host, clock: FakeClock, database: Database
) -> None:
    assert nightly.do_if_due()
    with database.reading() as session:
        kept = comparisons.last(session)
    assert kept
    assert kept.differences["off_there"] == 1
    assert nightly.do_if_due() is None
    clock.now += timedelta(hours=12)
    assert nightly.do_if_due() is None
    clock.now += DAY
    assert nightly.do_if_due()
    assert host.asked == 2


def test_a_host_that_does_not_answer_is_asked_again_after_an_hour(
    nightly: NightlyComparison, host: Host, clock: FakeClock, database: Database
) -> None:
    host.trouble = "the host answered 500"
    assert nightly.do_if_due() is None
    assert run_of(database).failed_because == "the host answered 500"
    host.trouble = ""
    clock.now += TRIED_AGAIN_AFTER - MOMENT
    assert nightly.do_if_due() is None
    clock.now += MOMENT
    assert nightly.do_if_due()
    assert run_of(database).failed_because == ""


def test_one_worker_compares_and_another_one_only_when_that_one_has_died(
    nightly: NightlyComparison, host: Host, clock: FakeClock, database: Database
) -> None:
    with database.transaction() as session:
        assert list_runs.claim(session, due=clock.now, now=clock.now, until=clock.now + HELD_FOR)
    assert nightly.do_if_due() is None
    clock.now += HELD_FOR
    assert nightly.do_if_due()


def test_while_a_long_list_comes_nobody_else_begins(
    nightly: NightlyComparison, host: Host, clock: FakeClock
) -> None:
    class SlowList(io.BytesIO):
        """Takes two minutes for each line, in which another worker looks."""

        def read(self, size: int | None = -1, /) -> bytes:
            clock.now += 2 * HELD_FOR / 10
            host.inside.append(second.do_if_due())
            return self.readline()

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        yield SlowList(host.lines * 20)

    second = nightly
    assert replace(nightly, open_list=opened).do_if_due()
    assert set(host.inside) == {None}
    assert host.asked == 0


def test_a_worker_that_was_overtaken_changes_nothing_any_more(
    nightly: NightlyComparison, host: Host, clock: FakeClock, database: Database
) -> None:
    """It stands still for longer than its claim holds, while another one compares a newer list."""

    class StandsStill(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            line = self.readline()
            if line and not host.inside:
                clock.now += HELD_FOR + MOMENT
                host.inside.append(nightly.do_if_due())
            return line

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        yield StandsStill(b'{"external_id": "stale", "sms": "off"}\n' * 3)

    assert replace(nightly, open_list=opened).do_if_due() is None
    assert host.inside != [None]
    with database.reading() as session:
        kept = comparisons.last(session)
    assert kept
    assert kept.differences["unknown_here"] == 0
    assert run_of(database).done_at == run_of(database).claimed_at == clock.now


@pytest.mark.parametrize("end", ["done", "trouble", "hold"])
def test_no_word_of_a_claim_counts_that_another_one_has_replaced(
    database: Database, clock: FakeClock, end: str
) -> None:
    first, until = clock(), clock() + HELD_FOR
    for claimed_at in (first, until):
        with database.transaction() as session:
            due = first - DAY
            assert list_runs.claim(session, due=due, now=claimed_at, until=claimed_at + HELD_FOR)
    before = run_of(database).model_dump()
    with database.transaction() as session:
        match end:
            case "done":
                assert not list_runs.note_done(session, first, at=until)
            case "trouble":
                assert not list_runs.note_trouble(session, first, "it broke", at=until, until=until)
            case "hold":
                assert not list_runs.hold(session, first, until=until)
    assert run_of(database).model_dump() == before
    assert before["wanted_since"] == first


def test_a_worker_that_stops_lets_another_one_begin_at_once(nightly: NightlyComparison, host: Host) -> None:
    host.is_stopping = True
    assert nightly.do_if_due() is None
    host.is_stopping = False
    assert nightly.do_if_due()


def test_a_line_with_half_of_a_character_costs_only_itself(nightly: NightlyComparison, host: Host) -> None:
    host.lines = b'{"external_id": "\\ud800", "sms": "on"}\n' + host.lines
    comparison = nightly.do_if_due()
    assert comparison
    assert (comparison.bad_lines, comparison.compared) == (1, 1)
