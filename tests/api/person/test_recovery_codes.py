"""Recovery codes: shown once, typed back, and used."""

import re

from domain.codes import ENDING
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.trust import Change
from store.people import recovery_codes, waiting_changes
from tests.api.world import Browser, World, shown_codes


def test_eight_codes_are_shown_once_and_never_again(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    assert len(shown_codes(browser.post("/setup/recovery-codes").text)) == 8
    assert shown_codes(browser.get("/setup/recovery-codes").text) == []


def test_a_wrong_code_typed_back_proves_nothing(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/recovery-codes")
    answer = browser.post("/setup/recovery-codes/check", code="aaaa-bbbb-cccc-dddd")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert not world.facts(account).recovery_codes_proven


def asked_place(page: str) -> int:
    """Which code of the list the page asks for, from 1."""
    found = re.search(r"Last four of code (\d)", page)
    assert found
    return int(found[1])


def test_the_end_of_the_code_that_is_asked_for_is_enough_and_uses_nothing_up(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    page = browser.post("/setup/recovery-codes").text
    codes, place = shown_codes(page), asked_place(page)
    assert asked_place(browser.get("/setup/recovery-codes").text) == place
    answer = browser.post("/setup/recovery-codes/check", code=f" {codes[place - 1][-ENDING:].upper()} ")
    assert answer.headers["location"] == "/setup"
    assert world.facts(account).recovery_codes_proven
    assert world.facts(account).recovery_codes_left == 8


def test_the_end_of_any_other_code_proves_nothing(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    page = browser.post("/setup/recovery-codes").text
    codes, place = shown_codes(page), asked_place(page)
    asked = codes[place - 1]
    others = [code[-ENDING:] for code in codes if code != asked]
    for wrong in (others[0], others[1], asked[:ENDING], asked[-ENDING - 1 : -1]):
        answer = browser.post("/setup/recovery-codes/check", code=wrong)
        assert answer.status_code == 400
        assert f"That is not the end of code {place}" in answer.text
    assert not world.facts(account).recovery_codes_proven


def test_which_code_is_asked_for_differs_from_set_to_set(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    places = {asked_place(browser.post("/setup/recovery-codes").text) for _ in range(40)}
    assert places <= set(range(1, 9))
    assert len(places) > 2  # forty draws of eight that come to two or fewer: one in 10^22


def test_endings_cannot_be_tried_through_and_a_whole_code_is_taken_all_the_same(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    page = browser.post("/setup/recovery-codes").text
    codes, asked = shown_codes(page), shown_codes(page)[asked_place(page) - 1]
    endings = {code[-ENDING:] for code in codes}
    wrong = next(ending for ending in ("2222", "3333") if ending not in endings)
    tried = [browser.post("/setup/recovery-codes/check", code=wrong) for _ in range(11)]
    assert [answer.status_code for answer in tried] == [400] * 10 + [429]
    assert "Please type a whole code" in tried[-1].text
    assert int(tried[-1].headers["retry-after"]) > 0
    assert browser.post("/setup/recovery-codes/check", code=asked[-ENDING:]).status_code == 429
    assert not world.facts(account).recovery_codes_proven
    assert browser.post("/setup/recovery-codes/check", code=asked).headers["location"] == "/setup"
    assert world.facts(account).recovery_codes_proven


def test_a_used_code_is_asked_for_no_more_and_a_whole_one_is_taken(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    page = browser.post("/setup/recovery-codes").text
    codes, place = shown_codes(page), asked_place(page)
    asked = codes.pop(place - 1)
    world.browser().post("/sign-in/recovery", identifier=account.phone or "", code=asked)
    assert "One of your codes" in browser.get("/setup/recovery-codes").text
    assert browser.post("/setup/recovery-codes/check", code=asked[-ENDING:]).status_code == 400
    assert browser.post("/setup/recovery-codes/check", code=codes[0]).headers["location"] == "/setup"


def test_a_code_with_its_number_in_the_list_signs_in(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    answer = world.browser().post("/sign-in/recovery", identifier=account.phone or "", code=f"3. {codes[2]}")
    assert answer.status_code == 303


def test_new_codes_void_the_old_ones(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    old = shown_codes(browser.post("/setup/recovery-codes").text)
    new = shown_codes(browser.post("/setup/recovery-codes").text)
    assert browser.post("/setup/recovery-codes/check", code=old[0]).status_code == 400
    assert browser.post("/setup/recovery-codes/check", code=new[0]).status_code == 303
    assert world.facts(account).recovery_codes_left == 8


def test_codes_that_are_older_than_the_session_work_until_a_cooling_off_has_passed(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    old = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=old[0])
    world.clock.advance(2 * STANDARD.cooling_off)
    later = world.browser()
    later.sign_in_by_code(account)
    new = shown_codes(later.post("/setup/recovery-codes").text)
    assert later.post("/setup/recovery-codes/check", code=new[0]).headers["location"] == "/setup"
    with world.database.reading() as session:
        (waits,) = waiting_changes.of_account(session, account.account_id)
    assert (waits.change, waits.due_at) == (Change.MAKE_CODES, world.clock() + STANDARD.cooling_off)
    assert waits.session_id == later.session_id()
    for code in (old[1], new[1]):
        answer = world.browser().post("/sign-in/recovery", identifier=account.phone or "", code=code)
        assert answer.status_code == 303


def test_a_recovery_code_signs_in_once_and_the_owner_is_told(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    other = world.browser()
    answer = other.post("/sign-in/recovery", identifier=account.email or "", code=codes[0].upper())
    assert answer.status_code == 303
    assert other.get("/account").status_code == 200
    assert world.facts(account).recovery_codes_left == 7
    assert Template.RECOVERY_CODE_USED in world.templates(account)
    assert world.kinds(account)[-2:] == ["recovery_code_used", "signed_in"]
    again = world.browser().post("/sign-in/recovery", identifier=account.email or "", code=codes[0])
    assert again.status_code == 400


def test_what_comes_of_a_text_code_stays_rooted_in_it(world: World, browser: Browser) -> None:
    account = world.account()
    began = world.clock()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    other = world.browser()
    other.post("/sign-in/recovery", identifier=account.phone or "", code=codes[0])
    other.make_passkey(world.authenticator())
    other.prove_passkey()
    assert world.facts(account).passkey_rooted_in_sms_at == began
    with world.database.reading() as session:
        counts = recovery_codes.left(session, account.account_id)
    assert counts == (7, False)


def test_guessing_from_one_address_comes_to_an_end(world: World, browser: Browser) -> None:
    account = world.account()
    answers = [
        browser.post("/sign-in/recovery", identifier=account.phone or "", code="guess") for _ in range(101)
    ]
    assert [answer.status_code for answer in answers] == [400] * 100 + [429]
    assert "Get a code by text message" in answers[-1].text


def test_the_journal_is_not_filled_by_a_stranger_with_long_wrong_codes(world: World) -> None:
    account = world.account()
    for number in range(80):
        browser = world.browser(address=f"203.0.113.{number}")
        browser.post("/sign-in/recovery", identifier=account.phone or "", code="guess")
    assert world.kinds(account).count("sign_in_failed") == 60


def test_one_accounts_code_does_not_open_another(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    other = world.account()
    answer = world.browser().post("/sign-in/recovery", identifier=other.phone or "", code=codes[0])
    assert answer.status_code == 400
