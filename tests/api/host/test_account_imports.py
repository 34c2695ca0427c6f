"""Many accounts at once: told line by line, stored batch by batch, and never held in memory as a whole."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from starlette.types import Message

from api.host.account_imports import StreamedImport
from api.web.security import LARGEST_BODY
from domain.host.keys import KeyScope
from services.imports.streaming import BATCH, StreamImport
from store import Database, Session
from store.engine.absences import Absence, DatabaseAway
from store.people import accounts
from tests.api.host.keys import call, is_refused, key_for
from tests.api.world import World


@pytest.fixture
def key(world: World) -> str:
    return key_for(world, KeyScope.ACCOUNTS_WRITE)


def line(number: int, **fields: Any) -> bytes:
    told = {"external_id": f"u-{number}", "phone": f"+4915112{number:06d}", **fields}
    return json.dumps(told).encode() + b"\n"


def send(world: World, key: str, content: bytes, query: str = "") -> list[dict[str, Any]]:
    answer = call(world, key, "POST", f"/accounts/imports{query}", content=content)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(text) for text in answer.text.splitlines()]


def count(world: World) -> int:
    with world.database.reading() as session:
        return accounts.count(session)


def test_bad_lines_are_told_with_their_reasons_and_the_rest_is_kept(world: World, key: str) -> None:
    content = b"".join(
        (
            line(1, email={"value": "a@example.com", "verified": True}, methods={"sms": "only"}),
            b"{\n",
            line(2, email="nobody"),
            b"\n",
            line(3, phone="\u0000"),
            line(4, shoe_size=42),
            b'{"external_id": "\xff"}\n',
            line(5, phone=None),
        )
    )
    *remarks, total = send(world, key, content)
    assert [remark["line"] for remark in remarks] == [2, 3, 5, 6, 7]
    assert remarks[0]["refused"] == "the line is not JSON"
    assert all(remark["refused"] for remark in remarks)
    assert total == {"committed_line": 8, "new": 2, "changed": 0, "unchanged": 0, "refused": 5, "done": True}
    with world.database.reading() as session:
        first = accounts.by_external_id(session, "u-1")
    assert first is not None
    assert (first.sms_method, first.email_verified_at) == ("only", world.clock())


def test_progress_comes_with_every_batch(world: World, key: str) -> None:
    content = b"".join(line(number) for number in range(2 * BATCH + 10)) + b"\n" * LARGEST_BODY
    assert len(content) > LARGEST_BODY
    said = send(world, key, content)
    assert [part["committed_line"] for part in said] == [BATCH, 2 * BATCH, 2 * BATCH + 10]
    assert [part.get("done") for part in said] == [None, None, True]
    assert said[-1]["new"] == 2 * BATCH + 10 == count(world)


def test_the_same_again_changes_nothing(world: World, key: str) -> None:
    content = line(1) + line(2)
    send(world, key, content)
    (total,) = send(world, key, content)
    assert (total["new"], total["unchanged"]) == (0, 2)


def test_an_import_goes_on_behind_a_line(world: World, key: str) -> None:
    content = b"no account\n" + b"".join(line(number) for number in range(1, 6))
    (total,) = send(world, key, content, "?after_line=3")
    assert total == {"committed_line": 6, "new": 3, "changed": 0, "unchanged": 0, "refused": 0, "done": True}


def test_of_two_lines_about_one_account_the_later_counts(world: World, key: str) -> None:
    *_, total = send(world, key, line(1, locale="de") + line(1, locale="fr"))
    assert (total["new"], total["changed"]) == (1, 1)
    with world.database.reading() as session:
        account = accounts.by_external_id(session, "u-1")
    assert account is not None
    assert account.locale == "fr"


def test_a_contact_that_cannot_be_used_is_left_out_and_a_shared_one_is_warned_of(
    world: World, key: str
) -> None:
    content = line(1) + line(2, phone="+4915112000001", email="a..b@example.com")
    left_out, *warnings, total = send(world, key, content)
    assert left_out["left_out"].startswith("email: ")
    assert sorted(warning["line"] for warning in warnings) == [1, 2]
    assert all("the same phone number" in warning["warning"] for warning in warnings)
    assert (total["new"], total["refused"]) == (2, 0)


def test_an_empty_stream_is_an_import_of_nothing(world: World, key: str) -> None:
    (total,) = send(world, key, b"")
    assert (total["committed_line"], total["done"]) == (0, True)


@dataclass
class FailingDatabase:
    """A database that can be reached for one transaction more."""

    database: Database
    _is_used: bool = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self._is_used:
            raise DatabaseAway(Absence.AWAY)
        self._is_used = True
        with self.database.transaction() as session:
            yield session


def test_a_database_that_goes_away_ends_the_stream_with_where_to_go_on(world: World) -> None:
    failing = replace(world.services, database=FailingDatabase(world.database))  # type: ignore[arg-type]
    said: list[Any] = []
    StreamImport(services=failing, tell=said.append).run(Lines(3 * BATCH))  # type: ignore[arg-type]
    assert (said[-1].done, said[-1].committed_line) == (False, BATCH)
    assert count(world) == BATCH


def test_it_takes_a_key_that_may_write(world: World) -> None:
    reads = key_for(world, KeyScope.ACCOUNTS_READ)
    assert is_refused(call(world, reads, "POST", "/accounts/imports", content=line(1)), 403, "scope_missing")
    assert is_refused(call(world, "ofr_no", "POST", "/accounts/imports", content=line(1)), 401, "no_key")
    assert count(world) == 0


class Lines:
    """A file of many lines that exists nowhere: each piece is made when it is read."""

    def __init__(self, count: int, **fields: Any) -> None:
        self._pieces = (line(number % 1000, **fields) for number in range(count))

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


def test_a_stream_takes_no_more_memory_the_longer_it_is(world: World) -> None:
    last: list[Any] = [None]

    def tell(part: Any) -> None:
        last[0] = part
        if gc.get_freeze_count():
            gc.collect()  # what only cycles hold is no growth

    def most(lines: int) -> int:
        tracemalloc.start()
        StreamImport(services=world.services, tell=tell, at_once=50).run(Lines(lines))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert last[0].committed_line == lines
        return peak

    most(800)  # whatever is made once is made
    gc.freeze()
    try:
        assert most(800) < 1.2 * most(200)
    finally:
        gc.unfreeze()


def test_answers_come_while_the_stream_still_goes(world: World, key: str) -> None:
    """The first batch is answered before the client has sent the second one."""
    sent: list[Message] = []
    waits = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(BATCH + 2):
            yield line(number)
        await waits.wait()
        yield line(BATCH + 2)

    async def speak() -> None:
        body = pieces()

        async def receive() -> Message:
            piece = await anext(body, None)
            return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

        async def hear(message: Message) -> None:
            sent.append(message)
            if b"committed_line" in message.get("body", b""):
                waits.set()

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "https",
            "path": "/v1/accounts/imports",
            "raw_path": b"/v1/accounts/imports",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {key}".encode()), (b"host", b"accounts.example.test")],
            "client": ("203.0.113.7", 50000),
            "server": ("accounts.example.test", 443),
        }
        await asyncio.wait_for(world.app()(scope, receive, hear), timeout=30)

    asyncio.run(speak())
    assert list(_bodies(sent))[-1]["done"] is True
    assert count(world) == BATCH + 3


def _bodies(sent: list[Message]) -> Iterator[dict[str, Any]]:
    for message in sent:
        if message.get("body"):
            yield json.loads(message["body"])


def test_a_client_that_goes_away_has_told_what_it_has_told(world: World) -> None:
    messages = iter([{"type": "http.request", "body": line(n), "more_body": True} for n in range(BATCH + 2)])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    sent: list[Message] = []

    async def hear(message: Message) -> None:
        sent.append(message)

    asyncio.run(StreamedImport(world.services, after_line=0)({"type": "http"}, receive, hear))
    assert count(world) == BATCH
    assert not any(message.get("more_body") is False for message in sent)
