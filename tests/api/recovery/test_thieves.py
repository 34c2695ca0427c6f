"""Thieves at the way back in: with one thing, with two that are one, with a link, and against an owner who looks."""

import re
from datetime import timedelta

import pytest

from domain.facts import Channel, SmsState
from domain.messages.links import objection_token
from domain.messages.messages import MessageState, Template
from domain.passkeys import MOST_PASSKEYS
from domain.presets import STANDARD
from domain.recovery import RecoveryAct, RecoveryStage, StopReason
from domain.safety.guessing import CEILING, LONGEST_CLOSURE, GuessedCode
from domain.safety.objections import Outcome
from domain.trust import Root
from providers.software_authenticator import Authenticator
from services.host import accounts
from services.people import claimants
from services.safety import objections as settling
from store.messages import messages, notices
from store.people import accounts as accounts_store
from store.people import guesses, passkeys, trust
from store.people.accounts import Account
from store.safety import objections, recoveries
from tests.api.recovery.stage import REQUEST, Recoverer, arrive, of, pass_time, recoverer
from tests.api.world import Browser, World, shown_codes
from tests.factories import make_passkey

DAY = timedelta(days=1)


@pytest.fixture
def account(world: World) -> Account:
    """An owner whose address came from the host."""
    return world.account()


@pytest.fixture
def owner(world: World, account: Account, phone: Authenticator) -> Browser:
    """The owner's browser, long after everything was set up by text message; signed out."""
    browser = world.browser()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    arrive(world, account)
    world.clock.advance(60 * DAY)
    browser.post("/sign-out")
    return browser


@pytest.fixture
def codes(world: World, account: Account, owner: Browser) -> list[str]:
    """The owner's recovery codes, made and typed back long ago."""
    owner.sign_in_by_code(account)
    owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    shown = shown_codes(owner.post("/setup/recovery-codes").text)
    owner.post("/setup/recovery-codes/check", code=shown[0])
    arrive(world, account)
    world.clock.advance(60 * DAY)
    owner.post("/sign-out")
    return shown


def waiting_thief(world: World, account: Account) -> Recoverer:
    """Somebody who holds the SIM and reads the mailbox."""
    thief = recoverer(world, account)
    thief.prove_email()
    thief.prove_sms()
    arrive(world, account)
    return thief


def test_one_thing_opens_nothing_and_ends_by_itself(world: World, account: Account, owner: Browser) -> None:
    thief = recoverer(world, account)
    thief.prove_sms()
    pass_time(world, account, world.clock() + 30 * DAY)
    assert of(world, account).stage == RecoveryStage.LAPSED
    assert not thief.told(Template.RECOVERY_OPEN)


def test_one_thing_twice_is_one(world: World, account: Account, owner: Browser) -> None:
    thief = recoverer(world, account)
    thief.prove_sms()
    thief.prove_sms()
    assert of(world, account).stage == RecoveryStage.GATHERING


def test_a_sim_and_the_codes_that_were_made_with_it_are_one(
    world: World, account: Account, codes: list[str]
) -> None:
    thief = recoverer(world, account)
    thief.prove_sms()
    thief.prove_code(codes[1])
    assert of(world, account).stage == RecoveryStage.GATHERING
    assert "These two count as one" in thief.page()


def test_a_sim_and_an_address_that_it_added_are_one(world: World) -> None:
    account = world.account(host_email=None, email=None)
    thief = recoverer(world, account)
    thief.browser.sign_in_by_code(account)
    thief.browser.post("/setup/email", email="thief@example.net")
    code = world.secret(account, Template.VERIFY_EMAIL)["code"]
    thief.browser.post("/setup/email/code", code=code)
    arrive(world, account)
    world.clock.advance(60 * DAY)
    thief.account = world.reload(account.account_id)
    thief.browser = world.browser()
    thief.prove_email()
    thief.prove_sms()
    assert of(world, account).stage == RecoveryStage.GATHERING


def test_texts_that_are_off_prove_nothing(world: World, account: Account, owner: Browser) -> None:
    world.set_sms(account, SmsState.SUSPENDED)
    thief = recoverer(world, account)
    thief.browser.post("/recover/sms", identifier=account.phone or "")
    assert not thief.told(Template.RECOVERY_PROOF)


