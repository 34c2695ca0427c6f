"""Every prompt, ceremony and sign-in is kept with its end, its place and its software, and with nothing else."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from domain.attempts import AttemptEnd, AttemptKind, Occasion
from domain.facts import Method
from domain.prompts import SmsReason
from domain.rollouts.slices import Platform
from domain.software import BrowserFamily
from providers.software_authenticator import Authenticator
from store.people.attempts import Attempt
from tests.api.world import Browser, World

CAPABILITIES = {"passkey-capabilities": "platform_authenticator=?1, hybrid=?0, shoe_size=?1"}


def kept(world: World) -> Sequence[Attempt]:
    with world.database.reading() as session:
        return session.exec(select(Attempt).order_by(col(Attempt.attempt_id))).all()


def fail(browser: Browser, **changes: object) -> int:
    failure = {"ceremony": "authentication", "name": "NotAllowedError", "answer": "/sign-in/passkey"}
    return browser.send("/ceremony/failed", failure | changes).status_code


def test_the_way_to_a_passkey_is_kept_step_by_step(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.send("/setup/seen", {"capable": True})
    browser.make_passkey(phone)
    browser.prove_passkey()
    assert [(row.kind, row.occasion, row.outcome, row.method) for row in kept(world)] == [
        (AttemptKind.SIGN_IN, Occasion.DOOR, AttemptEnd.SUCCEEDED, Method.SMS),
        (AttemptKind.PROMPT, Occasion.SET_UP, AttemptEnd.SHOWN, ""),
        (AttemptKind.REGISTRATION, Occasion.SET_UP, AttemptEnd.SUCCEEDED, ""),
        (AttemptKind.AUTHENTICATION, Occasion.SET_UP, AttemptEnd.SUCCEEDED, ""),
    ]
    assert {row.account_id for row in kept(world)} == {account.account_id}
    assert [row.holds_passkey for row in kept(world)] == [False, False, True, True]


def test_software_is_kept_by_family_and_major_version_only(world: World) -> None:
    fail(world.browser(**CAPABILITIES), milliseconds=1200)
    (row,) = kept(world)
    assert (row.browser, row.browser_major) == (BrowserFamily.SAFARI_IOS, 18)
    assert (row.system, row.system_major) == (Platform.IOS, 18)
    assert (row.platform_authenticator, row.hybrid, row.conditional_get) == (True, False, None)
    assert row.milliseconds == 1200
    assert "Mozilla" not in row.model_dump_json()


def test_a_failure_at_the_door_is_kept_though_nobody_knows_whose_it_is(
    world: World, browser: Browser
) -> None:
    fail(browser)
    (row,) = kept(world)
    assert (row.account_id, row.occasion, row.outcome) == (None, Occasion.DOOR, AttemptEnd.GIVEN_UP)
    assert row.reason == "NotAllowedError"


@pytest.mark.parametrize(
    ("answer", "occasion"),
    [
        ("/passkeys", Occasion.SET_UP),
        ("/account/confirm", Occasion.STEP_UP),
        ("/account/check-up/devices/try", Occasion.CHECK_UP),
        ("/account/passkeys/1/found/device", Occasion.FOUND_DEVICE),
        ("/made-up", Occasion.OTHER),
    ],
)
def test_a_failure_is_kept_where_it_happened(
    world: World, browser: Browser, answer: str, occasion: Occasion
) -> None:
    browser.sign_in_by_code(world.account())
    fail(browser, answer=answer, name="UnknownError")
    assert (kept(world)[-1].occasion, kept(world)[-1].outcome) == (occasion, AttemptEnd.FAILED)


def test_an_answer_that_is_refused_is_kept_with_the_reason(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    stranger = world.browser()
    options = stranger.send("/sign-in/passkey/options").json()
    answer = phone.get(options)
    stranger.send("/sign-in/passkey", answer)
    stranger.send("/sign-in/passkey", answer)
    taken, refused = kept(world)[-2:]
    assert (taken.outcome, taken.method) == (AttemptEnd.SUCCEEDED, Method.PASSKEY)
    assert (refused.outcome, refused.reason) == (AttemptEnd.REFUSED, "other")


def test_a_code_of_somebody_who_has_a_passkey_is_kept_with_the_reason_that_they_give(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    elsewhere = world.browser()
    elsewhere.sign_in_by_code(account)
    row = kept(world)[-1]
    assert (row.method, row.holds_passkey, row.reason) == (Method.SMS, True, "")
    elsewhere.post("/sign-in/why", reason=SmsReason.NOT_HERE)
    assert kept(world)[-1].reason == SmsReason.NOT_HERE


def test_what_becomes_of_a_prompt_is_kept(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    browser.post("/setup/later")
    browser.post("/setup/cannot", reason="no_device")
    put_off, declined = kept(world)[-2:]
    assert (put_off.kind, put_off.outcome) == (AttemptKind.PROMPT, AttemptEnd.PUT_OFF)
    assert (declined.outcome, declined.reason) == (AttemptEnd.DECLINED, "no_device")
