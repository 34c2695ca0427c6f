"""The client with Offramp itself: what one sends, the other understands, and the reverse."""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.host.keys import KeyScope
from offramp_client import (
    AccountFields,
    AsyncOfframp,
    Contact,
    Event,
    EventType,
    Hindrance,
    KeyRefused,
    Methods,
    NotThere,
    PromptAnswer,
    RemarkKind,
    RequestRefused,
    SmsUse,
    imports,
)
from tests.api.host.keys import key_for
from tests.api.world import ORIGIN, World
from tests.clocks import FakeClock

NOW = FakeClock()()
ADA = AccountFields(
    email=Contact(value="ada@example.com", verified=True),
    phone=Contact(value="+442079460101", verified=True),
    locale="en-GB",
    attributes={"plan": "family"},
    methods=Methods(sms=SmsUse.ONLY, others=("password",)),
)


def client(world: World, *scopes: KeyScope) -> AsyncOfframp:
    """A client whose key has these scopes."""
    transport = httpx.ASGITransport(world.app())
    return AsyncOfframp(
        ORIGIN, key=key_for(world, *scopes), source="https://shop.example", transport=transport
    )


@pytest.fixture
async def offramp(world: World) -> AsyncIterator[AsyncOfframp]:
    async with client(world, *KeyScope) as made:
        yield made


async def test_an_account_is_told_changed_and_asked_about(offramp: AsyncOfframp) -> None:
    ada = await offramp.put_account("a/b c", ADA)
    assert (ada.external_id, ada.journey, ada.sms.state) == ("a/b c", "none", "on")
    assert ada.email == Contact(value="a•••@e•••.com", verified=True)
    assert ada.milestones["email_verified"]
    assert (ada.next_act.act, ada.next_act.words) == (None, "Nothing: no journey runs.")
    changed = await offramp.patch_account("a/b c", AccountFields(country="GB"), without=["locale"])
    assert changed.facts["version"] >= ada.facts["version"]
    assert await offramp.get_account("a/b c") == changed


async def test_refusals_say_what_is_wrong(offramp: AsyncOfframp) -> None:
    with pytest.raises(NotThere):
        await offramp.get_account("nobody")
    with pytest.raises(RequestRefused) as refusal:
        await offramp.put_account("ada", AccountFields(phone=Contact(value="12")))
    assert refusal.value.reason == "bad_account"


async def test_a_key_is_refused_for_what_it_is_not_for(world: World) -> None:
    async with client(world, KeyScope.ACCOUNTS_READ) as reading:
        with pytest.raises(KeyRefused) as refusal:
            await reading.put_account("ada", ADA)
    assert refusal.value.reason == "scope_missing"


async def test_events_are_taken_once_and_a_bad_one_says_why(offramp: AsyncOfframp) -> None:
    await offramp.put_account("ada", ADA)
    signed_in = Event(type=EventType.USER_SIGNED_IN, external_id="ada", data={"method": "sms"}, at=NOW)
    stranger = Event(type=EventType.USER_SIGNED_IN, external_id="nobody", data={"method": "sms"}, at=NOW)
    bad = Event(type=EventType.USER_SIGNED_IN, external_id="ada", at=NOW)
    answers = await offramp.send_events([signed_in, stranger, bad])
    assert [answer.outcome for answer in answers] == ["heeded", "ignored", None]
    assert [answer.is_refused for answer in answers] == [False, False, True]
    assert answers[2].reason == "method: it is missing"
    (again,) = await offramp.send_events([signed_in])
    assert again.is_repeated


async def test_more_events_than_fit_into_one_request_are_all_taken(offramp: AsyncOfframp) -> None:
    await offramp.put_account("ada", ADA)
    calls = (Event(type=EventType.SUPPORT_CONTACTED, external_id="ada", at=NOW) for _ in range(250))
    answers = await offramp.send_events(calls)
    assert [answer.outcome for answer in answers] == ["heeded"] * 250


async def test_whoever_is_on_their_way_is_shown_the_next_step_until_they_cannot(
    world: World, offramp: AsyncOfframp
) -> None:
    account = world.account(external_id="ada")
    prompt = await offramp.prompt("ada", locale="de", can_passkey=True)
    assert (prompt.step, prompt.sms) == ("email_verified", "on")
    assert prompt.is_to_show
    assert prompt.prompt_id
    await offramp.answer_prompt(prompt.prompt_id, PromptAnswer.CANNOT, reason=Hindrance.NO_DEVICE)
    assert not (await offramp.prompt("ada")).is_to_show
    assert (await offramp.get_account("ada")).account_id == account.account_id


async def test_for_whoever_offramp_does_not_know_there_is_nothing_to_show(offramp: AsyncOfframp) -> None:
    prompt = await offramp.prompt("nobody")
    assert not prompt.is_to_show
    assert not prompt.is_fallback


async def test_many_accounts_are_told_in_parts_and_each_bad_one_costs_only_itself(
    offramp: AsyncOfframp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LINES_A_REQUEST", 3)
    rows = [
        (f"u-{number}", AccountFields(email=Contact(value=f"u{number}@example.com"))) for number in range(5)
    ]
    rows[3] = ("u-3", AccountFields(phone=Contact(value="12")))
    progress = [part async for part in offramp.import_accounts(rows)]
    assert [(part.lines, part.new, part.refused) for part in progress] == [(3, 3, 0), (5, 1, 1)]
    (remark,) = progress[1].remarks
    assert (remark.line, remark.kind) == (4, RemarkKind.REFUSED)
    assert (await offramp.get_account("u-4")).journey == "none"
