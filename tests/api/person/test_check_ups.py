"""The check-up page: one question at a time, and then the day of the next one."""

import re
from datetime import timedelta

import pytest

from domain.facts import Channel, SmsState
from domain.journal import EventKind
from domain.messages.messages import Fate
from domain.passkeys import Assertion
from domain.upkeep.check_ups import FEW_CODES, FIRST_AFTER, UNUSED_FOR
from providers.software_authenticator import Authenticator
from services.upkeep.inviting import invite_due
from store.journeys import check_ups
from store.messages import contact_faults
from store.people import passkeys, recovery_codes
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.world import Browser, World, shown_codes
from tests.factories import make_account, make_passkey, send_everything

PAGE = "/account/check-up"


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody with a synced passkey and codes on paper, whose text-message codes were removed 28 days ago."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(timedelta(days=20))
    world.set_sms(account, SmsState.REMOVED)
    with world.database.transaction() as session:
        check_ups.schedule(session, account.account_id, due_at=world.clock() + FIRST_AFTER)
    world.clock.advance(FIRST_AFTER)
    invite_due(world.database, world.clock)
    browser.sign_in_by_passkey(phone)
    return world.reload(account.account_id)


def unused_for_long(world: World, account: Account) -> str:
    """Let the only device have been used last so long ago that it is asked about; returns its id."""
    last = world.clock() - UNUSED_FOR
    with world.database.transaction() as session:
        kept = passkeys.kept(session, account.account_id)[0]
        passkeys.note_use(session, kept, at=last, day=last.date())
    return kept.passkey_id


def use_up_codes(world: World, account: Account, *, left: int) -> None:
    with world.database.transaction() as session:
        (first, *_) = recovery_codes.proven_sets_of(session, [account.account_id])[account.account_id]
        while recovery_codes.left(session, account.account_id)[0] > left:
            code = recovery_codes.working_set(session, account.account_id, first.set_id)
            assert code
            recovery_codes.use(session, code, at=world.clock())


def test_the_account_page_leads_to_the_check_up_until_it_is_done(
    world: World, browser: Browser, account: Account
) -> None:
    assert f'href="{PAGE}"' in browser.get("/account").text
    page = browser.get(PAGE)
    assert "Do these still work?" in page.text
    assert "8 codes left" in page.text
    answer = browser.post(f"{PAGE}/done")
    assert answer.headers["location"] == f"{PAGE}/done"
    assert "We'll ask again on" in browser.get(f"{PAGE}/done").text
    assert f'href="{PAGE}"' not in browser.get("/account").text
    assert world.kinds(account)[-1] == EventKind.CHECK_UP_DONE
    with world.database.reading() as session:
        row = check_ups.find(session, account.account_id)
    assert row
    assert (row.done_at, row.due_at) == (world.clock(), world.clock() + timedelta(days=365))


def test_whoever_still_has_text_message_codes_has_no_check_up(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.get(PAGE).headers["location"] == "/account"
    assert browser.post(f"{PAGE}/done").status_code == 409


def test_a_stranger_is_led_to_the_sign_in(world: World) -> None:
    assert world.browser().get(PAGE).headers["location"] == "/sign-in"


def test_a_device_that_was_unused_for_long_is_tried_and_then_known_to_work(
    world: World, browser: Browser, phone: Authenticator, account: Account
) -> None:
    device_id = unused_for_long(world, account)
    page = browser.get(PAGE).text
    assert "Does this device still work?" in page
    assert f'data-options="{PAGE}/devices/{device_id}/options"' in page
    options = browser.send(f"{PAGE}/devices/{device_id}/options").json()
    assert len(options["allowCredentials"]) == 1
    assert browser.send(f"{PAGE}/devices/try", phone.get(options)).json() == {"next": PAGE}
    assert "Do these still work?" in browser.get(PAGE).text
    with world.database.reading() as session:
        assert passkeys.kept(session, account.account_id)[0].last_used_at == world.clock()


def test_what_was_passed_over_stays_so_while_other_devices_are_tried(
    world: World, browser: Browser, phone: Authenticator, account: Account
) -> None:
    device_id = unused_for_long(world, account)
    options = browser.send(f"{PAGE}/devices/{device_id}/options").json()
    tried = browser.send(f"{PAGE}/devices/try?passed=codes_low", phone.get(options))
    assert tried.json() == {"next": f"{PAGE}?passed=codes_low"}


def test_a_device_of_somebody_else_cannot_be_asked_for(
    world: World, browser: Browser, account: Account
) -> None:
    with world.database.transaction() as session:
        other = make_passkey(session, make_account(session).account_id)
    answer = browser.send(f"{PAGE}/devices/{other.passkey_id}/options")
    assert answer.status_code == 400
    assert "allowCredentials" not in answer.text


def test_a_device_that_is_gone_leads_to_its_removal_and_one_that_is_elsewhere_is_passed_over(
    world: World, browser: Browser, account: Account
) -> None:
    device_id = unused_for_long(world, account)
    page = browser.get(PAGE).text
    assert re.search(rf'href="/account/passkeys/{device_id}/(lost|remove)">I no longer have it', page)
    assert f'href="{PAGE}?passed={device_id}">I have it, but not here' in page
    assert "Do these still work?" in browser.get(f"{PAGE}?passed={device_id}").text


def test_few_codes_lead_to_new_ones_one_question_after_the_other(
    world: World, browser: Browser, account: Account
) -> None:
    device_id = unused_for_long(world, account)
    use_up_codes(world, account, left=FEW_CODES)
    assert "1 more question follows" in text(browser.get(PAGE))
    page = browser.get(f"{PAGE}?passed={device_id}")
    assert "You have 2 recovery codes left" in page.text
    assert 'action="/setup/recovery-codes"' in page.text
    assert f'href="{PAGE}?passed={device_id}&amp;passed=codes_low"' in page.text


def test_an_address_from_which_messages_come_back_is_asked_about(
    world: World, browser: Browser, account: Account
) -> None:
    email = account.email or ""
    with world.database.transaction() as session:
        contact_faults.note(
            session,
            account.account_id,
            Channel.EMAIL,
            contact=email,
            fate=Fate.BOUNCED,
            reason="full",
            at=world.clock(),
        )
    page = browser.get(PAGE).text
    assert "Does your address still work?" in page
    assert email not in page  # it shows as much of it as the account page
    assert 'href="/account/email"' in page


def test_whoever_is_one_loss_away_is_offered_a_second_way(
    world: World, browser: Browser, account: Account
) -> None:
    with world.database.transaction() as session:
        kept = passkeys.kept(session, account.account_id)[0]
        assertion = Assertion(
            credential_id=kept.credential_id, sign_count=0, backup_eligible=True, backed_up=False
        )
        passkeys.note_state(session, kept, assertion)
    use_up_codes(world, account, left=0)
    page = browser.get(f"{PAGE}?passed=codes_low").text
    assert "Only one way in" in page
    assert 'action="/setup/device"' in page


@pytest.mark.parametrize("query", ["passed=" + "x" * 41, "&".join(["passed=x"] * 41)])
def test_what_no_page_of_ours_asks_for_is_refused(browser: Browser, account: Account, query: str) -> None:
    assert account
    assert browser.get(f"{PAGE}?{query}").status_code in (400, 422)
