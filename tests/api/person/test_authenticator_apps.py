"""Authenticator apps: set up by a first code, a way in by the next one, each code once, and told to the owner."""

import threading
from datetime import timedelta

import pytest
from httpx2 import Response

from domain.authenticator_apps import MOST_APPS, SHOWN_FOR, STEP
from domain.facts import Channel, Method, SmsState
from domain.journal import EventKind
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.policy import InsteadOfPasskey
from domain.presets import STANDARD
from domain.prompts import CannotReason
from domain.safety.guessing import CEILING
from domain.trust import Change, Way
from store.messages import messages
from store.people import authenticator_apps, sessions, trust, waiting_changes
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from tests.api.world import Browser, World
from tests.factories import make_policy
from tests.phone_apps import PhoneApp

INSTEAD = make_policy(instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP)


def set_up(world: World, browser: Browser) -> PhoneApp:
    """Add the secret to an app, and type its first code; the next code counts half a minute later."""
    browser.post("/setup/app")
    app = PhoneApp.scanned(browser.get("/setup/app").text)
    answer = browser.post("/setup/app/first-code", code=app.code(world.clock()))
    assert answer.headers["location"] == "/setup"
    world.clock.advance(2 * STEP)
    return app


def sign_in(world: World, browser: Browser, account: Account, app: PhoneApp) -> Response:
    browser.get("/sign-in/app")
    code = app.code(world.clock())
    return browser.post("/sign-in/app", identifier=account.phone or account.email or "", code=code)


def rows(world: World, account: Account) -> list[AuthenticatorApp]:
    with world.database.reading() as session:
        return list(authenticator_apps.kept(session, account.account_id))


@pytest.fixture
def account(world: World, browser: Browser) -> Account:
    """Somebody who has come in by a text-message code."""
    account = world.account()
    browser.sign_in_by_code(account)
    return account


def test_nothing_is_a_way_in_before_its_first_code_was_typed(
    world: World, browser: Browser, account: Account
) -> None:
    browser.post("/setup/app")
    page = browser.get("/setup/app").text
    app = PhoneApp.typed(page)
    assert PhoneApp.scanned(page).code(world.clock()) == app.code(world.clock())
    assert sign_in(world, world.browser("198.51.100.4"), account, app).status_code == 400
    assert world.facts(account).authenticator_apps == 0
    assert EventKind.AUTHENTICATOR_APP_BOUND not in world.kinds(account)
    assert Template.AUTHENTICATOR_APP_BOUND not in world.templates(account)


def test_the_page_shows_the_same_secret_until_it_is_set_up_or_too_old(
    world: World, browser: Browser, account: Account
) -> None:
    browser.post("/setup/app")
    app = PhoneApp.scanned(browser.get("/setup/app").text)
    assert (app.issuer, app.name) == ("Example", account.email)
    world.clock.advance(timedelta(minutes=30))
    assert PhoneApp.scanned(browser.get("/setup/app").text).code(world.clock()) == app.code(world.clock())
    world.clock.advance(SHOWN_FOR)
    assert browser.get("/setup/app").headers["location"] == "/setup/second"
    answer = browser.post("/setup/app/first-code", code=app.code(world.clock()))
    assert world.facts(account).authenticator_apps == 0
    assert answer.headers["location"] == "/setup/second"


def test_the_qr_code_is_dark_on_white_and_the_key_stands_in_groups_of_four(
    browser: Browser, account: Account
) -> None:
    browser.post("/setup/app")
    page = browser.get("/setup/app").text
    assert 'fill="#fff"' in page
    assert 'stroke="#000"' in page
    key = page.split("data-copy-source>")[1].split("<")[0]
    assert [len(group) for group in key.split()] == [4] * 8


def test_the_first_code_makes_a_way_in_that_its_owner_is_told_of(
    world: World, browser: Browser, account: Account
) -> None:
    set_up(world, browser)
    [row] = rows(world, account)
    assert (row.bound_in, row.days_used) == (browser.session_id(), 1)
    assert row.way == Way.NOTICE
    assert EventKind.AUTHENTICATOR_APP_BOUND in world.kinds(account)
    assert world.templates(account).count(Template.AUTHENTICATOR_APP_BOUND) == 2  # by both channels
    assert world.facts(account).authenticator_apps == 1
    assert "An app that shows codes" in browser.get("/account").text


