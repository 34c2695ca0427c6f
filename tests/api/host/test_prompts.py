"""The decision at a host's sign-in, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.host.keys import KeyScope
from domain.journal import EventKind
from domain.prompts import ANSWERABLE_FOR
from tests.api.host.keys import call, is_refused, key_for
from tests.api.world import IPHONE, World
from tests.clocks import START
from tests.factories import make_policy

Ask = Callable[..., Response]
DEVICE = {"user_agent": IPHONE, "can_passkey": True}
NOTHING = {
    "prompt_id": None,
    "show": "nothing",
    "step": None,
    "skippable": False,
    "skips_left": 0,
    "until": None,
    "words": None,
    "go_to": None,
    "codes_end_at": None,
    "only_enrols": False,
    "sms": "on",
}


@pytest.fixture
def ask(world: World) -> Ask:
    """Send one request of the host's login."""
    key = key_for(world, KeyScope.PROMPTS_WRITE)

    def send(path: str = "", *, token: str = key, named: str | None = None, **body: Any) -> Response:
        return call(world, token, "POST", f"/prompts{path}", name=named, json=body)

    return send


def test_a_sign_in_learns_all_that_it_shows_in_one_round_trip(world: World, ask: Ask) -> None:
    account = world.account(make_policy(skips_allowed=3, mandatory_after=timedelta(days=21)))
    shown = ask(external_id=account.external_id, device=DEVICE)
    assert shown.status_code == 200
    prompt = shown.json()
    assert prompt.pop("prompt_id")
    assert prompt.pop("words") == {
        "title": "Sign in to Example without waiting for a code",
        "body": "Soon your face, your fingerprint or your screen lock can sign you in. We begin with your e-mail "
        "address: if you ever lose your phone, this is how we reach you. It takes a moment.",
        "action": "Confirm my e-mail address",
        "later": "Remind me later",
        "cannot": "I can't do this now",
    }
    assert prompt == {
        "show": "step",
        "step": "email_verified",
        "skippable": True,
        "skips_left": 3,
        "until": "2026-03-23T12:00:00Z",
        "go_to": "https://accounts.example.test/oidc/authorize?acr_values=urn%3Aofframp%3Asetup",
        "codes_end_at": None,
        "only_enrols": False,
        "sms": "on",
    }


def test_an_unknown_account_is_no_error(ask: Ask) -> None:
    assert ask(external_id="nobody").json() == NOTHING


def test_an_answer_is_written_down_and_ends_the_asking(world: World, ask: Ask) -> None:
    account = world.account()
    prompt_id = ask(external_id=account.external_id, device=DEVICE).json()["prompt_id"]
    for _ in range(2):
        told = ask(f"/{prompt_id}/answer", answer="skipped", at=START.isoformat())
        assert (told.status_code, told.content) == (204, b"")
    assert world.kinds(account)[-2:] == [EventKind.PROMPT_SEEN, EventKind.PROMPT_SKIPPED]
    assert ask(external_id=account.external_id).json() == NOTHING


def test_an_answer_that_names_itself_is_answered_again_as_before(world: World, ask: Ask) -> None:
    account = world.account()
    prompt_id = ask(external_id=account.external_id, named="ask").json()["prompt_id"]
    assert ask(external_id=account.external_id, named="ask").json()["prompt_id"] == prompt_id
    first, again = (
        ask(f"/{prompt_id}/answer", named="tell", answer="cannot", reason="no_time") for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (204, 204)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("token", ["", "ofr_nobody"])
def test_without_a_key_nothing_is_said(world: World, ask: Ask, token: str) -> None:
    refused = ask(token=token, external_id=world.account().external_id)
    assert is_refused(refused, 401, "no_key")


def test_a_key_of_another_scope_says_which_one_it_takes(world: World, ask: Ask) -> None:
    other = key_for(world, KeyScope.ACCOUNTS_READ)
    for path, body in (("", {"external_id": "x"}), ("/id/answer", {"answer": "seen"})):
        refused = ask(path, token=other, **body)
        assert is_refused(refused, 403, "scope_missing")
        assert "prompts:write" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"external_id": 7},
        {"external_id": "x" * 501},
        {"external_id": "x", "locale": "x" * 36},
        {"external_id": "x", "device": {"user_agent": "x" * 2001}},
    ],
)
def test_a_question_that_says_nothing_sensible_is_malformed(ask: Ask, body: dict[str, Any]) -> None:
    refused = ask(**body)
    assert is_refused(refused, 422, "malformed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer": "maybe"},
        {"answer": "cannot", "reason": "rain"},
        {"answer": "seen", "at": "2026-05-04T09:30:00"},
    ],
)
def test_an_answer_that_says_nothing_sensible_is_malformed(
    world: World, ask: Ask, body: dict[str, Any]
) -> None:
    prompt_id = ask(external_id=world.account().external_id).json()["prompt_id"]
    refused = ask(f"/{prompt_id}/answer", **body)
    assert is_refused(refused, 422, "malformed")


def test_refusals_say_what_to_do(world: World, ask: Ask) -> None:
    account = world.account(make_policy(skips_allowed=0))
    prompt = ask(external_id=account.external_id).json()
    assert (prompt["skippable"], bool(prompt["words"]["cannot"])) == (False, True)
    refused = ask(f"/{prompt['prompt_id']}/answer", answer="skipped")
    assert is_refused(refused, 409, "no_skips_left")
    refused = ask("/made-up/answer", answer="seen")
    assert is_refused(refused, 404, "unknown")
    world.clock.advance(ANSWERABLE_FOR + timedelta(minutes=1))
    refused = ask(f"/{prompt['prompt_id']}/answer", answer="cannot")
    assert is_refused(refused, 409, "prompt_over")
