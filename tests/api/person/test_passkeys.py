"""Passkeys: bound, used, refused, renamed and removed."""

from datetime import timedelta
from typing import Any

import pytest

from domain.codes import CHALLENGE_LIFETIME
from domain.facts import SmsState
from domain.messages.messages import Template
from domain.passkeys import MOST_PASSKEYS
from domain.trust import Root
from providers.software_authenticator import Authenticator, from_text, to_text
from store.people import passkeys
from store.people.passkeys import Passkey
from tests.api.world import Browser, World


def enrolled(world: World, browser: Browser, phone: Authenticator, **changes: Any) -> tuple[Any, Passkey]:
    """An account with one proven passkey, signed in by it."""
    account = world.account(**changes)
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    return account, bound(world, account)[0]


def bound(world: World, account: Any) -> list[Passkey]:
    with world.database.reading() as session:
        return list(passkeys.active(session, account.account_id))


def test_what_is_kept_of_a_passkey(world: World, browser: Browser) -> None:
    device = world.authenticator(synced=False, aaguid=bytes(range(16)))
    account, passkey = enrolled(world, browser, device)
    assert (passkey.backup_eligible, passkey.backed_up, passkey.sign_count) == (False, False, 1)
    assert (passkey.name, passkey.platform, passkey.bound_by) == ("iPhone", "iPhone", "sms")
    assert passkey.transports == ["internal", "hybrid"]
    assert (passkey.root, passkey.rooted_at) == (Root.SMS, world.clock.now)
    assert world.templates(account).count(Template.PASSKEY_BOUND) == 2


