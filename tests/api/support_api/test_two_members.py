"""The desk as JSON: what takes two members is asked for by one, done when another approves, and nothing for a key."""

from datetime import timedelta

import pytest
from httpx2 import Response

from domain.facts import SmsState
from domain.messages.messages import Template
from domain.staff.staff import STEP_UP_LIFETIME, Role
from services.safety import objections
from store.messages import messages, notices
from store.people import accounts
from store.people.accounts import Account
from tests.api.staff.staff import Desk, audited, member
from tests.api.support_api.test_support_api import CASE, WHY, call, key_of
from tests.api.world import World
from tests.factories import make_passkey

REQUESTS = "/v1/support/requests"


@pytest.fixture
def account(world: World) -> Account:
    return world.account(progress_at=world.clock())


def objected(world: World, account: Account) -> str:
    """The id of a new objection of an account's owner."""
    with world.database.transaction() as session:
        row = accounts.get(session, account.account_id)
        notices.tell(session, row, Template.PASSKEY_BOUND, event="a passkey", at=world.clock())
    with world.database.transaction() as session:
        (notice, *_) = messages.of_account(session, account.account_id)
        return objections.make(session, notice.key, at=world.clock()).objection_id


def approve(desk: Desk, request_id: str, account: Account) -> Response:
    return call(desk, f"{REQUESTS}/{request_id}/approve", {}, account)


def by_key(world: World, account: Account, path: str, **body: object) -> Response:
    """What another desk is answered."""
    key, desk = key_of(world, Role.ADMIN), Desk(world=world, address="", browser=world.browser())
    return call(desk, path, WHY | {"on_behalf_of": "agent 7"} | body, account, **key)


def test_a_device_is_removed_by_two(world: World, account: Account, sam: Desk, sue: Desk) -> None:
    with world.database.transaction() as session:
        passkey_id = make_passkey(session, account.account_id).passkey_id
    answer = call(sam, f"{CASE}/acts/remove_device", WHY | {"target": passkey_id}, account)
    request_id = answer.json()["request_id"]
    assert (answer.status_code, answer.json()["done"]) == (202, False)
    assert "passkey_removed" not in world.kinds(account)
    (request,) = call(sue, REQUESTS, None, account).json()["requests"]
    assert (request["act"], request["target"], request["outcome"]) == ("remove_device", passkey_id, None)
    assert approve(sam, request_id, account).status_code == 409
    assert "passkey_removed" not in world.kinds(account)
    assert approve(sue, request_id, account).status_code == 200
    assert world.kinds(account)[-1] == "passkey_removed"


def test_text_message_codes_are_restored_by_two(world: World, account: Account, sam: Desk, sue: Desk) -> None:
    world.set_sms(account, SmsState.NOTICE)
    lines = {act["act"]: act for act in call(sam, CASE, None, account).json()["acts"]}
    assert lines["restore_sms"]["takes_two"]
    assert lines["exempt"]["takes_two"]
    assert not lines["pause"]["takes_two"]
    answer = call(sam, f"{CASE}/acts/restore_sms", WHY, account)
    assert (answer.status_code, world.facts(account).sms) == (202, SmsState.NOTICE)
    assert approve(sue, answer.json()["request_id"], account).status_code == 200
    assert world.facts(account).sms is SmsState.ON


@pytest.mark.parametrize("outcome", ["upheld", "dismissed"])
def test_an_objection_is_settled_once_and_by_two(
    world: World, account: Account, sam: Desk, sue: Desk, outcome: str
) -> None:
    objection_id = objected(world, account)
    path, body = f"{CASE}/objections/{objection_id}/settle", WHY | {"outcome": outcome}
    assert call(sam, path, body | {"reason": " "}, account).json()["reason"] == "bad_reason"
    assert call(sam, path, body, world.account()).status_code == 404
    answer = call(sam, path, body, account)
    request_id = answer.json()["request_id"]
    assert (answer.status_code, answer.json()["objection_id"]) == (202, objection_id)
    assert world.facts(account).disputed_since is not None
    assert call(sam, path, body, account).status_code == 409
    (request,) = call(sue, REQUESTS, None, account).json()["requests"]
    assert (request["act"], request["target"]) == ("settle_objection", objection_id)
    assert request["outcome"] == outcome
    assert approve(sam, request_id, account).status_code == 409
    assert world.facts(account).disputed_since is not None
    assert approve(sue, request_id, account).status_code == 200
    assert world.facts(account).disputed_since is None
    done = audited(world)[-1]
    assert (done.kind, done.by, done.reason) == ("case_acted_on", sue.address, "they called")
    assert done.detail == {
        "act": "settle_objection",
        "objection_id": objection_id,
        "outcome": outcome,
        "together_with": member(world, sam.address).staff_id,
    }
    (settled,) = call(sam, CASE, None, account).json()["objections"]
    assert (settled["objection_id"], settled["outcome"]) == (objection_id, outcome)
    assert call(sam, path, body, account).status_code == 409
    assert audited(world)[-1].kind == "act_refused"


def test_settling_and_approving_take_a_fresh_ceremony(
    world: World, account: Account, sam: Desk, sue: Desk
) -> None:
    objection_id = objected(world, account)
    path, body = f"{CASE}/objections/{objection_id}/settle", WHY | {"outcome": "upheld"}
    request_id = call(sam, path, body, account).json()["request_id"]
    world.clock.advance(STEP_UP_LIFETIME + timedelta(seconds=1))
    assert call(sam, path, body, account).json()["reason"] == "step_up"
    assert approve(sue, request_id, account).json()["reason"] == "step_up"


@pytest.mark.parametrize("act", ["remove_device", "lift_hold", "restore_sms", "ask_for_rescue", "exempt"])
def test_a_key_does_nothing_that_takes_two(world: World, account: Account, act: str) -> None:
    world.set_sms(account, SmsState.SUSPENDED)
    answer = by_key(world, account, f"{CASE}/acts/{act}", days=30, exemption="other")
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_by_key")
    refused = audited(world)[-1]
    assert (refused.kind, refused.detail["on_behalf_of"]) == ("act_refused", "agent 7")
    assert world.facts(account).sms is SmsState.SUSPENDED


def test_a_key_gives_as_much_time_as_its_member_alone_and_no_more(world: World, account: Account) -> None:
    answer = by_key(world, account, f"{CASE}/acts/extend", days=120)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_by_key")
    assert world.facts(account).extended_until is None


def test_a_key_stops_a_rescue_pass_because_that_is_the_safe_direction(
    world: World, account: Account, sam: Desk, sue: Desk
) -> None:
    request_id = call(sam, f"{CASE}/acts/ask_for_rescue", WHY, account).json()["request_id"]
    assert approve(sue, request_id, account).status_code == 200
    assert by_key(world, account, f"{REQUESTS}/{request_id}/stop").status_code == 200
    assert by_key(world, account, f"{REQUESTS}/{request_id}/decline").json()["reason"] == "not_by_key"
