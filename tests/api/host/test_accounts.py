"""A host tells of its accounts, changes them, and asks how far they are."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.facts import HostChange, SmsState
from domain.host.keys import KeyScope
from domain.journal import Actor, EventKind
from store.journeys import host_words
from store.people import accounts
from store.people.accounts import Account
from tests.api.host.keys import call, is_refused, key_for
from tests.api.world import World
from tests.factories import make_journey

ADA = {
    "email": {"value": "ada@example.com", "verified": True},
    "phone": {"value": "+442079460101", "verified": True},
    "locale": "en-GB",
    "attributes": {"plan": "family", "seats": {"paid": 3, "free": 1}},
    "methods": {"sms": "only", "others": ["password"]},
}
PATCHES = {"content-type": "application/merge-patch+json"}


@pytest.fixture
def key(world: World) -> str:
    return key_for(world, KeyScope.ACCOUNTS_READ, KeyScope.ACCOUNTS_WRITE)


def put(world: World, key: str, external_id: str = "ada", **changes: Any) -> Any:
    return call(world, key, "PUT", f"/accounts/{external_id}", json={**ADA, **changes})


def patch(world: World, key: str, **changes: Any) -> Any:
    return call(world, key, "PATCH", "/accounts/ada", json=changes, headers=PATCHES)


def ada(world: World, external_id: str = "ada") -> Account:
    with world.database.reading() as session:
        account = accounts.by_external_id(session, external_id)
    assert account is not None
    return account


def test_what_the_host_has_not_answered_is_shown(world: World, key: str) -> None:
    put(world, key)
    account_id, now = ada(world).account_id, world.clock()
    with world.database.transaction() as session:
        make_journey(session, account_id)
        host_words.ask(session, account_id, HostChange.RESTORE, at=now, actor=Actor.JOURNEY)
    open_request = call(world, key, "GET", "/accounts/ada").json()["sms"]["open_request"]
    assert open_request["change"] == "restore"
    assert datetime.fromisoformat(open_request["at"]) == now
    assert datetime.fromisoformat(open_request["deadline"]) == now + timedelta(minutes=1)
    with world.database.transaction() as session:
        host_words.close(session, account_id)
    assert call(world, key, "GET", "/accounts/ada").json()["sms"]["open_request"] is None


def test_a_new_account_is_answered_as_it_is_shown(world: World, key: str) -> None:
    answer = put(world, key)
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["account_id"] == ada(world).account_id
    assert (shown["external_id"], shown["journey"], shown["sms"]["state"]) == ("ada", "none", "on")
    assert shown["email"] == {"value": "a•••@e•••.com", "verified": True}
    assert shown["phone"] == {"value": "+44•••••101", "verified": True}
    assert shown["methods"] == {"sms": "only", "others": ["password"]}
    assert shown["milestones"][0] == {"milestone": "email_verified", "reached": True}
    assert [step["reached"] for step in shown["milestones"]] == [True, False, False, False]
    assert shown["next"] == {"act": None, "at": None, "words": "Nothing: no journey runs."}
    assert shown["facts"]["passkeys"] == 0
    assert call(world, key, "GET", "/accounts/ada").json() == shown


def test_telling_the_same_again_changes_nothing(world: World, key: str) -> None:
    put(world, key)
    before = ada(world)
    assert put(world, key).status_code == 200
    assert ada(world) == before
    assert world.kinds(before) == [EventKind.ACCOUNT_IMPORTED, EventKind.EMAIL_VERIFIED]
    assert {entry.actor for entry in world.journal(before)} == {Actor.HOST}


def test_on_its_journey_an_account_shows_what_is_next(world: World, key: str) -> None:
    account = world.account(external_id="u-1", email="u@example.com")
    shown = call(world, key, "GET", "/accounts/u-1").json()
    assert (shown["journey"], shown["account_id"]) == ("under_way", account.account_id)
    assert shown["next"]["act"] == "nudge"
    assert shown["next"]["words"].startswith("Message 1 by e-mail, asking for a verified e-mail address")


def test_ids_of_any_kind_are_taken(world: World, key: str) -> None:
    assert put(world, key, "tenant%2Fada%7C1%20%C3%A4").status_code == 201
    assert ada(world, "tenant/ada|1 ä").email == "ada@example.com"
    assert call(world, key, "GET", "/accounts/tenant%2Fada%7C1%20%C3%A4").status_code == 200


def test_an_account_without_a_number_may_come_later_to_one(world: World, key: str) -> None:
    answer = call(world, key, "PUT", "/accounts/ada", json={"email": {"value": "ada@example.com"}})
    assert answer.status_code == 201
    assert answer.json()["phone"] is None
    assert patch(world, key, phone={"value": "+442079460101"}).json()["phone"]["value"] == "+44•••••101"


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"phone": {"value": "0151 12345602"}}, "phone: it needs a country code"),
        ({"email": {"value": "ada"}}, "email: "),
        ({"email": {"value": "a..b@example.com"}}, "email: "),
        ({"time_zone": "Berlin"}, "time_zone: it is not an IANA time zone"),
        ({"last_sign_in_at": "yesterday"}, "last_sign_in_at: it is not a moment"),
        ({"phone": {"value": "+4915"}}, "phone: "),
    ],
)
def test_a_field_is_checked_as_in_files(world: World, key: str, changes: dict[str, Any], detail: str) -> None:
    answer = put(world, key, **changes)
    assert is_refused(answer, 422, "bad_account")
    assert answer.json()["detail"].startswith(detail)
    with world.database.reading() as session:
        assert accounts.count(session) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shoe_size": 42}, "shoe_size"),
        ({"methods": {"sms": "often"}}, "sms"),
        ({"email": {"verified": True}}, "value"),
        ({"email": "ada@example.com"}, "email"),
    ],
)
def test_a_shape_that_is_not_described_is_refused(
    world: World, key: str, changes: dict[str, Any], field: str
) -> None:
    answer = put(world, key, **changes)
    assert is_refused(answer, 422, "malformed")
    assert field in answer.json()["detail"]


def test_a_merge_patch_changes_what_it_names_and_takes_away_what_it_nulls(world: World, key: str) -> None:
    put(world, key, risk_tier="low", time_zone="Europe/London")
    answer = patch(
        world,
        key,
        risk_tier=None,
        time_zone=None,
        locale=None,
        methods={"others": None},
        attributes={"plan": None, "seats": {"paid": 4, "free": None}},
        phone={"verified": None},
    )
    assert answer.status_code == 200
    account = ada(world)
    assert (account.risk_tier, account.time_zone, account.locale) == (None, None, "en")
    assert account.attributes == {"seats": {"paid": 4}}
    assert (account.sms_method, account.other_methods) == ("only", None)
    assert (account.host_verified_phone, account.phone) == (None, "+442079460101")
    assert patch(world, key, methods=None, attributes=None).json()["methods"] == {"sms": None, "others": None}
    assert ada(world).attributes == {}


def test_the_id_of_an_account_never_changes(world: World, key: str) -> None:
    put(world, key)
    answer = patch(world, key, external_id="eve")
    assert is_refused(answer, 422, "malformed")
    assert "external_id" in answer.json()["detail"]


def test_an_empty_patch_changes_nothing(world: World, key: str) -> None:
    put(world, key)
    before = ada(world)
    assert patch(world, key).status_code == 200
    assert ada(world) == before


def test_a_host_may_say_later_that_it_has_verified_an_address(world: World, key: str) -> None:
    put(world, key, email={"value": "ada@example.com"})
    assert not ada(world).email_verified_at
    assert patch(world, key, email={"verified": True}).json()["email"]["verified"] is True
    assert ada(world).email_verified_at == world.clock()


def test_a_patch_of_the_address_is_no_word_on_the_one_that_its_owner_has_chosen(
    world: World, key: str
) -> None:
    put(world, key, email={"value": "ada@example.com"})
    with world.database.transaction() as session:
        account = accounts.lock(session, ada(world).account_id)
        accounts.verify_email(session, account, "hers@example.org", at=world.clock())
    world.clock.advance(timedelta(days=1))
    patch(world, key, email={"value": "ada@example.com", "verified": True})
    account = ada(world)
    assert account.email == "hers@example.org"
    assert account.email_verified_at == world.clock() - timedelta(days=1)


@pytest.mark.parametrize("contact", [None, {"value": None}])
def test_a_number_that_may_be_a_way_in_stays(world: World, key: str, contact: Any) -> None:
    put(world, key)
    answer = patch(world, key, phone=contact, risk_tier="low")
    assert is_refused(answer, 409, "contact_stays")
    assert answer.json()["detail"].startswith("phone: it stays")
    assert (ada(world).phone, ada(world).risk_tier) == ("+442079460101", None)


def test_a_number_that_is_gone_may_be_taken_away(world: World, key: str) -> None:
    account = world.ready_account(external_id="ada", phone=None)
    world.set_sms(account, SmsState.REMOVED)
    assert patch(world, key, phone=None).status_code == 200


def test_a_verified_address_stays_and_another_one_may_go(world: World, key: str) -> None:
    put(world, key)
    assert is_refused(patch(world, key, email=None), 409, "contact_stays")
    put(world, key, "bob", email={"value": "bob@example.com"}, phone={"value": "+442079460102"})
    answer = call(world, key, "PATCH", "/accounts/bob", json={"email": None}, headers=PATCHES)
    assert answer.json()["email"] is None
    bob = ada(world, "bob")
    assert (bob.email, bob.email_key, bob.host_email) == (None, None, None)
    assert world.journal(bob)[-1].detail == {"fields": ["email"]}


def test_the_only_address_at_which_somebody_can_be_told_stays(world: World, key: str) -> None:
    call(world, key, "PUT", "/accounts/ada", json={"email": {"value": "ada@example.com"}})
    assert is_refused(patch(world, key, email=None), 409, "contact_stays")


def test_an_unknown_account_is_not_changed_into_being(world: World, key: str) -> None:
    assert is_refused(patch(world, key, locale="de"), 404, "unknown")
    assert is_refused(call(world, key, "GET", "/accounts/nobody"), 404, "unknown")


def test_reading_and_writing_take_scopes_of_their_own(world: World) -> None:
    reads, writes = key_for(world, KeyScope.ACCOUNTS_READ), key_for(world, KeyScope.ACCOUNTS_WRITE)
    assert is_refused(put(world, reads), 403, "scope_missing")
    assert put(world, writes).status_code == 201
    assert is_refused(patch(world, reads, locale="de"), 403, "scope_missing")
    assert is_refused(call(world, writes, "GET", "/accounts/ada"), 403, "scope_missing")


def test_a_deleted_account_is_gone_and_its_id_is_free(world: World) -> None:
    key = key_for(world, KeyScope.ACCOUNTS_READ, KeyScope.ACCOUNTS_WRITE)
    put(world, key)
    first_id = ada(world).account_id
    answer = call(world, key, "DELETE", "/accounts/ada")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert is_refused(call(world, key, method, "/accounts/ada"), 404, "unknown")
    assert put(world, key).status_code == 201
    assert ada(world).account_id != first_id


def test_a_person_of_a_deleted_account_is_signed_out_and_cannot_sign_in(world: World, key: str) -> None:
    account = world.account(external_id="ada", phone="+442079460101")
    browser = world.browser()
    browser.sign_in_by_code(account)
    assert browser.get("/account").status_code == 200
    call(world, key, "DELETE", "/accounts/ada")
    assert browser.get("/account").status_code == 303
    with world.database.reading() as session:
        assert accounts.by_contact(session, phone="+442079460101") is None


def test_what_is_left_of_a_deleted_account_has_no_id_of_a_host(world: World, key: str) -> None:
    account_id = put(world, key).json()["account_id"]
    call(world, key, "DELETE", "/accounts/ada")
    assert is_refused(call(world, key, "GET", f"/accounts/%20{account_id}"), 404, "unknown")
    assert call(world, key, "PUT", f"/accounts/%20{account_id}", json={}).json()["account_id"] != account_id
