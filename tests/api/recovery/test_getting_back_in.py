"""The whole way back in, as an owner goes it: two proofs, the wait, the link, one passkey, new codes."""

from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.host.keys import KeyScope
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.recovery import OPEN_FOR, RecoveryAct, RecoveryStage
from providers.software_authenticator import Authenticator
from services.recovery import proofs
from store.people import passkeys, trust
from store.people.accounts import Account
from tests.api.host.keys import key_for
from tests.api.recovery.stage import REQUEST, arrive, of, pass_time, recoverer
from tests.api.world import Browser, World, shown_codes
from tests.phone_apps import PhoneApp

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def codes(world: World, account: Account, browser: Browser, phone: Authenticator) -> list[str]:
    """The codes of somebody who has set everything up, long ago."""
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    shown = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=shown[0])
    arrive(world, account)
    world.clock.advance(60 * DAY)
    return shown


@pytest.fixture
def account(world: World) -> Account:
    """Somebody whose address came from the host."""
    return world.account()


def new_passkey(world: World, account: Account) -> passkeys.Passkey:
    with world.database.reading() as session:
        return max(passkeys.kept(session, account.account_id), key=lambda passkey: passkey.bound_at)


def test_somebody_who_has_lost_every_device_gets_back_in(
    world: World, account: Account, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    assert ada.prove_code(codes[1]) == REQUEST
    assert "One more thing" in ada.page()
    assert "/recover/email" in ada.page()
    ada.prove_email()
    assert of(world, account).stage == RecoveryStage.WAITING
    assert of(world, account).opens_at == world.clock() + DAY
    assert len(ada.told(Template.RECOVERY_ASKED)) == 2
    assert pass_time(world, account) == [RecoveryAct.TELL_AGAIN, RecoveryAct.OPEN]
    assert len(ada.told(Template.RECOVERY_SOON)) == 2
    assert [message.recipient for message in ada.told(Template.RECOVERY_OPEN)] == [account.email]
    assert "You can come in" in ada.page()

    assert "Is this the device" in ada.browser.get(ada.link()).text
    assert ada.browser.post(ada.link()).headers["location"] == "/device/passkey"
    assert ada.browser.get("/account").status_code == 403
    tablet = world.authenticator()
    assert ada.browser.make_passkey(tablet).status_code == 200
    assert ada.browser.prove_passkey().json()["next"] == "/recover/done"
    assert of(world, account).stage == RecoveryStage.DONE

    assert "Show my new recovery codes" in ada.browser.get("/recover/done").text
    assert "Get new codes" in ada.browser.get("/account").text
    lost = shown_codes(ada.browser.post("/recover/codes").text)
    fresh = shown_codes(ada.browser.post("/recover/codes").text)
    assert not set(fresh) & set(lost)
    ada.browser.post("/setup/recovery-codes/check", code=fresh[3])
    assert len(fresh) == 8
    assert not set(fresh) & set(codes)
    assert "Show my new recovery codes" not in ada.browser.get("/recover/done").text
    assert not shown_codes(ada.browser.post("/recover/codes").text)
    assert world.browser().sign_in_by_passkey(tablet).status_code == 200


def test_the_new_passkey_cools_off_from_when_the_owner_was_told(
    world: World, account: Account, codes: list[str]
) -> None:
    key_for(world, KeyScope.RECOVERIES_WRITE)
    ada = recoverer(world, account)
    ada.prove_email()
    proofs.vouch(world.services, account.external_id, of(world, account).reference)
    told_at = world.clock()
    arrive(world, account)
    pass_time(world, account)
    ada.browser.post(ada.link())
    ada.browser.make_passkey(world.authenticator())
    with world.database.reading() as session:
        [new] = [p for p in passkeys.kept(session, account.account_id) if p.bound_by == "recovery"]
        assert trust.of_row(new).established_from == told_at + STANDARD.cooling_off
    assert world.reload(account.account_id).rescued_at == world.clock()


def test_the_link_opens_again_until_a_passkey_is_made_and_never_after(
    world: World, account: Account, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    link = ada.link()
    ada.browser.post(link)
    first = ada.browser.session_id()
    ada.browser.post(link)
    assert ada.browser.session_id() != first
    ada.browser.make_passkey(world.authenticator())
    assert ada.browser.get(link).status_code == 410
    assert ada.browser.post(link).status_code == 410


def test_a_link_that_nobody_opens_ends(world: World, account: Account, codes: list[str]) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    link = ada.link()
    assert pass_time(world, account, world.clock() + OPEN_FOR) == [RecoveryAct.LAPSE]
    assert ada.browser.post(link).status_code == 410
    assert "The time is over" in ada.page()
    assert ada.browser.get("/recover").status_code == 200


def test_a_second_proof_that_never_comes_ends_it(world: World, account: Account, codes: list[str]) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    assert pass_time(world, account, world.clock() + DAY) == [RecoveryAct.LAPSE]
    assert not ada.told(Template.RECOVERY_ASKED)


def test_without_texts_any_more_the_proofs_that_are_left_do(
    world: World, account: Account, codes: list[str]
) -> None:
    world.set_sms(account, SmsState.REMOVED)
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    assert "/recover/sms" not in ada.page()
    ada.prove_email()
    assert of(world, account).stage == RecoveryStage.WAITING


def test_whoever_has_only_an_address_and_a_number_waits_a_week(world: World, account: Account) -> None:
    ada = recoverer(world, account)
    ada.prove_email()
    ada.prove_sms()
    assert of(world, account).opens_at == world.clock() + 7 * DAY


def test_a_wrong_code_in_the_request_makes_it_wait_longer(
    world: World, account: Account, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_email()
    assert "does not open this account" in ada.browser.post("/recover/code", code="aaaa-bbbb-cccc-dddd").text
    ada.prove_code(codes[1])
    assert of(world, account).opens_at == world.clock() + DAY + STANDARD.cooling_off / 12


def test_a_strangers_wrong_codes_lengthen_nothing_of_the_owners(
    world: World, account: Account, codes: list[str]
) -> None:
    ada, stranger = recoverer(world, account), recoverer(world, account)
    ada.prove_email()
    for _ in range(5):
        stranger.prove_code("aaaa-bbbb-cccc-dddd")
    ada.prove_code(codes[1])
    assert of(world, account).opens_at == world.clock() + DAY


def test_a_browser_that_the_account_has_known_for_long_halves_the_wait(
    world: World, account: Account, browser: Browser, codes: list[str]
) -> None:
    browser.post("/sign-out")
    ada = recoverer(world, account, browser)
    ada.prove_code(codes[1])
    ada.prove_email()
    assert of(world, account).opens_at == world.clock() + 12 * HOUR


def test_a_further_proof_can_open_it_sooner(world: World, account: Account, codes: list[str]) -> None:
    ada = recoverer(world, account)
    ada.prove_email()
    ada.prove_sms()
    ada.prove_code(codes[1])
    assert of(world, account).opens_at == world.clock() + DAY


def test_the_way_in_goes_to_the_contact_that_was_shown_by_a_text_as_a_code(
    world: World, account: Account, codes: list[str]
) -> None:
    key_for(world, KeyScope.RECOVERIES_WRITE)
    ada = recoverer(world, account)
    ada.prove_sms()
    proofs.vouch(world.services, account.external_id, of(world, account).reference)
    pass_time(world, account)
    [text] = ada.told(Template.RECOVERY_OPEN)
    assert text.recipient == account.phone
    assert "Code from the text message" in ada.page()
    assert "Send an e-mail instead" not in ada.page()
    wrong = ada.browser.post("/recover/open", code="aaaa bbbb")
    assert "That code is not right" in wrong.text
    page = ada.browser.post("/recover/open", code=(text.short_code or "").upper())
    assert "Is this the device" in ada.browser.follow(page).text


def test_with_both_contacts_shown_the_other_one_is_a_press_away(world: World, account: Account) -> None:
    ada = recoverer(world, account)
    ada.prove_email()
    ada.prove_sms()
    pass_time(world, account)
    page = ada.browser.follow(ada.browser.post("/recover/link", channel="sms"))
    assert "We have sent a code to" in page.text
    sent = sorted(ada.told(Template.RECOVERY_OPEN), key=lambda message: message.key)
    assert [message.recipient for message in sent] == [account.email, account.phone]


@pytest.fixture
def app(world: World, account: Account, browser: Browser, codes: list[str]) -> PhoneApp:
    """The app of somebody who has codes, too: set up by the same passkey, long ago."""
    browser.post("/sign-out")
    browser.sign_in_by_passkey(browser.authenticator or world.authenticator())
    app = PhoneApp.typed(browser.follow(browser.post("/setup/app")).text)
    browser.post("/setup/app/first-code", code=app.code(world.clock()))
    arrive(world, account)
    world.clock.advance(60 * DAY)
    browser.post("/sign-out")
    return app


def test_an_app_and_the_hosts_word_open_at_once(world: World, account: Account, app: PhoneApp) -> None:
    key_for(world, KeyScope.RECOVERIES_WRITE)
    ada = recoverer(world, account)
    code = app.code(world.clock())
    answer = ada.browser.post("/recover/app", identifier=account.email or "", code=code)
    assert answer.headers["location"] == REQUEST
    assert "a code from your authenticator app" in ada.page()
    proofs.vouch(world.services, account.external_id, of(world, account).reference)
    before = world.clock()
    assert pass_time(world, account) == [RecoveryAct.OPEN]
    assert world.clock() == before


def test_a_code_of_an_app_proves_once_and_a_wrong_one_lengthens_the_wait(
    world: World, account: Account, app: PhoneApp
) -> None:
    first, second = recoverer(world, account), recoverer(world, account)
    code = app.code(world.clock())
    first.browser.post("/recover/app", identifier=account.email or "", code=code)
    again = second.browser.post("/recover/app", identifier=account.email or "", code=code)
    assert "That code is not right" in again.text
    assert "That code is not right" in first.browser.post("/recover/app", code="000000").text
    first.prove_email()
    assert of(world, account).opens_at == world.clock() + DAY + STANDARD.cooling_off / 12


def test_an_app_and_codes_of_one_root_count_as_one(
    world: World, account: Account, app: PhoneApp, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.browser.post("/recover/app", identifier=account.email or "", code=app.code(world.clock()))
    ada.prove_code(codes[2])
    assert "These two count as one" in ada.page()