def test_a_wrong_first_code_says_so_and_changes_nothing(
    world: World, browser: Browser, account: Account
) -> None:
    browser.post("/setup/app")
    app = PhoneApp.scanned(browser.get("/setup/app").text)
    wrong = str(int(app.code(world.clock())[0]) ^ 1) + app.code(world.clock())[1:]
    answer = browser.post("/setup/app/first-code", code=wrong)
    assert answer.status_code == 400
    assert "not the code that the app shows now" in answer.text
    assert not rows(world, account)


def test_a_second_press_on_the_first_code_changes_nothing(
    world: World, browser: Browser, account: Account
) -> None:
    browser.post("/setup/app")
    code = PhoneApp.scanned(browser.get("/setup/app").text).code(world.clock())
    answers = [browser.post("/setup/app/first-code", code=code) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {"/setup"}
    assert len(rows(world, account)) == 1
    assert world.kinds(account).count(EventKind.AUTHENTICATOR_APP_BOUND) == 1


def test_the_next_code_signs_in_with_low_assurance(world: World, browser: Browser, account: Account) -> None:
    app, elsewhere = set_up(world, browser), world.browser("198.51.100.4")
    assert sign_in(world, elsewhere, account, app).headers["location"].startswith("/setup")
    with world.database.reading() as session:
        web_session = sessions.get(session, elsewhere.session_id())
        assert (web_session.method, web_session.app_id) == (
            Method.AUTHENTICATOR_APP,
            rows(world, account)[0].app_id,
        )
        assert web_session.root == "sms"
    entry = world.journal(account)[-1]
    assert (entry.kind, entry.detail["method"]) == (EventKind.SIGNED_IN, "authenticator_app")


def test_a_code_counts_once_and_so_does_none_before_it(
    world: World, browser: Browser, account: Account
) -> None:
    app = set_up(world, browser)
    before = app.code(world.clock() - STEP)
    assert sign_in(world, world.browser("198.51.100.4"), account, app).status_code == 303
    assert sign_in(world, world.browser("198.51.100.5"), account, app).status_code == 400
    third = world.browser("198.51.100.6")
    third.get("/sign-in/app")
    assert third.post("/sign-in/app", identifier=account.phone or "", code=before).status_code == 400


def test_the_first_code_itself_opens_nothing_more(world: World, browser: Browser, account: Account) -> None:
    browser.post("/setup/app")
    app = PhoneApp.scanned(browser.get("/setup/app").text)
    browser.post("/setup/app/first-code", code=app.code(world.clock()))
    assert sign_in(world, world.browser("198.51.100.4"), account, app).status_code == 400


@pytest.mark.parametrize(
    ("skew", "status"), [(-STEP, 303), (STEP, 303), (-2 * STEP, 400), (2 * STEP, 400), (timedelta(), 303)]
)
def test_a_clock_may_be_one_step_early_or_late(
    world: World, browser: Browser, account: Account, skew: timedelta, status: int
) -> None:
    app, elsewhere = set_up(world, browser), world.browser("198.51.100.4")
    world.clock.advance(10 * STEP)
    elsewhere.get("/sign-in/app")
    code = app.code(world.clock() + skew)
    answer = elsewhere.post("/sign-in/app", identifier=account.phone or "", code=f"{code[:3]} {code[3:]}")
    assert answer.status_code == status


def test_two_browsers_at_once_get_in_once_by_one_code(
    world: World, browser: Browser, account: Account
) -> None:
    app = set_up(world, browser)
    browsers = [world.browser(f"198.51.100.{number}") for number in range(4, 8)]
    for each in browsers:
        each.get("/sign-in/app")
    code, gate, statuses = app.code(world.clock()), threading.Barrier(4), []

    def press(each: Browser) -> None:
        gate.wait()
        statuses.append(
            each.client.post("/sign-in/app", data={"identifier": account.phone or "", "code": code})
        )

    threads = [threading.Thread(target=press, args=(each,)) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ways = sorted(answer.headers["location"] for answer in statuses)
    assert ways[1:] == ["/sign-in/app"] * 3
    assert ways[0].startswith("/setup")
    assert world.kinds(account).count(EventKind.SIGNED_IN) == 2  # the text-message code's, and one


def test_an_impatient_press_has_one_session(world: World, browser: Browser, account: Account) -> None:
    app, elsewhere = set_up(world, browser), world.browser("198.51.100.4")
    first = sign_in(world, elsewhere, account, app)
    token = elsewhere.cookie()
    second = elsewhere.post("/sign-in/app", identifier=account.phone or "", code=app.code(world.clock()))
    assert first.headers["location"] == second.headers["location"]
    assert elsewhere.cookie() == token


def test_nobody_and_somebody_get_the_same_answer(world: World, browser: Browser, account: Account) -> None:
    set_up(world, browser)
    answers = []
    for identifier in (account.phone or "", "+4915199999999"):
        stranger = world.browser("198.51.100.4")
        stranger.get("/sign-in/app")
        answer = stranger.post("/sign-in/app", identifier=identifier, code="000000")
        answers.append((answer.status_code, answer.text.replace(identifier, "")))
    assert answers[0] == answers[1]


def test_a_hundred_wrong_codes_in_a_row_close_the_app_and_another_way_in_opens_it(
    world: World, browser: Browser, account: Account
) -> None:
    app = set_up(world, browser)
    stranger = world.browser("198.51.100.4")
    stranger.get("/sign-in/app")
    for number in range(CEILING):
        world.clock.advance(timedelta(hours=2))
        wrong = f"{number:06d}" if app.code(world.clock()) != f"{number:06d}" else "999999"
        assert stranger.post("/sign-in/app", identifier=account.phone or "", code=wrong).status_code == 400
    assert sign_in(world, stranger, account, app).status_code == 429
    world.browser("198.51.100.9").sign_in_by_code(account)
    world.clock.advance(2 * STEP)
    assert sign_in(world, world.browser("198.51.100.10"), account, app).status_code == 303


def test_a_browser_that_is_known_is_not_shut_out_by_strangers(
    world: World, browser: Browser, account: Account
) -> None:
    app = set_up(world, browser)
    stranger = world.browser("198.51.100.4")
    stranger.get("/sign-in/app")
    for number in range(8):
        stranger.post("/sign-in/app", identifier=account.phone or "", code=f"{number:06d}")
    assert sign_in(world, stranger, account, app).status_code == 429
    browser.post("/sign-out")
    world.clock.advance(2 * STEP)
    assert sign_in(world, browser, account, app).status_code == 303


def test_the_thief_of_a_sim_sets_up_what_changes_nothing_and_the_owner_stops_it(
    world: World, browser: Browser
) -> None:
    account = world.ready_account()
    thief, owner_is_told = world.browser("198.51.100.66"), Template.AUTHENTICATOR_APP_BOUND
    thief.sign_in_by_code(account)
    app = set_up(world, thief)
    [row] = rows(world, account)
    assert not trust.of_row(row).is_established(world.clock())
    assert row.way == Way.NOTICE
    assert owner_is_told in world.templates(account)
    again = world.browser("198.51.100.66")
    assert sign_in(world, again, account, app).status_code == 303
    assert "/account/confirm" in again.get("/account").text  # changes take the owner's passkey
    objected = object_to(world, account, owner_is_told)
    assert objected.status_code == 200
    [row] = rows(world, account)
    assert row.held_at is not None
    assert world.facts(account).authenticator_apps == 0
    world.clock.advance(2 * STEP)
    assert sign_in(world, world.browser("198.51.100.66"), account, app).status_code == 400
    assert "/sign-in" in again.get("/account").headers["location"]


def object_to(world: World, account: Account, template: Template) -> Response:
    """Press "it wasn't me" in the letter about a change."""
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
        key = next(
            message.key
            for message in sent
            if (message.template, message.channel) == (template, Channel.EMAIL)
        )
    owner, path = world.browser(), f"/not-me/{objection_token(world.services.seal, key)}"
    owner.post(path)
    return owner.get(path)


def test_the_app_that_was_there_works_until_its_successor_counts_as_much(
    world: World, browser: Browser, account: Account
) -> None:
    first = set_up(world, browser)
    with world.database.transaction() as session:
        [row] = authenticator_apps.working(session, account.account_id)
        authenticator_apps.establish(session, row, from_=world.clock(), way=Way.NOTICE)
    elsewhere = world.browser("198.51.100.4")
    elsewhere.sign_in_by_code(account)
    set_up(world, elsewhere)
    assert world.facts(account).authenticator_apps == 2
    assert sign_in(world, world.browser("198.51.100.5"), account, first).status_code == 303
    with world.database.reading() as session:
        assert waiting_changes.subjects(
            session, account.account_id, Change.BIND_AUTHENTICATOR_APP
        ).keys() == {row.app_id}


def test_an_app_that_is_as_new_goes_at_once_for_its_successor(
    world: World, browser: Browser, account: Account
) -> None:
    first = set_up(world, browser)
    second = set_up(world, browser)
    assert len(rows(world, account)) == 1
    assert sign_in(world, world.browser("198.51.100.5"), account, first).status_code == 400
    assert sign_in(world, world.browser("198.51.100.6"), account, second).status_code == 303
    assert Template.AUTHENTICATOR_APP_REMOVED in world.templates(account)


def test_an_account_has_a_few_apps_at_most(world: World, browser: Browser, account: Account) -> None:
    set_up(world, browser)
    with world.database.transaction() as session:
        [row] = authenticator_apps.working(session, account.account_id)
        for _ in range(MOST_APPS - 1):
            copy = AuthenticatorApp(**row.model_dump(exclude={"app_id"}))
            session.add(copy)
    assert browser.post("/setup/app").status_code == 409


def test_what_is_established_is_removed_after_a_wait_and_what_is_new_at_once(
    world: World, browser: Browser, account: Account
) -> None:
    set_up(world, browser)
    [row] = rows(world, account)
    assert browser.post(f"/account/apps/{row.app_id}/remove").headers["location"].endswith("done=app_removed")
    assert not rows(world, account)
    set_up(world, browser)
    [row] = rows(world, account)
    with world.database.transaction() as session:
        kept = authenticator_apps.find(session, account.account_id, row.app_id)
        assert kept
        authenticator_apps.establish(session, kept, from_=world.clock(), way=Way.NOTICE)
    assert browser.post(f"/account/apps/{row.app_id}/remove").headers["location"].endswith("done=waits")
    assert rows(world, account)
    assert Template.CHANGE_WAITS in world.templates(account)
    assert "Removing the authenticator app" in browser.get("/account").text


def test_the_last_way_in_is_not_removed(world: World, browser: Browser, account: Account) -> None:
    set_up(world, browser)
    world.set_sms(account, SmsState.REMOVED)
    [row] = rows(world, account)
    assert browser.post(f"/account/apps/{row.app_id}/remove").status_code == 409
    assert rows(world, account)


def test_an_app_meets_the_second_way_in(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert "An app that shows codes" in browser.get("/setup/second").text
    set_up(world, browser)
    assert world.facts(account).authenticator_apps == 1


def test_where_the_policy_says_so_an_app_is_in_place_of_a_passkey(world: World, browser: Browser) -> None:
    account = world.account(INSTEAD)
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.post("/setup/cannot", reason=CannotReason.NO_DEVICE)
    help_page = browser.get("/setup/help").text
    assert "security key" in help_page
    assert "An authenticator app works on almost every phone" in help_page
    app = set_up(world, browser)
    assert browser.get("/setup").headers["location"] == "/setup/second"
    assert "An app that shows codes" not in browser.get("/setup/second").text  # it is no second way
    world.clock.advance(timedelta(days=1))
    browser.sign_in_by_code(account)
    assert browser.get("/setup").headers["location"] == "/setup/app/check"
    browser.post("/setup/app/check", code=app.code(world.clock()))
    assert world.facts(account).app_days == 2
    assert browser.get("/setup").headers["location"] == "/setup/second"


def test_where_the_policy_says_nothing_a_passkey_is_asked_for_all_the_same(
    world: World, browser: Browser
) -> None:
    account = world.account(STANDARD)
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.post("/setup/cannot", reason=CannotReason.NO_DEVICE)
    set_up(world, browser)
    assert browser.get("/setup").headers["location"] == "/setup/passkey"


def test_a_code_on_another_day_is_typed_into_the_right_field_only_once(
    world: World, browser: Browser, account: Account
) -> None:
    app = set_up(world, browser)
    code = app.code(world.clock())
    assert browser.post("/setup/app/check", code=code).headers["location"] == "/setup"
    assert browser.post("/setup/app/check", code=code).status_code == 400
