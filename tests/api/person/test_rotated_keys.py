"""A secret key is rotated while people are on their way: what they hold works while the former key is there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.codes import TRIES
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.staff.staff import Author, Role
from services.safety import rescue_passes
from store.messages import messages
from tests.api.person.test_second_presses import lose_answer, session_in
from tests.api.world import Browser, World, shown_codes
from tests.rings import NEW, OLD, STRANGE, with_ring
from tests.store.safety.test_rescues import DELAY, make_desk


def ringed(world: World, *keys: str) -> World:
    """The same Offramp, started anew with these keys."""
    return replace(world, services=with_ring(world.services, *keys))


def carried(browser: Browser, world: World) -> Browser:
    """The same browser, at an Offramp that was started anew."""
    later = world.browser()
    later.client.cookies = browser.client.cookies
    return later


@pytest.fixture
def before(world: World) -> World:
    return ringed(world, OLD)


@pytest.fixture(params=[(NEW, OLD), (OLD, NEW)], ids=["in front", "behind"])
def after(world: World, request: pytest.FixtureRequest) -> World:
    """The new key may stand behind at first, so that processes that are not yet started anew find everything."""
    return ringed(world, *request.param)


@pytest.fixture
def without(world: World) -> World:
    """The former key was taken out."""
    return ringed(world, NEW)


def test_a_recovery_code_of_before_signs_in(before: World, after: World) -> None:
    account, browser = before.account(), before.browser()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    assert carried(browser, after).post("/setup/recovery-codes/check", code=codes[0]).status_code == 303
    other = after.browser()
    assert other.post("/sign-in/recovery", identifier=account.email or "", code=codes[1]).status_code == 303
    assert other.get("/account").status_code == 200
    again = after.browser().post("/sign-in/recovery", identifier=account.email or "", code=codes[1])
    assert again.status_code == 400


def test_a_code_that_is_made_after_the_turn_is_found_by_processes_that_have_both_keys(
    before: World, after: World
) -> None:
    account, browser = before.account(), before.browser()
    browser.sign_in_by_code(account)
    codes = shown_codes(carried(browser, after).post("/setup/recovery-codes").text)
    others = ringed(before, OLD, NEW).browser()
    assert others.post("/sign-in/recovery", identifier=account.email or "", code=codes[0]).status_code == 303


def test_a_recovery_code_under_a_key_that_is_gone_is_a_wrong_code(before: World, without: World) -> None:
    account, browser = before.account(), before.browser()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    right = without.browser().post("/sign-in/recovery", identifier=account.email or "", code=codes[0])
    wrong = without.browser().post("/sign-in/recovery", identifier=account.email or "", code=codes[0][::-1])
    assert right.status_code == wrong.status_code == 400
    assert right.text.replace(codes[0], "") == wrong.text.replace(codes[0][::-1], "")


def test_a_sign_in_code_of_before_opens_its_message_and_signs_in(before: World, after: World) -> None:
    account, browser = before.account(), before.browser()
    browser.ask_for_code(account.phone)
    assert carried(browser, after).post("/sign-in/code", code=after.code(account)).status_code == 303


def test_a_wrong_code_costs_one_try_however_many_keys_there_are(before: World) -> None:
    account, browser = before.account(), before.browser()
    browser.ask_for_code(account.phone)
    code, later = before.code(account), carried(browser, ringed(before, NEW, STRANGE, OLD))
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(TRIES - 1):
        assert later.post("/sign-in/code", code=wrong).status_code == 400
    assert later.post("/sign-in/code", code=code).status_code == 303


def test_a_sign_in_code_under_a_key_that_is_gone_is_wrong_and_another_one_signs_in(
    before: World, without: World
) -> None:
    account, browser = before.account(), before.browser()
    browser.ask_for_code(account.phone)
    code, later = before.code(account), carried(browser, without)
    assert later.post("/sign-in/code", code=code).status_code == 400
    before.clock.advance(timedelta(minutes=1))
    later.ask_for_code(account.phone)
    assert later.post("/sign-in/code", code=without.code(account)).status_code == 303


def test_a_right_code_that_is_sent_twice_is_answered_alike_across_the_turn(
    before: World, after: World
) -> None:
    account, browser = before.account(), before.browser()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = before.code(account)
    lost = lose_answer(browser, "/sign-in/code", code=code)
    again = carried(browser, after).post("/sign-in/code", code=code)
    assert lost.status_code == again.status_code == 303
    assert session_in(again) == session_in(lost)


@pytest.mark.parametrize("way", ["code", "link"])
def test_an_address_is_verified_by_the_code_and_the_link_of_before(
    before: World, after: World, way: str
) -> None:
    account, browser = before.account(), before.browser()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    secret, later = after.secret(account, Template.VERIFY_EMAIL), carried(browser, after)
    if way == "code":
        later.post("/setup/email/code", code=secret["code"])
    else:
        later.post("/verify-email", token=secret["link"].split("token=")[1])
    assert after.reload(account.account_id).email_verified_at


def test_a_link_in_a_letter_of_before_objects(before: World, after: World, without: World) -> None:
    account, browser = before.account(email_verified_at=before.clock()), before.browser()
    browser.sign_in_by_code(account)
    browser.post("/setup/recovery-codes")
    with before.database.reading() as session:
        key = next(
            message.key
            for message in messages.of_account(session, account.account_id)
            if message.template == Template.RECOVERY_CODES_MADE and message.channel == "email"
        )
    link = f"/not-me/{objection_token(before.services.seal, key)}"
    assert after.browser().get(link).status_code == 200
    assert without.browser().get(link).status_code == 410


def test_the_code_of_a_rescue_pass_of_before_lets_in(before: World, after: World, without: World) -> None:
    desk = make_desk(before.database)
    account = before.reload(desk.account_id)
    request_id = desk.ask()
    desk.approve(request_id)
    before.clock.advance(DELAY)
    author = Author(by="sam", staff_id=desk.sam.staff_id, role=Role.SUPPORT)
    code = rescue_passes.show(before.services, request_id, author, desk.sam).code
    email = account.email or ""
    assert without.browser().post("/rescue", identifier=email, code=code).status_code == 400
    let_in = after.browser().post("/rescue", identifier=email, code=code)
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/device/passkey")
