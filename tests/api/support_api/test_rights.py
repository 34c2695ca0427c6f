"""What is kept about a person is fetched, and a person is erased, by two members of staff, and by no key."""

from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.staff.approvals import FETCHED_WITHIN
from domain.staff.staff import STEP_UP_LIFETIME, Role
from store.people import accounts
from store.people.accounts import Account
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.support_api.test_support_api import CASE, WHY, call
from tests.api.support_api.test_two_members import REQUESTS, approve, by_key
from tests.api.world import World


@pytest.fixture
def account(world: World) -> Account:
    return world.account(progress_at=world.clock())


def asked(desk: Desk, account: Account, act: str, **body: str) -> str:
    answer = call(desk, f"{CASE}/acts/{act}", WHY | body, account)
    assert (answer.status_code, answer.json()["done"]) == (202, False)
    return str(answer.json()["request_id"])


def test_what_is_kept_is_fetched_by_who_asked_when_another_member_has_approved(
    world: World, account: Account, sam: Desk, sue: Desk
) -> None:
    path = f"{REQUESTS}/{asked(sam, account, 'export')}/export"
    assert call(sam, path, {}, account).json()["reason"] == "not_allowed_now"
    assert approve(sam, path.split("/")[-2], account).status_code == 409
    assert approve(sue, path.split("/")[-2], account).status_code == 200
    assert call(sue, path, {}, account).status_code == 409
    fetched = call(sam, path, {}, account)
    assert (fetched.status_code, fetched.json()["version"]) == (200, 1)
    (row,) = next(table["rows"] for table in fetched.json()["tables"] if table["name"] == "account")
    assert row["email"] == account.email
    assert world.kinds(account)[-1] == "data_exported"
    assert (audited(world)[-1].kind, audited(world)[-1].by) == ("data_exported", sam.address)


def test_it_comes_as_a_page_to_save_as_well(account: Account, sam: Desk, sue: Desk) -> None:
    request_id = asked(sam, account, "export")
    approve(sue, request_id, account)
    fetched = call(sam, f"{REQUESTS}/{request_id}/export?form=html", {}, account)
    assert fetched.headers["content-type"].startswith("text/html")
    assert (
        fetched.headers["content-disposition"] == f'attachment; filename="account-{account.account_id}.html"'
    )
    assert "no-store" in fetched.headers["cache-control"]
    assert str(account.email) in fetched.text


def test_fetching_takes_a_fresh_ceremony_and_ends_after_three_days(
    world: World, account: Account, sam: Desk, sue: Desk
) -> None:
    request_id = asked(sam, account, "export")
    approve(sue, request_id, account)
    path = f"{REQUESTS}/{request_id}/export"
    world.clock.advance(STEP_UP_LIFETIME + timedelta(seconds=1))
    assert call(sam, path, {}, account).json()["reason"] == "step_up"
    world.clock.advance(FETCHED_WITHIN)
    later = at_desk(world, Role.SUPPORT, "sam@example.com")
    later.step_up()
    answer = call(later, path, {}, account)
    assert (answer.status_code, "too long ago" in answer.json()["detail"]) == (409, True)


def test_another_kind_of_request_fetches_nothing(account: Account, sam: Desk, sue: Desk) -> None:
    request_id = asked(sam, account, "ask_for_rescue")
    approve(sue, request_id, account)
    assert call(sam, f"{REQUESTS}/{request_id}/export", {}, account).status_code == 409


def test_two_members_erase_a_person_and_nothing_can_be_fetched_then(
    world: World, account: Account, sam: Desk, sue: Desk
) -> None:
    world.set_sms(account, SmsState.SUSPENDED)
    export_id = asked(sam, account, "export")
    approve(sue, export_id, account)
    assert call(sam, f"{CASE}/acts/erase", WHY, account).status_code == 409
    request_id = asked(sam, account, "erase", target="restore_sms")
    assert approve(sam, request_id, account).status_code == 409
    assert approve(sue, request_id, account).status_code == 200
    with world.database.reading() as session:
        assert accounts.get(session, account.account_id).email is None
    assert {"sms_restored", "account_erased"} <= set(world.kinds(account))
    gone = call(sam, f"{REQUESTS}/{export_id}/export", {}, account)
    assert (gone.status_code, "nothing about the person is left" in gone.json()["detail"]) == (409, True)
    assert "Erased at" in call(sam, CASE, None, account).json()["sentence"]


@pytest.mark.parametrize("act", ["export", "erase"])
def test_a_key_neither_fetches_nor_erases(world: World, account: Account, act: str) -> None:
    answer = by_key(world, account, f"{CASE}/acts/{act}", target="leave_sms")
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_by_key")
    with world.database.reading() as session:
        assert accounts.get(session, account.account_id).email == account.email


@pytest.mark.parametrize("act", ["export", "erase"])
def test_whoever_only_looks_neither_fetches_nor_erases(world: World, account: Account, act: str) -> None:
    desk = at_desk(world, Role.OPERATOR, "olga@example.com")
    desk.step_up()
    assert call(desk, f"{CASE}/acts/{act}", WHY | {"target": "leave_sms"}, account).status_code == 403


@pytest.mark.parametrize("act", ["export", "erase"])
def test_somebody_with_the_sim_neither_exports_nor_erases(
    world: World, account: Account, sam: Desk, sue: Desk, act: str
) -> None:
    request_id = asked(sam, account, act, target="leave_sms" if act == "erase" else "")
    phone = world.browser()
    phone.sign_in_by_code(account)
    of_thief = Desk(world=world, address="", browser=phone)
    body = WHY | {"target": "leave_sms"}
    answers = [
        call(of_thief, f"{CASE}/acts/{act}", body, account),
        approve(of_thief, request_id, account),
        call(of_thief, f"{REQUESTS}/{request_id}/export", {}, account),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert "account_erased" not in world.kinds(account)
    assert "data_exported" not in world.kinds(account)