def test_options_ask_for_a_discoverable_verified_passkey_and_exclude_those_there_are(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = enrolled(world, browser, phone)
    options = browser.send("/passkeys/options").json()
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert [credential["id"] for credential in options["excludeCredentials"]] == [passkey.credential_id]
    assert options["excludeCredentials"][0]["transports"] == ["internal", "hybrid"]
    assert from_text(options["user"]["id"]).decode() == account.account_id
    assert browser.send("/sign-in/passkey/options").json()["userVerification"] == "required"


def test_a_passkey_signs_in_without_any_name_typed(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    other = world.browser()
    assert other.sign_in_by_passkey(phone).json() == {"next": "/setup"}
    assert "signed in with this" in other.get("/account").text
    assert world.kinds(account)[-1] == "passkey_signed_in"


def test_a_journey_is_told_of_sign_ins_only_while_they_prove_something(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()  # by the standard policy, which asks for two days
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    for _ in range(4):
        world.browser().sign_in_by_passkey(phone)
        world.clock.advance(timedelta(days=1))
    kinds = world.kinds(account)
    assert kinds.count("passkey_signed_in") == 5
    assert kinds.count("passkey_proven") == 2


def test_a_passkey_signs_in_while_text_codes_are_suspended(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    world.set_sms(account, SmsState.SUSPENDED)
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_a_sign_in_is_timed_from_the_press_of_the_button_and_not_from_the_opening_of_the_page(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    for query, took in (("", 4_000), ("?in_field=true", None)):
        other = world.browser()
        options = other.send("/sign-in/passkey/options").json()
        world.clock.advance(timedelta(seconds=4))
        assert other.send(f"/sign-in/passkey{query}", phone.get(options)).status_code == 200
        entry = [record for record in world.journal(account) if record.kind == "passkey_signed_in"][-1]
        assert entry.detail.get("milliseconds") == took


def test_a_device_that_does_not_verify_its_user_is_refused(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    careless = world.authenticator(verifies_user=False)
    assert browser.make_passkey(careless).status_code == 400
    assert bound(world, account) == []


def test_a_sign_in_without_user_verification_is_refused(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    phone.verifies_user = False
    answer = world.browser().sign_in_by_passkey(phone)
    assert answer.status_code == 400
    assert world.journal(account)[-1].kind == "sign_in_failed"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "https://accounts.example.test:8443"])
def test_another_origin_is_refused(world: World, browser: Browser, phone: Authenticator, origin: str) -> None:
    enrolled(world, browser, phone)
    phone.origin = origin
    assert world.browser().sign_in_by_passkey(phone).status_code == 400
    assert browser.make_passkey(world.authenticator(origin=origin)).status_code == 400


def test_a_frame_in_another_sites_page_is_refused(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    enrolled(world, browser, phone)
    phone.framed_by = "https://evil.example"
    assert world.browser().sign_in_by_passkey(phone).status_code == 400
    assert browser.make_passkey(world.authenticator(framed_by="https://evil.example")).status_code == 400


def test_another_relying_party_is_refused(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.make_passkey(world.authenticator(rp_id="evil.example")).status_code == 400


def test_a_challenge_works_once(world: World, browser: Browser, phone: Authenticator) -> None:
    enrolled(world, browser, phone)
    other = world.browser()
    options = other.send("/sign-in/passkey/options").json()
    answer = phone.get(options)
    assert other.send("/sign-in/passkey", answer).status_code == 200
    again = other.send("/sign-in/passkey", answer)
    assert again.status_code == 400
    assert "once more" in again.json()["error"]["text"]


def test_a_challenge_is_used_up_by_a_wrong_answer_too(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    enrolled(world, browser, phone)
    other = world.browser()
    options = other.send("/sign-in/passkey/options").json()
    broken = phone.get(options)
    broken["response"]["signature"] = to_text(b"no signature")
    assert other.send("/sign-in/passkey", broken).status_code == 400
    assert other.send("/sign-in/passkey", phone.get(options)).status_code == 400


def test_a_challenge_expires(world: World, browser: Browser, phone: Authenticator) -> None:
    enrolled(world, browser, phone)
    other = world.browser()
    options = other.send("/sign-in/passkey/options").json()
    world.clock.advance(CHALLENGE_LIFETIME)
    assert other.send("/sign-in/passkey", phone.get(options)).status_code == 400


def test_a_challenge_belongs_to_its_browser(world: World, browser: Browser, phone: Authenticator) -> None:
    enrolled(world, browser, phone)
    asker, other = world.browser(), world.browser()
    options = asker.send("/sign-in/passkey/options").json()
    other.send("/sign-in/passkey/options")
    assert other.send("/sign-in/passkey", phone.get(options)).status_code == 400
    assert world.browser().send("/sign-in/passkey", phone.get(options)).status_code == 400


def test_an_unknown_passkey_is_refused_with_a_hint(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    browser.sign_in_by_code(world.account())
    options = browser.send("/passkeys/options").json()
    phone.create(options)  # never kept by us
    answer = world.browser().sign_in_by_passkey(phone)
    assert answer.status_code == 400
    assert "We don't know this passkey" in answer.json()["error"]["text"]
    assert answer.json()["error"]["reason"] == "credential_unknown"


def test_somebody_elses_passkey_proves_nothing_and_changes_nothing(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    owner, _ = enrolled(world, browser, phone)
    other, account = world.browser(), world.account()
    other.sign_in_by_code(account)
    other.make_passkey(world.authenticator())
    before = (world.kinds(owner), world.kinds(account))
    other.authenticator = phone
    answer = other.prove_passkey()
    assert answer.status_code == 400
    assert "another account" in answer.json()["error"]["text"]
    assert (world.kinds(owner), world.kinds(account)) == before


def test_somebody_elses_passkey_is_neither_renamed_nor_removed(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    owner, passkey = enrolled(world, browser, phone)
    thief = world.browser()
    thief.sign_in_by_code(world.account())
    for act in ("name", "remove"):
        answer = thief.post(f"/account/passkeys/{passkey.passkey_id}/{act}", name="mine")
        assert answer.status_code == 404
    assert bound(world, owner)[0].name == "iPhone"


def test_a_handle_of_another_account_is_refused(world: World, browser: Browser, phone: Authenticator) -> None:
    enrolled(world, browser, phone)
    phone.keys[-1].user_handle = b"somebody else"
    assert world.browser().sign_in_by_passkey(phone).status_code == 400


def test_a_passkey_that_is_bound_is_not_bound_again(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    _, passkey = enrolled(world, browser, phone)
    other, account = world.browser(), world.account()
    other.sign_in_by_code(account)
    copycat = world.authenticator()
    options = other.send("/passkeys/options").json()
    answer = copycat.create(options)
    # A new attestation of an id that is on record already.
    raw = from_text(answer["response"]["attestationObject"])
    forged = raw.replace(copycat.keys[0].credential_id, from_text(passkey.credential_id))
    answer["id"] = answer["rawId"] = passkey.credential_id
    answer["response"]["attestationObject"] = to_text(forged)
    refused = other.send("/passkeys", answer)
    assert refused.status_code == 400
    assert "already in use" in refused.json()["error"]["text"]
    assert bound(world, account) == []


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": "x"}, {"id": "AAAA", "response": {}}, {"id": 7, "response": []}, [], "text", None],
)
def test_what_is_no_answer_is_refused(world: World, browser: Browser, answer: Any) -> None:
    browser.sign_in_by_code(world.account())
    for path in ("/sign-in/passkey", "/passkeys", "/passkeys/prove"):
        assert (
            browser.client.post(path, json=answer, headers={"accept": "application/json"}).status_code == 400
        )


def test_a_passkey_beside_this_device_is_named_after_what_it_is(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(world.authenticator(attachment="cross-platform", transports=("usb", "nfc")))
    browser.make_passkey(world.authenticator(attachment="cross-platform", transports=("hybrid",)))
    browser.make_passkey(world.authenticator())
    browser.make_passkey(world.authenticator())
    assert [passkey.name for passkey in bound(world, account)] == [
        "Security key",
        "Phone or tablet",
        "iPhone",
        "iPhone 2",
    ]


def test_renaming_takes_what_can_be_read(world: World, browser: Browser, phone: Authenticator) -> None:
    account, passkey = enrolled(world, browser, phone)
    path = f"/account/passkeys/{passkey.passkey_id}/name"
    assert browser.post(path, name="  Ada's\x07  <phone> ").headers["location"] == "/account"
    assert bound(world, account)[0].name == "Ada's <phone>"
    assert "Ada&#39;s &lt;phone&gt;" in browser.get("/account").text
    browser.post(path, name=" \x07 ")
    assert bound(world, account)[0].name == "Ada's <phone>"


def test_removing_ends_its_sessions_tells_the_owner_and_keeps_the_record(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = enrolled(world, browser, phone)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    answer = bystander.post(f"/account/passkeys/{passkey.passkey_id}/remove", is_sure="true")
    assert answer.headers["location"] == "/account?done=removed"
    assert browser.get("/account").headers["location"] == "/sign-in"
    assert bystander.get("/account").status_code == 200
    assert Template.PASSKEY_REMOVED in world.templates(account)
    assert world.browser().sign_in_by_passkey(phone).status_code == 400
    with world.database.reading() as session:
        assert len(passkeys.ever_bound(session, account.account_id)) == 1


def test_the_last_way_in_is_not_removed(world: World, browser: Browser, phone: Authenticator) -> None:
    account, passkey = enrolled(world, browser, phone)
    world.set_sms(account, SmsState.SUSPENDED)
    answer = browser.post(f"/account/passkeys/{passkey.passkey_id}/remove")
    assert answer.status_code == 409
    assert "last way in" in answer.text
    assert len(bound(world, account)) == 1
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("passkey_id", ["x", "00000000-0000-0000-0000-000000000000", "%00", "1/2"])
def test_an_unknown_passkey_is_not_found(world: World, browser: Browser, passkey_id: str) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.post(f"/account/passkeys/{passkey_id}/remove").status_code == 404


def test_ceremonies_are_throttled_as_json(world: World) -> None:
    browser = world.browser(address="203.0.113.50")
    for _ in range(300):
        browser.send("/sign-in/passkey/options")
    answer = browser.send("/sign-in/passkey/options")
    assert answer.status_code == 429
    assert "short break" in answer.json()["error"]["title"]
    world.clock.advance(timedelta(minutes=15))
    assert browser.send("/sign-in/passkey/options").status_code == 200


def test_the_twenty_first_passkey_is_refused_with_what_to_do_until_one_is_removed(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    for _ in range(MOST_PASSKEYS - 1):
        browser.make_passkey(world.authenticator())
    refusal = browser.send("/passkeys/options")
    assert refusal.status_code == 400
    assert refusal.json()["error"]["reason"] == "too_many_passkeys"
    assert "Please remove one" in refusal.json()["error"]["text"]
    assert len(bound(world, account)) == MOST_PASSKEYS
    browser.post(f"/account/passkeys/{bound(world, account)[-1].passkey_id}/remove")
    assert browser.send("/passkeys/options").status_code == 200


def test_passkeys_that_are_made_at_the_same_time_do_not_exceed_the_most(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = enrolled(world, browser, phone)
    for _ in range(MOST_PASSKEYS - 2):
        browser.make_passkey(world.authenticator())
    other = world.browser()
    other.sign_in_by_passkey(phone)
    late = other.send("/passkeys/options").json()
    browser.make_passkey(world.authenticator())
    answer = other.send("/passkeys", world.authenticator().create(late))
    assert answer.json()["error"]["reason"] == "too_many_passkeys"
    assert len(bound(world, account)) == MOST_PASSKEYS


def test_a_security_key_in_safari_that_names_nobody_is_tried_out_all_the_same(
    world: World, browser: Browser
) -> None:
    account, key = world.account(), world.authenticator(attachment="cross-platform", transports=("usb",))
    browser.sign_in_by_code(account)
    browser.make_passkey(key)
    answer = key.get(browser.send("/passkeys/prove/options").json())
    answer["response"]["userHandle"] = ""
    assert browser.send("/passkeys/prove", answer).status_code == 200
    assert "passkey_proven" in world.kinds(account)
    at_the_door = key.get(browser.send("/sign-in/passkey/options").json())
    at_the_door["response"]["userHandle"] = ""
    assert browser.send("/sign-in/passkey", at_the_door).status_code == 400  # nobody has said whose it is


@pytest.mark.parametrize("attachment", ["", "of the future", 7, None, [], {"a": 1}])
def test_an_attachment_that_nobody_knows_is_taken_as_none(
    world: World, browser: Browser, phone: Authenticator, attachment: Any
) -> None:
    phone.attachment = attachment
    _, passkey = enrolled(world, browser, phone)
    assert passkey.name == "iPhone"
    assert world.browser().sign_in_by_passkey(phone).status_code == 200
