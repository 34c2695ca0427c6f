"""`offramp accounts compare`: every difference is told, nothing is changed, and the counts are kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from domain.facts import HostChange, SmsState
from domain.host.comparing import SmsDifference
from domain.journal import Actor
from offramp.clock import clock
from offramp.commands.comparing import WORDS
from store import Database
from store.figures import live_figures
from store.host import comparisons, list_runs
from store.host.comparisons import HostComparison
from store.journeys import host_words
from tests.clocks import START
from tests.factories import make_account
from tests.offramp.conftest import Run

LIST = b"""{"external_id": "ada", "sms": "on"}
{"external_id": "bilal", "sms": "off"}

{"external_id": "chiara", "sms": "off"}
{"external_id": "nobody", "sms": "on"}
{"external_id": "dora", "sms": "off"}
{"external_id": "dora", "sms": "gone"}
[]
{"sms": "on"}
no json
"""

UNSAID = "the list has bad lines or no accounts, so it does not say who is missing in it"
AGREED = b"""{"external_id": "ada", "sms": "off"}
{"external_id": "bilal", "sms": "on"}
{"external_id": "chiara", "sms": "off"}
{"external_id": "dora", "sms": "off"}
"""


@pytest.fixture
def people(home_database: Database) -> Database:
    """Ada and Bilal differ from the list, Chiara agrees with it, and the host is being asked about Dora."""
    with home_database.transaction() as session:
        make_account(session, external_id="ada", sms=SmsState.SUSPENDED, sms_since=START)
        make_account(session, external_id="bilal")
        make_account(session, external_id="chiara", sms=SmsState.REMOVED, sms_since=START)
        dora = make_account(session, external_id="dora").account_id
        host_words.ask(session, dora, HostChange.SUSPEND, at=START, actor=Actor.JOURNEY)
    return home_database


def last(database: Database) -> HostComparison | None:
    with database.reading() as session:
        return comparisons.last(session)


def test_every_difference_is_told_and_kept(offramp: Run, people: Database) -> None:
    ran = offramp("accounts", "compare", "--file", "-", stdin=LIST)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"ada: {WORDS[SmsDifference.ON_THERE]}",
        f"bilal: {WORDS[SmsDifference.OFF_THERE]}",
        f"nobody: {WORDS[SmsDifference.UNKNOWN_HERE]}",
        "5 accounts compared: 3 differ, 1 are being asked about, 4 bad lines",
    ]
    assert [line.split(":")[0] for line in ran.err.splitlines()] == [
        "line 7",
        "line 8",
        "line 9",
        "line 10",
        UNSAID,
    ]
    kept = last(people)
    assert kept
    assert kept.differences == {"on_there": 1, "off_there": 1, "unknown_here": 1}
    doctor = offramp("doctor")
    assert "✗ host_list: at" in doctor.out
    assert "1 on_there, 1 off_there, 1 unknown_here" in doctor.out


def test_machines_get_a_line_for_each_difference_and_one_for_the_end(offramp: Run, people: Database) -> None:
    ran = offramp("accounts", "compare", "--file", "-", "--json", stdin=LIST)
    *differences, end = [json.loads(line) for line in ran.out.splitlines()]
    assert differences[0] == {"line": 1, "external_id": "ada", "difference": "on_there"}
    assert (end["compared"], end["under_way"], end["bad_lines"]) == (5, 1, 4)


def test_a_list_that_agrees_is_well_and_takes_the_place_of_the_one_before(
    offramp: Run, people: Database
) -> None:
    offramp("accounts", "compare", "--file", "-", stdin=LIST)
    ran = offramp("accounts", "compare", "--file", "-", stdin=AGREED)
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == "4 accounts compared: 0 differ, 1 are being asked about, 0 bad lines; 0 more are not listed\n"
    )
    kept = last(people)
    assert kept
    assert kept.differences == {"on_there": 0, "off_there": 0, "unknown_here": 0, "missing_there": 0}
    assert "✓ host_list: at" in offramp("doctor").out


def test_accounts_that_are_not_listed_are_told_at_the_end(offramp: Run, people: Database) -> None:
    rest = AGREED.splitlines(keepends=True)[1]
    ran = offramp("accounts", "compare", "--file", "-", stdin=rest)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines() == [
        *(f"{name}: {WORDS[SmsDifference.MISSING_THERE]}" for name in ("ada", "chiara", "dora")),
        "1 accounts compared: 0 differ, 0 are being asked about, 0 bad lines; 3 more are not listed",
    ]
    assert "the host's list differed: 3 missing_there; see OfframpHostDiffers" in offramp("doctor").out
    with people.reading() as session:
        assert live_figures.read(session, now=clock()).host_differences["missing_there"] == 3
    as_json = offramp("accounts", "compare", "--file", "-", "--json", stdin=rest)
    first, *_, end = [json.loads(line) for line in as_json.out.splitlines()]
    assert first == {"line": None, "external_id": "ada", "difference": "missing_there"}
    assert end["differences"]["missing_there"] == 3


@pytest.mark.parametrize(("content", "code"), [(AGREED[:-30], 1), (AGREED + b"<!doctype html>", 1), (b"", 1)])
def test_a_list_that_was_cut_says_nothing_of_those_behind_the_cut(
    offramp: Run, people: Database, content: bytes, code: int
) -> None:
    ran = offramp("accounts", "compare", "--file", "-", stdin=content)
    assert ran.code == code
    assert ran.err.splitlines()[-1] == UNSAID
    assert WORDS[SmsDifference.MISSING_THERE] not in ran.out
    kept = last(people)
    assert kept
    assert kept.differences == {"on_there": 0, "off_there": 0, "unknown_here": 0}
    assert "it does not say who is missing" in offramp("doctor").out


def test_a_list_that_is_old_is_noted(offramp: Run, people: Database) -> None:
    with people.transaction() as session:
        session.add(
            HostComparison(ended_at=START, compared=1, under_way=0, bad_lines=0, differences={"on_there": 0})
        )
    assert clock() > START
    assert "host_list: last compared at" in offramp("doctor").out


def test_a_list_that_the_worker_could_not_read_is_told_until_one_is_compared(
    offramp: Run, people: Database
) -> None:
    with people.transaction() as session:
        list_runs.claim(session, due=START, now=START, until=START)
        list_runs.note_trouble(session, START, "the host answered 500", at=START, until=START)
    assert "the host answered 500; it is asked again each hour" in offramp("doctor").out
    offramp("accounts", "compare", "--file", "-", stdin=AGREED)
    assert "the host answered 500" not in offramp("doctor").out


def test_a_long_list_is_read_in_batches(offramp: Run, people: Database) -> None:
    many = b"".join(b'{"external_id": "u-%d", "sms": "on"}\n' % number for number in range(1201))
    ran = offramp("accounts", "compare", "--file", "-", "--json", stdin=many)
    assert json.loads(ran.out.splitlines()[-1])["differences"]["unknown_here"] == 1201


@pytest.mark.parametrize("arguments", [(), ("--file", "-", "--url", "https://host.example")])
def test_one_place_is_named(offramp: Run, people: Database, arguments: tuple[str, ...]) -> None:
    assert offramp("accounts", "compare", *arguments).code == 2


@contextmanager
def host(status: int, body: bytes, *, length: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """A host that answers with a list; yields its address, and the authorizations that it was shown."""
    shown: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("authorization", ""))
            self.send_response(status)
            self.send_header("content-length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/states", shown
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_host_is_asked_with_its_token(
    offramp: Run, people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_HOST_LIST_TOKEN", "secret")
    with host(200, LIST) as (url, shown):
        ran = offramp("accounts", "compare", "--url", url)
    assert ran.code == 1
    assert shown == ["Bearer secret"]
    assert "5 accounts compared" in ran.out


@pytest.mark.parametrize(("status", "length"), [(500, None), (302, None), (200, 100_000)])
def test_a_list_that_is_not_read_to_its_end_leaves_no_result(
    offramp: Run, people: Database, status: int, length: int | None
) -> None:
    with host(status, LIST, length=length) as (url, _):
        ran = offramp("accounts", "compare", "--url", url)
    assert ran.code == 3
    assert last(people) is None


def test_no_list_is_asked_for_without_encryption(offramp: Run, people: Database) -> None:
    ran = offramp("accounts", "compare", "--url", "http://host.example/states")
    assert ran.code == 3
    assert "https://" in ran.err
