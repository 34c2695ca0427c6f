"""What both clients do when Offramp is slow, in trouble, or says no."""

import itertools
from datetime import timedelta

import httpx
import pytest

from offramp_client import (
    KeyRefused,
    NotThere,
    ProblemAnswer,
    PromptAnswer,
    RequestRefused,
    Retries,
    ServerTrouble,
    TooManyRequests,
    Unreachable,
    UnreadableAnswer,
)
from offramp_client.calls import Call, Pause, converse
from tests.clients.conftest import KEY, Ask
from tests.clients.scripted_server import Reply, ScriptedServer

DONE = Reply(204)
BROKEN = Reply(503, {"title": "Service Unavailable", "detail": "Later.", "reason": "broken", "status": 503})


async def test_the_key_goes_along_with_every_request(ask: Ask, server: ScriptedServer) -> None:
    server.says(DONE)
    await ask(lambda client: client.delete_account("42"))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "trouble", [BROKEN, Reply(500), Reply(502), Reply(429), Reply(breaks_off=True)], ids=str
)
async def test_what_may_work_later_is_asked_again(ask: Ask, server: ScriptedServer, trouble: Reply) -> None:
    server.says(trouble, trouble, DONE)
    await ask(lambda client: client.delete_account("42"))
    assert len(server.requests) == 3


async def test_an_answer_is_named_once_however_often_it_is_sent(ask: Ask, server: ScriptedServer) -> None:
    server.says(BROKEN, Reply(409, {"reason": "under_way"}), DONE, DONE)
    await ask(lambda client: client.answer_prompt("p", PromptAnswer.SEEN))
    await ask(lambda client: client.answer_prompt("p", PromptAnswer.WENT))
    first, *others, second = [asked.headers["idempotency-key"] for asked in server.requests]
    assert set(others) == {first}
    assert second != first


async def test_after_the_last_attempt_the_trouble_is_told(ask: Ask, server: ScriptedServer) -> None:
    server.says(BROKEN)
    with pytest.raises(ServerTrouble, match="503 broken: Later"):
        await ask(lambda client: client.delete_account("42"))
    assert len(server.requests) == Retries().attempts


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, KeyRefused), (403, KeyRefused), (404, NotThere), (409, RequestRefused), (422, RequestRefused)],
)
async def test_a_refusal_is_told_at_once_with_its_reason(
    ask: Ask, server: ScriptedServer, status: int, error: type[ProblemAnswer]
) -> None:
    server.says(Reply(status, {"title": "No", "detail": "Because.", "reason": "some_reason"}))
    with pytest.raises(error) as refusal:
        await ask(lambda client: client.get_account("42"))
    assert (refusal.value.status, refusal.value.title) == (status, "No")
    assert (refusal.value.detail, refusal.value.reason) == ("Because.", "some_reason")
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"<h1>Bad gateway</h1>", b"[1]", b"\xff"])
async def test_a_proxys_own_page_is_a_refusal_like_others(
    ask: Ask, server: ScriptedServer, body: bytes
) -> None:
    server.says(Reply(429, body))
    with pytest.raises(TooManyRequests, match="unexplained"):
        await ask(lambda client: client.get_account("42"))


@pytest.mark.parametrize("body", [b"<h1>Welcome</h1>", b"[1]", b"{}", b"\xff", b"null"])
async def test_something_else_at_that_address_is_told_as_that(
    ask: Ask, server: ScriptedServer, body: bytes
) -> None:
    server.says(Reply(200, body))
    with pytest.raises(UnreadableAnswer):
        await ask(lambda client: client.get_account("42"))


async def test_the_key_follows_no_redirect(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(302, headers={"location": f"{server.origin}/elsewhere"}))
    with pytest.raises(UnreadableAnswer):
        await ask(lambda client: client.get_account("42"))
    assert len(server.requests) == 1


async def test_nobody_there_is_told_as_that(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(breaks_off=True))
    with pytest.raises(Unreachable):
        await ask(lambda client: client.get_account("42"))


@pytest.mark.parametrize("retry_after", ["7", "86400", "Wed, 21 Oct 2026 07:28:00 GMT", "", "-1", "²"])
def test_the_pause_is_the_one_that_offramp_asks_for_up_to_a_minute(retry_after: str) -> None:
    conversation = converse(Call(method="GET", path="/", read=str), Retries())
    next(conversation)
    step = conversation.send(httpx.Response(503, headers=[(b"retry-after", retry_after.encode())]))
    assert isinstance(step, Pause)
    seconds = {"7": (7, 7), "86400": (60, 60)}.get(retry_after, (0, 1))
    assert seconds[0] <= step.time.total_seconds() <= seconds[1]


def test_pauses_double_up_to_the_longest_and_never_are_twice_the_same_for_all() -> None:
    retries = Retries(first_pause=timedelta(seconds=1), longest_pause=timedelta(seconds=5))
    for attempt, longest in zip(itertools.count(1), (1, 2, 4, 5, 5), strict=False):
        pauses = {retries.pause(attempt).total_seconds() for _ in range(50)}
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(pauses) > 10
