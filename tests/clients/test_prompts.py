"""The prompt at a sign-in: what there is to show, and nothing whenever Offramp does not answer in time."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from domain.prompts import CannotReason
from offramp_client import AsyncOfframp, Hindrance, Offramp, Prompt, PromptAnswer
from tests.clients.conftest import KEY, Ask
from tests.clients.scripted_server import Reply, ScriptedServer

WORDS = {"title": "Sign in faster", "body": "Why", "action": "Set up", "later": "Later", "cannot": "Cannot"}
STEP = {
    "prompt_id": "p/1",
    "show": "step",
    "step": "passkey_enrolled",
    "skippable": True,
    "skips_left": 2,
    "until": "2026-12-01T10:00:00Z",
    "words": WORDS,
    "go_to": "https://offramp.example/oidc/authorize",
    "sms": "on",
}
NOTHING = dict.fromkeys(STEP, None) | {"show": "nothing", "sms": "suspended"}
PATIENCE = timedelta(milliseconds=150)


async def test_a_step_is_told_with_its_words(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(200, STEP))
    prompt: Prompt = await ask(lambda client: client.prompt("42", locale="de", can_passkey=True))
    assert prompt.is_to_show
    assert not prompt.is_fallback
    assert (prompt.step, prompt.skips_left, prompt.until) == (
        "passkey_enrolled",
        2,
        datetime(2026, 12, 1, 10, tzinfo=UTC),
    )
    assert prompt.words
    assert prompt.words.title == "Sign in faster"
    assert server.requests[0].json == {"external_id": "42", "locale": "de", "device": {"can_passkey": True}}


async def test_nothing_to_show_says_so_and_how_sms_stands(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(200, NOTHING))
    prompt = await ask(lambda client: client.prompt("42"))
    assert not prompt.is_to_show
    assert not prompt.is_fallback
    assert prompt.sms == "suspended"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(401, {"reason": "no_key"}),
        Reply(429, headers={"retry-after": "30"}),
        Reply(200, b"<h1>Welcome</h1>"),
        Reply(200, {**STEP, "words": None}),
        Reply(200, b"\x1f\x8b nonsense", {"content-encoding": "gzip"}),
        Reply(302, headers={"location": "/"}),
        Reply(breaks_off=True),
    ],
    ids=str,
)
async def test_without_a_good_answer_nothing_is_shown_and_the_sign_in_goes_on(
    ask: Ask, server: ScriptedServer, reply: Reply
) -> None:
    server.says(reply)
    prompt = await ask(lambda client: client.prompt("42"))
    assert prompt == Prompt(is_fallback=True)
    assert not prompt.is_to_show
    assert len(server.requests) == 1


def test_a_sign_in_waits_no_longer_than_its_patience(server: ScriptedServer) -> None:
    server.says(Reply(hangs=True))
    with Offramp(server.origin, key=KEY, prompt_patience=PATIENCE) as client:
        began = time.monotonic()
        assert client.prompt("42").is_fallback
    assert time.monotonic() - began < 5


async def test_an_asynchronous_sign_in_waits_no_longer_than_its_patience(server: ScriptedServer) -> None:
    server.says(Reply(hangs=True))
    async with AsyncOfframp(server.origin, key=KEY, prompt_patience=PATIENCE) as client:
        began = time.monotonic()
        assert (await client.prompt("42")).is_fallback
    assert time.monotonic() - began < 5


async def test_a_kind_of_prompt_that_the_client_does_not_know_is_nothing_to_show(
    ask: Ask, server: ScriptedServer
) -> None:
    server.says(Reply(200, {**STEP, "show": "something_new"}))
    assert not (await ask(lambda client: client.prompt("42"))).is_to_show


async def test_an_answer_names_its_prompt_its_reason_and_its_time(ask: Ask, server: ScriptedServer) -> None:
    server.says(Reply(204))
    at = datetime(2026, 11, 29, 10, tzinfo=UTC)
    told = {"reason": Hindrance.NO_DEVICE, "can_passkey": False, "at": at}
    await ask(lambda client: client.answer_prompt("p/1", PromptAnswer.CANNOT, **told))
    asked = server.requests[0]
    assert asked.path == "/v1/prompts/p%2F1/answer"
    assert asked.json == {
        "answer": "cannot",
        "reason": "no_device",
        "can_passkey": False,
        "at": "2026-11-29T10:00:00+00:00",
    }


def test_the_reasons_are_those_that_offramp_knows() -> None:
    assert {str(reason) for reason in Hindrance} == set(CannotReason)
