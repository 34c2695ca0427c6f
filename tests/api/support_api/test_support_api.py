"""The desk as JSON: what each role gets by session and by key, and what nobody gets by forging."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from openapi_spec_validator import validate

from api.v1 import v1
from domain.codes import new_token
from domain.staff.approvals import RESCUE_DELAY
from domain.staff.staff import Role
from store.people.accounts import Account
from store.staff import staff, staff_keys
from tests.api.staff.staff import Desk, at_desk, audited, member
from tests.api.world import World

WHY = {"reason": "they called"}
EVIL = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
NOBODY = "00000000-0000-7000-8000-000000000000"
CASE = "/v1/support/cases/{account_id}"
LISTS = [
    "/v1/support/stuck",
    "/v1/support/stuck/counts",
    "/v1/support/exempt",
    "/v1/support/exempt/counts",
    "/v1/support/exempt/bases",
    "/v1/support/one-loss",
    "/v1/support/one-loss/counts",
]
READS = [*LISTS, CASE, f"{CASE}/exemptions", "/v1/support/requests", "/v1/support/audit"]
WRITES = [
    ("/v1/support/search", {"text": "u-1"}),
    (f"{CASE}/reveal", WHY),
    (f"{CASE}/acts/note", WHY),
    (f"{CASE}/objections/{NOBODY}/settle", WHY | {"outcome": "upheld"}),
    (f"/v1/support/requests/{NOBODY}/approve", {}),
    (f"/v1/support/requests/{NOBODY}/decline", {}),
    (f"/v1/support/requests/{NOBODY}/stop", WHY),
    (f"/v1/support/requests/{NOBODY}/code", {}),
    (f"/v1/support/requests/{NOBODY}/export", {}),
    ("/v1/support/evidence", WHY | {"about": "account", "id": NOBODY}),
]
ROUTES: list[tuple[str, dict[str, Any] | None]] = [*((path, None) for path in READS), *WRITES]
VIEWED = set(LISTS)
OPERATED = VIEWED | {CASE, f"{CASE}/exemptions", "/v1/support/search", "/v1/support/evidence"}
ALLOWED = {
    Role.VIEWER: VIEWED,
    Role.OPERATOR: OPERATED,
    Role.SUPPORT: {path for path, _ in ROUTES} - {"/v1/support/audit", "/v1/support/evidence"},
    Role.ADMIN: {path for path, _ in ROUTES},
}
TAKES_A_PERSON = {
    path for path, _ in ROUTES if path.endswith(("/approve", "/decline", "/code", "/export", "/settle"))
}


@pytest.fixture
def account(world: World) -> Account:
    return world.account(progress_at=world.clock())


def call(desk: Desk, path: str, body: Any, account: Account, **headers: str) -> Response:
    path = path.format(account_id=account.account_id)
    if body is None:
        return desk.browser.client.get(path, headers=headers)
    return desk.browser.client.post(path, json=body, headers=headers)


def key_of(world: World, role: Role) -> dict[str, str]:
    """The header of a key of somebody of a role."""
    token, now = new_token(), world.clock()
    staff_id = member(world, at_desk(world, role).address).staff_id
    with world.database.transaction() as session:
        staff_keys.make(session, staff_id, token, name="zendesk", at=now)
    return {"authorization": f"Bearer {token}"}


def desk_of_nobody(world: World) -> Desk:
    at_desk(world, Role.ADMIN, "first@example.com")
    return Desk(world=world, address="", browser=world.browser())


def is_problem(answer: Response) -> bool:
    problem = answer.json()
    return answer.headers["content-type"] == "application/problem+json" and {
        "title",
        "status",
        "detail",
        "reason",
    } == set(problem)


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_is_its_own(world: World, account: Account, role: Role) -> None:
    desk = at_desk(world, role)
    desk.step_up()
    for path, body in ROUTES:
        answer = call(desk, path, body, account)
        if path in ALLOWED[role]:
            assert answer.status_code in (200, 404), (path, answer.text)
        else:
            assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden"), path
            assert is_problem(answer)


@pytest.mark.parametrize("role", Role)
def test_a_key_gets_less_than_its_member(world: World, account: Account, role: Role) -> None:
    key = key_of(world, role)
    desk = Desk(world=world, address="", browser=world.browser())
    for path, body in ROUTES:
        body = (
            {**body, "on_behalf_of": "agent 7"}
            if path.endswith(("/acts/note", "/evidence")) and body
            else body
        )
        answer = call(desk, path, body, account, **key)
        if path not in ALLOWED[role]:
            assert answer.json()["reason"] == "forbidden", path
        elif path in TAKES_A_PERSON:
            assert (answer.status_code, answer.json()["reason"]) == (403, "not_by_key"), path
        else:
            assert answer.status_code in (200, 404), (path, answer.text)


def test_nobody_gets_nothing(world: World, account: Account) -> None:
    desk = desk_of_nobody(world)
    for headers in ({}, {"authorization": "Bearer made-up"}, {"authorization": "Basic abc"}):
        for path, body in ROUTES:
            answer = call(desk, path, body, account, **headers)
            assert (answer.status_code, answer.json()["reason"]) == (401, "signed_out"), path
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_session_is_not_borrowed_by_another_site(world: World, account: Account) -> None:
    desk = at_desk(world, Role.ADMIN)
    for path, body in WRITES:
        assert call(desk, path, body, account, **EVIL).status_code == 403
        borrowed = EVIL | {"authorization": "Bearer made-up"}
        assert call(desk, path, body, account, **borrowed).status_code == 401


@pytest.mark.parametrize("how", ["ended", "expired", "member_left"])
def test_a_key_ends(world: World, account: Account, how: str) -> None:
    key = key_of(world, Role.SUPPORT)
    desk = Desk(world=world, address="", browser=world.browser())
    assert call(desk, READS[0], None, account, **key).status_code == 200
    now = world.clock()
    with world.database.transaction() as session:
        colleague = staff.find(session, "support@example.com")
        assert colleague
        (staff_key,) = staff_keys.of_member(session, colleague.staff_id, now=now)
        if how == "ended":
            staff_keys.end(session, colleague.staff_id, staff_key.key_id, at=now)
        if how == "member_left":
            staff.end(session, colleague, now=now)
    if how == "expired":
        world.clock.advance(staff_keys.KEY_LIFETIME)
    assert call(desk, READS[0], None, account, **key).status_code == 401


def test_a_case_comes_in_one_answer_and_masked(world: World, account: Account) -> None:
    desk = at_desk(world, Role.SUPPORT)
    answer = call(desk, CASE, None, account)
    case = answer.json()
    assert case["sentence"]
    assert {act["act"]: act["allowed"] for act in case["acts"]}["pause"]
    assert all(act["allowed"] or act["reason"] for act in case["acts"])
    for contact in (account.phone, account.email):
        assert contact
        assert contact not in answer.text


def test_contacts_are_revealed_with_a_reason_that_is_kept(world: World, account: Account) -> None:
    desk = at_desk(world, Role.SUPPORT)
    assert call(desk, f"{CASE}/reveal", {"reason": " "}, account).json()["reason"] == "bad_reason"
    answer = call(desk, f"{CASE}/reveal", WHY, account)
    assert answer.json() == {"contacts": {"email": account.email, "sms": account.phone}}
    assert (audited(world)[-1].kind, audited(world)[-1].reason) == ("contact_revealed", "they called")


def test_an_act_is_refused_in_plain_words(world: World, account: Account) -> None:
    desk = at_desk(world, Role.SUPPORT)
    answer = call(desk, f"{CASE}/acts/resume", WHY, account)
    assert (answer.status_code, answer.json()["detail"]) == (409, "The journey is not paused.")
    assert call(desk, f"{CASE}/acts/pause", WHY | {"days": 3}, account).json()["done"]
    assert call(desk, f"{CASE}/acts/resume", WHY, account).status_code == 200
    assert call(desk, f"{CASE}/acts/dance", WHY, account).status_code == 422


def test_a_key_says_for_whom_it_acts(world: World, account: Account) -> None:
    key = key_of(world, Role.SUPPORT)
    desk = Desk(world=world, address="", browser=world.browser())
    assert call(desk, f"{CASE}/acts/note", WHY, account, **key).json()["reason"] == "bad_reason"
    named = WHY | {"on_behalf_of": "agent 7"}
    assert call(desk, f"{CASE}/acts/note", named, account, **key).status_code == 200
    assert audited(world)[-1].detail["on_behalf_of"] == "agent 7"
    for act in ("remove_device", "restore_sms", "ask_for_rescue"):
        assert call(desk, f"{CASE}/acts/{act}", named, account, **key).json()["reason"] == "not_by_key"


def test_what_cannot_be_undone_takes_a_fresh_ceremony(world: World, account: Account) -> None:
    desk = at_desk(world, Role.SUPPORT)
    world.clock.advance(timedelta(minutes=6))
    answer = call(desk, f"{CASE}/acts/remove_device", WHY | {"target": NOBODY}, account)
    assert (answer.status_code, answer.json()["reason"]) == (403, "step_up")


def test_what_is_refused_is_written_down_whoever_tries(world: World, account: Account) -> None:
    sam = at_desk(world, Role.SUPPORT)
    call(sam, f"{CASE}/acts/resume", WHY, account)
    refused = audited(world)[-1]
    assert (refused.kind, refused.by, refused.reason) == ("act_refused", sam.address, "they called")
    assert refused.detail == {"act": "resume", "refusal": "The journey is not paused."}
    pending_id = call(sam, f"{CASE}/acts/ask_for_rescue", WHY, account).json()["request_id"]
    sam.step_up()
    call(sam, f"/v1/support/requests/{pending_id}/approve", {}, account)
    assert audited(world)[-1].detail["refusal"] == "Nobody approves what they asked for themselves."
    assert audited(world)[-1].account_id == account.account_id


def test_what_a_key_is_refused_is_written_down(world: World, account: Account) -> None:
    key, named = key_of(world, Role.SUPPORT), WHY | {"on_behalf_of": "agent 7"}
    desk = Desk(world=world, address="", browser=world.browser())
    call(desk, f"{CASE}/acts/ask_for_rescue", named, account, **key)
    refused = audited(world)[-1]
    assert (refused.kind, refused.detail["on_behalf_of"]) == ("act_refused", "agent 7")
    assert refused.detail["key_id"]


def test_a_rescue_from_the_first_call_to_the_new_passkey(world: World, account: Account) -> None:
    sam, sue = at_desk(world, Role.SUPPORT), at_desk(world, Role.SUPPORT, "sue@example.com")
    answer = call(sam, f"{CASE}/acts/ask_for_rescue", WHY, account)
    assert answer.status_code == 202
    request = f"/v1/support/requests/{answer.json()['request_id']}"
    sam.step_up()
    assert call(sam, f"{request}/approve", {}, account).status_code == 409
    sue.step_up()
    assert call(sue, f"{request}/approve", {}, account).status_code == 200
    assert call(sam, f"{request}/code", {}, account).status_code == 409
    world.clock.advance(RESCUE_DELAY)
    sam.sign_in()
    sam.step_up()
    shown = call(sam, f"{request}/code", {}, account)
    assert shown.status_code == 200, shown.text
    code = shown.json()["code"]
    browser, phone = world.browser("198.51.100.9"), world.authenticator()
    wrong = browser.post("/rescue", identifier=account.phone or "", code="aaaa-bbbb-cccc-dddd")
    unknown = browser.post("/rescue", identifier="+4915199999999", code=code)
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert _plain(wrong.text) == _plain(unknown.text)
    entered = browser.post("/rescue", identifier=account.phone or "", code=code)
    assert entered.headers["location"] == "/device/passkey"
    assert browser.get("/account").status_code == 403
    browser.make_passkey(phone)
    assert browser.post("/account/recovery-codes").status_code in (403, 404)
    assert browser.prove_passkey().json()["next"] == "/rescue/done"
    facts = world.facts(account)
    assert facts.passkey_rooted_in_sms_at == facts.rescued_at == world.clock().replace(microsecond=0)
    again = world.browser("198.51.100.10").post("/rescue", identifier=account.phone or "", code=code)
    assert again.status_code == 400


def _plain(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)


def test_pages_follow_their_cursors(world: World) -> None:
    desk = at_desk(world, Role.ADMIN)
    world.account()
    first = call(desk, "/v1/support/audit?limit=1", None, world.account())
    after = first.json()["after"]
    second = call(desk, f"/v1/support/audit?limit=1&after={after}", None, world.account())
    assert second.json()["entries"][0]["entry_id"] > first.json()["entries"][0]["entry_id"]


def test_the_audit_is_told_in_sentences_and_narrowed_by_kind_and_time(world: World) -> None:
    desk, account = at_desk(world, Role.ADMIN), world.account()
    call(desk, CASE, None, account)
    narrowed = "/v1/support/audit?kind=case_seen&since=2026-03-01T00:00:00Z&until=2026-03-03T00:00:00Z"
    (entry,) = call(desk, narrowed, None, account).json()["entries"]
    assert entry["sentence"] == f"opened the case of {account.external_id}"
    earlier = call(desk, "/v1/support/audit?until=2026-03-01T00:00:00Z", None, account)
    assert earlier.json()["entries"] == []
    assert call(desk, "/v1/support/audit?until=1772452800", None, account).status_code == 422


def test_the_description_is_there_and_whole(world: World) -> None:
    described = world.browser().get("/v1/openapi.json").json()
    validate(described)
    named = {
        f"requests/{NOBODY}": "requests/{request_id}",
        f"objections/{NOBODY}": "objections/{objection_id}",
    }
    paths = {path.removeprefix("/v1").replace("/acts/note", "/acts/{act}") for path, _ in ROUTES}
    for example, name in named.items():
        paths = {path.replace(example, name) for path in paths}
    assert {path for path in described["paths"] if path.startswith("/support/")} == paths
    assert described["servers"] == [{"url": "/v1"}]
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] and operation["description"] for operation in operations)
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', str(described).replace("'", '"')):
        assert reference in described["components"]["schemas"]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_other_routes_are_not_described(world: World) -> None:
    assert v1().openapi()["info"]["title"] == "Offramp"
    assert world.browser().get("/openapi.json").status_code == 404
