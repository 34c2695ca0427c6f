"""An identity system pushes its users by SCIM 2.0."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx2 import Response

from api.web.security import LARGEST_BODY
from domain.host.keys import KeyScope
from domain.journal import Actor, EventKind
from domain.words.standings import standing
from providers.scim import MEDIA_TYPE
from providers.software_authenticator import Authenticator
from store.desk import cases
from store.people import accounts
from store.people.accounts import Account
from tests.api.host.keys import call, is_refused, key_for
from tests.api.world import World

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCHES = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ADA = {
    "schemas": [CORE, ENTERPRISE],
    "userName": "Ada@example.com",
    "externalId": "u-1815",
    "active": True,
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [
        {"value": "old@example.com", "type": "home"},
        {"value": "ada@example.com", "type": "work", "primary": True},
    ],
    "phoneNumbers": [
        {"value": "+442079460109", "type": "work"},
        {"value": "+442079460101", "type": "mobile"},
    ],
    "locale": "en_GB",
    "timezone": "Europe/London",
    ENTERPRISE: {"department": "Engines"},
}

Ask = Callable[..., Response]


@pytest.fixture
def ask(world: World) -> Ask:
    """One request of the identity system; `body` is sent as SCIM."""
    key = key_for(world, KeyScope.SCIM_WRITE)

    def send(method: str, path: str, body: Any = None, **given: Any) -> Response:
        if body is not None:
            given |= {"json": body, "headers": {"content-type": MEDIA_TYPE}}
        return call(world, key, method, f"/scim/v2{path}", **given)

    return send


def user(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**ADA, **changes}.items() if value is not None}


def operations(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCHES], "Operations": list(steps)}


def switch(ask: Ask, account: Account, *, active: bool) -> Response:
    body = operations({"op": "replace", "path": "active", "value": active})
    return ask("PATCH", f"/Users/{account.account_id}", body)


def is_scim_error(answer: Response, status: int, kind: str | None = None) -> bool:
    """Whether an answer is a refusal as SCIM writes it."""
    if answer.headers["content-type"] != MEDIA_TYPE:
        return False
    said = answer.json()
    assert said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert said["detail"]
    return (answer.status_code, said["status"], said.get("scimType")) == (status, str(status), kind)


def of_host(world: World, external_id: str) -> Account:
    with world.database.reading() as session:
        account = accounts.by_external_id(session, external_id)
    assert account is not None
    return account


def test_a_pushed_user_is_an_account_of_the_host(world: World, ask: Ask) -> None:
    answer = ask("POST", "/Users", ADA)
    account = of_host(world, "u-1815")
    assert (answer.status_code, answer.headers["content-type"]) == (201, MEDIA_TYPE)
    location = f"{world.services.site.origin}/v1/scim/v2/Users/{account.account_id}"
    assert answer.headers["location"] == location
    shown = answer.json()
    assert shown["meta"].pop("created")
    assert shown == {
        "schemas": [CORE],
        "id": account.account_id,
        "externalId": "u-1815",
        "meta": {"resourceType": "User", "location": location},
        "userName": "Ada@example.com",
        "active": True,
        "emails": [{"value": "ada@example.com", "type": "work", "primary": True}],
        "phoneNumbers": [{"value": "+442079460101", "type": "mobile", "primary": True}],
        "locale": "en-GB",
        "timezone": "Europe/London",
    }
    assert (account.email_verified_at, account.host_verified_email) == (None, None)
    assert world.kinds(account) == [EventKind.ACCOUNT_IMPORTED]


def test_without_an_id_of_the_host_the_first_name_is_that_for_good(world: World, ask: Ask) -> None:
    shown = ask("POST", "/Users", user(externalId=None)).json()
    assert shown["externalId"] == "Ada@example.com"
    renamed = ask("PUT", f"/Users/{shown['id']}", user(externalId=None, userName="countess@example.com"))
    assert (renamed.json()["userName"], renamed.json()["externalId"]) == (
        "countess@example.com",
        "Ada@example.com",
    )
    assert of_host(world, "Ada@example.com").user_name == "countess@example.com"


def test_two_users_share_neither_an_id_nor_a_name(ask: Ask) -> None:
    ask("POST", "/Users", ADA)
    assert is_scim_error(ask("POST", "/Users", user(userName="bob")), 409, "uniqueness")
    assert is_scim_error(
        ask("POST", "/Users", user(externalId="u-2", userName="ADA@EXAMPLE.COM")), 409, "uniqueness"
    )
    bob = ask("POST", "/Users", {"schemas": [CORE], "userName": "bob"}).json()
    body = operations({"op": "replace", "value": {"userName": "ada@example.com"}})
    assert is_scim_error(ask("PATCH", f"/Users/{bob['id']}", body), 409, "uniqueness")


def test_an_account_that_was_told_of_otherwise_is_found_and_taken_over_once(world: World, ask: Ask) -> None:
    account = world.account(external_id="u-1815", phone="+442079460101")
    for spelled in ("u-1815", "U-1815"):
        found = ask("GET", f'/Users?filter=userName eq "{spelled}"').json()
        assert [shown["id"] for shown in found["Resources"]] == [account.account_id]
    assert is_scim_error(ask("POST", "/Users", user(externalId="u-2", userName="U-1815")), 409, "uniqueness")
    taken = ask("POST", "/Users", ADA)
    assert (taken.status_code, taken.json()["id"]) == (201, account.account_id)
    assert is_scim_error(ask("POST", "/Users", ADA), 409, "uniqueness")


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ada@EXAMPLE.com"',
        'externalId eq "u-1815"',
        f'{CORE}:userName eq "ada@example.com"',
        'username EQ "ada@example.com"',
    ],
)
def test_a_user_is_found_by_name_and_by_id(ask: Ask, text: str) -> None:
    ask("POST", "/Users", ADA)
    ask("POST", "/Users", {"schemas": [CORE], "userName": "bob"})
    found = ask("GET", "/Users", params={"filter": text}).json()
    assert (found["totalResults"], found["itemsPerPage"], found["startIndex"]) == (1, 1, 1)
    assert found["Resources"][0]["externalId"] == "u-1815"


@pytest.mark.parametrize(
    "text", ['userName sw "a"', 'externalId eq "a" or userName eq "b"', "userName", 'locale eq "en"', '"']
)
def test_any_other_filter_is_refused(ask: Ask, text: str) -> None:
    assert is_scim_error(ask("GET", "/Users", params={"filter": text}), 400, "invalidFilter")


def test_nobody_is_found_by_an_id_in_other_letters(ask: Ask) -> None:
    ask("POST", "/Users", ADA)
    assert ask("GET", "/Users", params={"filter": 'externalId eq "U-1815"'}).json()["Resources"] == []


def test_the_schema_says_what_the_filters_do(ask: Ask) -> None:
    schema = ask("GET", f"/Schemas/{CORE}").json()
    exact = {attribute["name"]: attribute["caseExact"] for attribute in schema["attributes"]}
    assert exact["userName"] is False


@pytest.mark.parametrize(
    ("path", "field"),
    [('PHONENUMBERS[Type EQ "Mobile"].Value', "phoneNumbers"), ('emails[type eq "WORK"].value', "emails")],
)
def test_names_and_types_in_a_path_are_the_same_in_any_capitals(ask: Ask, path: str, field: str) -> None:
    user_id = ask("POST", "/Users", ADA).json()["id"]
    value = "+442079460103" if field == "phoneNumbers" else "new@example.com"
    answer = ask("PATCH", f"/Users/{user_id}", operations({"op": "REPLACE", "path": path, "value": value}))
    assert [contact["value"] for contact in answer.json()[field]] == [value]


def test_names_of_attributes_are_the_same_in_any_capitals(ask: Ask) -> None:
    made = ask("POST", "/Users", {"SCHEMAS": [CORE], "USERNAME": "ada", "externalid": "u-1"}).json()
    assert (made["userName"], made["externalId"]) == ("ada", "u-1")
    assert ask("GET", f"/Users/{made['id']}?attributes=USERNAME").json()["userName"] == "ada"


def test_a_created_user_has_its_place_in_a_repeated_answer_too(world: World, ask: Ask) -> None:
    key = key_for(world, KeyScope.SCIM_WRITE)
    named = {"content-type": MEDIA_TYPE, "idempotency-key": "n1"}
    first, second = (call(world, key, "POST", "/scim/v2/Users", json=ADA, headers=named) for _ in range(2))
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"] == first.json()["meta"]["location"]
    assert (second.status_code, second.json()) == (201, first.json())


def test_users_come_page_by_page(ask: Ask) -> None:
    ids = [ask("POST", "/Users", {"schemas": [CORE], "userName": f"u{n}"}).json()["id"] for n in range(5)]
    pages = [ask("GET", f"/Users?startIndex={start}&count=2").json() for start in (1, 3, 5, 7)]
    assert [[shown["id"] for shown in page["Resources"]] for page in pages] == [
        ids[:2],
        ids[2:4],
        ids[4:],
        [],
    ]
    assert {page["totalResults"] for page in pages} == {5}
    assert ask("GET", f"/Users?startIndex={10**30}&count={10**30}").json()["Resources"] == []
    none = ask("GET", "/Users?startIndex=-3&count=-1").json()
    assert (none["startIndex"], none["totalResults"], none["Resources"]) == (1, 5, [])


def test_an_answer_has_the_attributes_that_are_asked_for(ask: Ask) -> None:
    shown = ask("POST", "/Users?attributes=userName,emails.value", ADA).json()
    assert shown.keys() == {"schemas", "id", "userName", "emails"}
    shown = ask("GET", f"/Users/{shown['id']}?excludedAttributes=emails,meta").json()
    assert "userName" in shown
    assert not {"emails", "meta"} & shown.keys()


def test_what_a_put_leaves_out_stays_and_null_takes_away(world: World, ask: Ask) -> None:
    user_id = ask("POST", "/Users", ADA).json()["id"]
    before = of_host(world, "u-1815")
    ask("PUT", f"/Users/{user_id}", {"schemas": [CORE], "userName": "Ada@example.com"})
    assert of_host(world, "u-1815") == before
    shown = ask("PUT", f"/Users/{user_id}", {**user(), "timezone": None, "emails": []}).json()
    assert not {"timezone", "emails"} & shown.keys()
    assert of_host(world, "u-1815").time_zone is None


@pytest.mark.parametrize("op", ["remove", "replace"])
def test_only_true_activates_an_account_again(ask: Ask, op: str) -> None:
    user_id = ask("POST", "/Users", user(active=False)).json()["id"]
    assert ask("PUT", f"/Users/{user_id}", {**ADA, "active": None}).json()["active"] is False
    told = operations({"op": op, "path": "active", "value": None})
    assert ask("PATCH", f"/Users/{user_id}", told).json()["active"] is False


@pytest.mark.parametrize("escaped", ["\\ud800", "\\u0000"])
def test_a_filter_for_what_no_database_keeps_is_refused(ask: Ask, escaped: str) -> None:
    answer = ask("GET", "/Users", params={"filter": f'userName eq "{escaped}"'})
    assert is_scim_error(answer, 400, "invalidFilter")


def test_entras_operations_are_understood(world: World, ask: Ask) -> None:
    user_id = ask("POST", "/Users", user(phoneNumbers=None)).json()["id"]
    body = operations(
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+442079460103"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "King"},
        {"op": "Replace", "path": "active", "value": "False"},
    )
    assert ask("PATCH", f"/Users/{user_id}", body).json()["active"] is False
    account = of_host(world, "u-1815")
    assert (account.phone, account.email) == ("+442079460103", "new@example.com")
    assert account.deactivated_at == world.clock()
    body = operations({"op": "Replace", "value": {"active": "True"}})
    assert ask("PATCH", f"/Users/{user_id}", body).json()["active"] is True


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "remove", "path": "phoneNumbers"}, "mutability"),
        ({"op": "replace", "path": "externalId", "value": "u-2"}, "mutability"),
        ({"op": "remove", "path": "externalId"}, "mutability"),
        ({"op": "replace", "path": "emails", "value": [{"value": "nobody"}]}, "invalidValue"),
        ({"op": "replace", "path": "phoneNumbers", "value": [{"value": "0207"}]}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": " "}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": "a" * 256}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": "a\nb"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "jump", "path": "active"}, "invalidValue"),
        ({"op": "remove"}, "noTarget"),
    ],
)
def test_what_cannot_be_done_is_refused_whole(
    world: World, ask: Ask, operation: dict[str, Any], kind: str
) -> None:
    user_id = ask("POST", "/Users", ADA).json()["id"]
    before = of_host(world, "u-1815")
    first = {"op": "replace", "path": "locale", "value": "de"}
    answer = ask("PATCH", f"/Users/{user_id}", operations(first, operation))
    assert is_scim_error(answer, 400, kind), answer.text
    assert of_host(world, "u-1815") == before


def test_a_deleted_user_is_gone_and_the_name_is_free(ask: Ask) -> None:
    user_id = ask("POST", "/Users", ADA).json()["id"]
    assert ask("DELETE", f"/Users/{user_id}").status_code == 204
    for method, body in (("GET", None), ("DELETE", None), ("PUT", ADA)):
        assert is_scim_error(ask(method, f"/Users/{user_id}", body), 404)
    assert ask("GET", "/Users").json()["totalResults"] == 0
    assert ask("POST", "/Users", ADA).json()["id"] != user_id


def test_refusals_have_scims_form_there_and_nowhere_else(world: World, ask: Ask) -> None:
    reads = key_for(world, KeyScope.ACCOUNTS_READ)
    assert is_scim_error(call(world, "nothing", "GET", "/scim/v2/Users"), 401)
    assert is_scim_error(call(world, reads, "GET", "/scim/v2/Users"), 403)
    assert is_scim_error(ask("GET", "/Users/nobody"), 404)
    assert is_scim_error(ask("GET", "/Groups"), 404)
    assert is_scim_error(ask("POST", "/Users", [1]), 400, "invalidSyntax")
    assert is_scim_error(ask("POST", "/Users", {"schemas": [CORE]}), 400, "invalidValue")
    assert is_scim_error(ask("POST", "/Users", user(title="x" * LARGEST_BODY)), 413)
    assert is_scim_error(ask("POST", "/Bulk", {}), 501)
    assert is_scim_error(ask("GET", '/Schemas?filter=id eq "x"'), 403)
    assert is_scim_error(world.browser().client.post("/v1/scim/v2/Users"), 401)
    assert is_refused(call(world, reads, "GET", "/accounts/nobody"), 404, "unknown")
    assert is_refused(call(world, reads, "GET", "/scimitar"), 404, "no_such_route")


def test_a_head_of_a_refusal_has_no_body(world: World, ask: Ask) -> None:
    answer = ask("HEAD", "/Users/nobody")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (404, MEDIA_TYPE, b"")


def test_nobody_is_signed_in_to_a_deactivated_account(world: World, ask: Ask) -> None:
    account = world.account(external_id="ada", phone="+442079460101")
    browser = world.browser()
    browser.sign_in_by_code(account)
    assert browser.get("/account").status_code == 200
    switch(ask, account, active=False)
    assert browser.get("/account").status_code == 303
    switch(ask, account, active=True)
    assert browser.get("/account").status_code == 303
    browser.sign_in_by_code(account)
    assert browser.get("/account").status_code == 200
    entries = {entry.kind: entry.actor for entry in world.journal(account)}
    assert entries[EventKind.ACCOUNT_DEACTIVATED] == entries[EventKind.ACCOUNT_REACTIVATED] == Actor.HOST


def test_a_stranger_at_the_door_does_not_learn_of_it(world: World, ask: Ask) -> None:
    account = world.account(phone="+442079460101")
    nobodys = world.browser().ask_for_code("+442079460102")
    switch(ask, account, active=False)
    answer = world.browser().ask_for_code(account.phone)
    assert (answer.status_code, answer.text) == (nobodys.status_code, nobodys.text)
    assert world.templates(account) == []


def test_a_code_that_was_sent_before_opens_nothing(world: World, ask: Ask) -> None:
    account = world.account(phone="+442079460101")
    browser = world.browser()
    browser.ask_for_code(account.phone)
    switch(ask, account, active=False)
    answer = browser.post("/sign-in/code", code=world.code(account))
    assert answer.status_code == 403
    assert "This account is switched off" in answer.text
    assert browser.get("/account").status_code == 303
    assert EventKind.SIGNED_IN not in world.kinds(account)


def test_a_passkey_is_told_why_and_works_again_afterwards(
    world: World, ask: Ask, phone: Authenticator
) -> None:
    account = world.account(phone="+442079460101", email="ada@example.com")
    browser = world.browser()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    switch(ask, account, active=False)
    refused = world.browser().sign_in_by_passkey(phone)
    assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "account_deactivated")
    assert EventKind.PASSKEY_SIGNED_IN not in world.kinds(account)
    switch(ask, account, active=True)
    other = world.browser()
    assert other.sign_in_by_passkey(phone).status_code == 200
    assert other.get("/account").status_code == 200


def test_a_deactivated_account_keeps_its_facts_and_its_journey_stands_still(world: World, ask: Ask) -> None:
    account = world.ready_account(external_id="ada")
    key = key_for(world, KeyScope.ACCOUNTS_READ, KeyScope.PROMPTS_WRITE)
    before = call(world, key, "GET", "/accounts/ada").json()
    switch(ask, account, active=False)
    shown = call(world, key, "GET", "/accounts/ada").json()
    assert shown["milestones"] == before["milestones"]
    assert shown["next"] == {
        "act": None,
        "at": None,
        "words": "Nothing while the service has the account deactivated.",
    }
    switch(ask, account, active=True)
    after = call(world, key, "GET", "/accounts/ada").json()
    assert {**after, "facts": None} == {**before, "facts": None}


def test_the_desk_reads_that_an_account_is_deactivated(world: World, ask: Ask) -> None:
    account = world.account()
    switch(ask, account, active=False)
    with world.database.reading() as session:
        case = cases.draw(session, account.account_id, now=world.clock())
    assert standing(case, world.clock()).startswith("Deactivated by the service since ")


def test_a_deactivated_account_is_asked_for_nothing_at_the_hosts_sign_in(world: World, ask: Ask) -> None:
    account = world.account(external_id="ada")
    key = key_for(world, KeyScope.PROMPTS_WRITE)

    def shown() -> str:
        body = {"external_id": "ada", "device": {"can_passkey": True}}
        return str(call(world, key, "POST", "/prompts", json=body).json()["show"])

    assert shown() == "step"
    switch(ask, account, active=False)
    assert shown() == "nothing"
    switch(ask, account, active=True)
    assert shown() == "step"


def test_to_deactivate_twice_is_to_do_it_once(world: World, ask: Ask) -> None:
    account = world.account()
    for _ in range(2):
        switch(ask, account, active=False)
    assert world.kinds(account).count(EventKind.ACCOUNT_DEACTIVATED) == 1