def test_the_link_alone_opens_nothing(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    mailbox_thief, link = world.browser(), ada.link()
    assert "Please open this where you began" in mailbox_thief.get(link).text
    answer = mailbox_thief.post(link)
    assert answer.headers["location"] == link
    assert "offramp=" not in answer.headers.get("set-cookie", "")


def test_a_link_for_one_account_opens_no_other_request(
    world: World, account: Account, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    eve_account = world.account()
    eve = recoverer(world, eve_account)
    eve.prove_email()
    eve.prove_sms()
    assert "Please open this where you began" in eve.browser.get(ada.link()).text


def test_a_link_stops_working_when_its_contact_is_no_longer_the_accounts(
    world: World, account: Account, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    with world.database.transaction() as session:
        row = session.get_one(Account, account.account_id)
        row.email = "other@example.org"
        session.add(row)
    assert ada.browser.get(ada.link()).status_code == 410


def test_the_owner_stops_it_by_one_tap_at_any_contact(world: World, account: Account, owner: Browser) -> None:
    thief = waiting_thief(world, account)
    [notice] = [m for m in thief.told(Template.RECOVERY_ASKED) if m.channel == Channel.SMS]
    page = world.browser().post("/not-me", code=notice.short_code or "")
    owner.post(page.headers["location"])
    assert of(world, account).stage == RecoveryStage.STOPPED
    assert of(world, account).stop_reason == StopReason.OBJECTED
    assert "This was stopped" in thief.page()
    assert pass_time(world, account, world.clock() + 30 * DAY) == []


def test_a_former_address_is_told_and_a_change_makes_it_wait_longer(
    world: World, account: Account, owner: Browser
) -> None:
    former = account.email
    accounts.put(world.services, account.external_id, {"email": {"value": "new@example.org"}})
    arrive(world, account)
    world.clock.advance(10 * DAY)
    thief = waiting_thief(world, world.reload(account.account_id))
    assert of(world, account).opens_at == world.clock() + 7 * DAY + STANDARD.cooling_off
    told = {message.recipient for message in thief.told(Template.RECOVERY_ASKED)}
    assert told == {former, "new@example.org", account.phone}
    [notice] = [message for message in thief.told(Template.RECOVERY_ASKED) if message.recipient == former]
    world.browser().post(f"/not-me/{objection_token(world.services.seal, notice.key)}")
    assert of(world, account).stage == RecoveryStage.STOPPED


def test_a_recent_objection_makes_it_wait_longer(world: World, account: Account, owner: Browser) -> None:
    waiting_thief(world, account)
    owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    owner.post("/account/recovery/1/stop")
    first = world.browser()
    first.sign_in_by_code(account)
    with world.database.reading() as session:
        [notice, *_] = [
            message
            for message in messages.of_account(session, account.account_id)
            if message.template == Template.SMS_SIGNED_IN and message.channel == Channel.EMAIL
        ]
    world.browser().post(f"/not-me/{objection_token(world.services.seal, notice.key)}")
    with world.database.transaction() as session:
        [objection] = objections.of_account(session, account.account_id)
        settling.settle(
            session,
            objection.objection_id,
            outcome=Outcome.UPHELD,
            by="sam",
            reason="it was not them",
            at=world.clock(),
        )
    world.clock.advance(10 * DAY)
    waiting_thief(world, account)
    assert of(world, account).opens_at == world.clock() + 7 * DAY + STANDARD.cooling_off


def test_an_owner_who_signs_in_by_passkey_is_asked_and_stops_it(
    world: World, account: Account, owner: Browser
) -> None:
    waiting_thief(world, account)
    answer = owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    assert answer.json()["next"] == "/account/recovery"
    page = owner.get("/account/recovery").text
    assert "Was it you who wants to get back in?" in page
    assert "open it now" in page
    assert "It is stopped" in owner.post("/account/recovery/1/stop").text
    assert of(world, account).stop_reason == StopReason.REFUSED
    assert "Nobody is asking to get back in" in owner.get("/account/recovery").text


def test_an_owner_who_signs_in_by_passkey_lets_it_open_at_once(
    world: World, account: Account, owner: Browser
) -> None:
    ada = waiting_thief(world, account)
    owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    assert "It opens now" in owner.post("/account/recovery/1/hasten").text
    before = world.clock()
    pass_time(world, account)
    assert world.clock() == before
    assert "You can come in" in ada.page()


def test_a_text_stops_it_and_never_lets_it_open_sooner(
    world: World, account: Account, owner: Browser
) -> None:
    waiting_thief(world, account)
    somebody = world.browser()
    assert somebody.sign_in_by_code(account).headers["location"] == "/account/recovery"
    assert "open it now" not in somebody.get("/account/recovery").text
    assert somebody.post("/account/recovery/1/hasten").status_code == 403
    assert of(world, account).stage == RecoveryStage.WAITING
    somebody.post("/account/recovery/1/stop")
    assert of(world, account).stage == RecoveryStage.STOPPED


def test_a_provisional_passkey_says_nothing_of_it(world: World, account: Account, owner: Browser) -> None:
    thief = world.browser()
    thief.sign_in_by_code(account)
    stolen = world.authenticator()
    thief.make_passkey(stolen)
    waiting_thief(world, account)
    thief.sign_in_by_passkey(stolen)
    assert "From this sign-in you cannot say" in thief.get("/account/recovery").text
    assert thief.post("/account/recovery/1/stop").status_code == 403
    assert thief.post("/account/recovery/1/hasten").status_code == 403


def test_each_request_waits_for_its_own_proofs_and_the_first_passkey_ends_the_others(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    thief = waiting_thief(world, account)
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    assert len({message.key for message in ada.told(Template.RECOVERY_ASKED)}) == 4
    with world.database.reading() as session:
        first, second = recoveries.under_way(session, account.account_id)
    assert (first.opens_at, second.opens_at) == (world.clock() + 7 * DAY, world.clock() + DAY)
    owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    page = owner.get("/account/recovery").text
    assert "/account/recovery/1/stop" in page
    owner.post("/account/recovery/2/hasten")
    pass_time(world, account, world.clock() + DAY, number=2)
    ada.browser.post(ada.link())
    ada.browser.make_passkey(world.authenticator())
    assert "Another request for your account" in thief.page()
    assert pass_time(world, account, world.clock() + 30 * DAY, number=1) == []


def test_a_request_goes_on_on_another_device_by_a_link_from_the_first(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    page = ada.browser.post("/recover/elsewhere").text
    [token] = re.findall(r"/recover/follow\?token=([\w-]+)", page)
    tablet = recoverer(world, account)
    assert "Do you want to go on here?" in tablet.browser.get(f"/recover/follow?token={token}").text
    assert tablet.browser.post("/recover/follow", token=token).headers["location"] == REQUEST
    tablet.prove_email()
    assert "Now we wait a little" in ada.page()
    pass_time(world, account)
    assert "Is this the device" in tablet.browser.get(tablet.link()).text
    assert tablet.browser.post("/recover/follow", token="nothing").headers["location"] == "/recover"


def test_somebody_else_begins_anew_at_a_shared_computer(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    assert ada.browser.post("/recover/anew").headers["location"] == "/recover"
    assert "What do you have at hand?" in ada.browser.get("/recover").text


def test_neither_page_nor_answer_tells_whether_an_account_exists(
    world: World, account: Account, owner: Browser
) -> None:
    for contact in (account.email, "nobody@example.org"):
        stranger = world.browser()
        answer = stranger.post("/recover/email", identifier=contact or "")
        assert answer.headers["location"] == "/recover/email/code"
        assert "If we know you" in stranger.get("/recover/email/code").text
        wrong = stranger.post("/recover/email/code", code="000000")
        assert "That code is not right. You have 4 tries left" in wrong.text
        page = stranger.post("/recover/code", identifier=contact or "", code="aaaa-bbbb-cccc-dddd").text
        assert "That code does not open this account" in page
        assert stranger.get(REQUEST).headers["location"] == "/recover"


def test_a_recovered_passkey_may_not_remove_the_owners_before_its_time(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    thief = recoverer(world, account)
    thief.prove_code(codes[1])
    thief.prove_email()
    arrive(world, account)
    pass_time(world, account)
    thief.browser.post(thief.link())
    stolen = world.authenticator()
    thief.browser.make_passkey(stolen)
    thief.browser.sign_in_by_passkey(stolen)
    with world.database.reading() as session:
        kept = passkeys.kept(session, account.account_id)
        [owners] = [passkey for passkey in kept if passkey.bound_by != "recovery"]
        [new] = [passkey for passkey in kept if passkey.bound_by == "recovery"]
        assert not trust.of_row(new).is_established(world.clock())
    assert thief.browser.post(f"/account/passkeys/{owners.passkey_id}/remove", sure="yes").status_code == 403


def test_a_weak_pair_does_not_ride_on_the_owners_strong_request(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    thief = waiting_thief(world, account)
    pass_time(world, account, world.clock() + DAY, number=1)
    assert "Please open this where you began" in thief.browser.get(ada.link()).text
    assert "Is this the device" in ada.browser.get(ada.link()).text


def test_what_is_stopped_makes_no_passkey_even_if_its_link_was_opened(
    world: World, account: Account, owner: Browser
) -> None:
    thief = waiting_thief(world, account)
    pass_time(world, account)
    thief.browser.post(thief.link())
    options = thief.browser.send("/passkeys/options").json()
    owner.sign_in_by_passkey(owner.authenticator or world.authenticator())
    owner.post("/account/recovery/1/stop")
    stolen = world.authenticator()
    assert thief.browser.send("/passkeys", stolen.create(options)).status_code in (401, 403)
    assert of(world, account).stage == RecoveryStage.STOPPED
    with world.database.reading() as session:
        assert len(passkeys.kept(session, account.account_id)) == 1


def test_who_holds_number_and_mailbox_has_nobody_to_vouch_and_waits_for_the_sim_window(
    world: World, account: Account, owner: Browser
) -> None:
    thief = waiting_thief(world, account)
    pass_time(world, account)
    thief.browser.post(thief.link())
    thief.browser.make_passkey(world.authenticator())
    with world.database.reading() as session:
        [new] = [p for p in passkeys.kept(session, account.account_id) if p.bound_by == "recovery"]
        assert trust.of_row(new).established_from == world.clock() + STANDARD.sim_swap_window
        assert trust.of_row(new).root is Root.SMS
    assert not any(message.vouches for message in thief.told(Template.RECOVERY_ASKED))


def test_a_further_proof_that_opens_sooner_is_told_anew(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    thief = waiting_thief(world, account)
    world.clock.advance(DAY)
    thief.prove_code(codes[1])
    assert of(world, account).opens_at == world.clock() + DAY
    assert [message.values["hours"] for message in thief.told(Template.RECOVERY_ASKED)] == [
        "24",
        "24",
        "168",
        "168",
    ]
    assert pass_time(world, account) == [RecoveryAct.TELL_AGAIN, RecoveryAct.OPEN]


def test_the_way_in_is_never_gathered_with_other_notices(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account, world.clock() + DAY - timedelta(minutes=1))
    for _ in range(14):
        flooder = world.browser(address=f"203.0.113.{_ + 20}")
        with world.database.transaction() as session:
            notices.tell(
                session,
                accounts_store.get(session, account.account_id),
                Template.SMS_SIGNED_IN,
                event=f"flood-{_}",
                at=world.clock(),
            )
        assert flooder
    pass_time(world, account)
    assert {message.state for message in ada.told(Template.RECOVERY_OPEN)} == {MessageState.QUEUED}


def test_an_account_full_of_passkeys_is_recovered_all_the_same(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    with world.database.transaction() as session:
        for _ in range(MOST_PASSKEYS):
            make_passkey(session, account.account_id, credential_id=f"{'A' * 20}{_:02}")
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    pass_time(world, account)
    ada.browser.post(ada.link())
    assert ada.browser.make_passkey(world.authenticator()).status_code == 200


def test_who_stops_by_a_text_gives_support_a_case(world: World, account: Account, owner: Browser) -> None:
    waiting_thief(world, account)
    somebody = world.browser()
    somebody.sign_in_by_code(account)
    somebody.post("/account/recovery/1/stop")
    assert "support_case" in world.kinds(account)


def test_a_hundred_wrong_codes_close_this_door_for_a_time_and_not_for_ever(
    world: World, account: Account, owner: Browser, codes: list[str]
) -> None:
    stranger, claimant = world.browser(), claimants.of_account(world.services, account.account_id)
    counted = guesses.Counted(
        subject=claimant.subject, code=GuessedCode.RECOVER, browser_id="", key_id=claimant.key_id
    )
    with world.database.transaction() as session:
        guesses.failures(session, counted, at=world.clock())
        for _ in range(CEILING):
            guesses.add(session, counted, at=world.clock())
    stranger.post("/recover/email", identifier=account.email or "")
    refused = stranger.post("/recover/email/code", code="000000")
    assert refused.status_code == 429
    world.clock.advance(LONGEST_CLOSURE)
    ada = recoverer(world, account)
    ada.prove_code(codes[1])
    ada.prove_email()
    assert of(world, account).stage == RecoveryStage.WAITING


def test_a_number_that_several_accounts_have_proves_nothing(
    world: World, account: Account, owner: Browser
) -> None:
    world.account(phone=account.phone)
    thief = recoverer(world, account)
    thief.prove_email()
    assert "/recover/sms" not in thief.page()
    thief.browser.post("/recover/sms")
    assert {message.channel for message in thief.told(Template.RECOVERY_PROOF)} == {Channel.EMAIL}


def test_strangers_who_ask_for_codes_keep_no_browser_out_that_the_account_knows(
    world: World, account: Account, owner: Browser
) -> None:
    for _ in range(8):
        stranger = world.browser()
        answer = stranger.post("/recover/email", identifier=account.email or "")
    assert answer.status_code == 429
    assert owner.post("/recover/email", identifier=account.email or "").status_code == 303


def test_an_objection_to_the_request_reaches_the_passkey_that_it_has_made(
    world: World, account: Account, owner: Browser
) -> None:
    thief = waiting_thief(world, account)
    [notice] = [m for m in thief.told(Template.RECOVERY_ASKED) if m.channel == Channel.EMAIL]
    pass_time(world, account)
    thief.browser.post(thief.link())
    stolen = world.authenticator()
    thief.browser.make_passkey(stolen)
    world.browser().post(f"/not-me/{objection_token(world.services.seal, notice.key)}")
    assert world.browser().sign_in_by_passkey(stolen).status_code != 200
    assert owner.sign_in_by_passkey(owner.authenticator or world.authenticator()).status_code == 200
