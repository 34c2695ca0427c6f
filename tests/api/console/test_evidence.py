"""Packs of evidence in the console: who may make one, what comes, and what is written down."""

import json
from pathlib import Path

import pytest

from domain.evidence import packs
from domain.staff.staff import AuditKind, Role
from services.evidence import handing_out, signing
from services.evidence.verifying import verify
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_desk import case_of
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.support_api.test_support_api import EVIL, NOBODY, key_of
from tests.api.world import World
from tests.factories import keep_cohort, make_member
from tests.services.evidence.packing import contents

API = "/v1/support/evidence"


@pytest.fixture
def olga(world: World) -> Desk:
    """An operator, signed in."""
    return at_desk(world, Role.OPERATOR, "olga@example.com")


@pytest.fixture
def person(world: World) -> Account:
    """Somebody on their way."""
    return world.account()


@pytest.fixture
def spring(world: World, person: Account) -> str:
    """A cohort that has launched them."""
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, person.account_id)
    return cohort_id


def is_genuine(world: World, pack: bytes, path: Path) -> bool:
    path.write_bytes(pack)
    [key] = signing.public_keys(world.database, world.services.seal, at=world.clock())
    return verify(path, key.public).is_genuine


def test_an_operator_has_a_pack_made_from_the_page_of_a_cohort(
    world: World, olga: Desk, spring: str, person: Account, tmp_path: Path
) -> None:
    path = f"/console/cohorts/{spring}/evidence"
    assert f'action="{path}"' in olga.browser.get(f"/console/cohorts/{spring}").text
    answer = olga.browser.post(path, reason="yearly audit")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-cohort-{spring}.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "no-store" in answer.headers["cache-control"]
    assert is_genuine(world, answer.content, tmp_path / "pack.zip")
    assert str(person.email) not in "".join(map(str, contents(answer.content).values()))
    entry = audited(world)[-1]
    assert (entry.kind, entry.by, entry.cohort_id) == (AuditKind.EVIDENCE_MADE, olga.address, spring)
    assert (entry.reason, entry.detail["accounts"]) == ("yearly audit", 1)


def test_a_pack_about_one_account_comes_from_its_case(
    world: World, olga: Desk, person: Account, tmp_path: Path
) -> None:
    assert f'action="{case_of(person)}/evidence"' in olga.browser.get(case_of(person)).text
    answer = olga.browser.post(f"{case_of(person)}/evidence", reason="the regulator asks")
    assert is_genuine(world, answer.content, tmp_path / "pack.zip")
    about = json.loads(contents(answer.content)["pack.json"])
    assert (about["subject"]["subject_id"], about["accounts"]) == (person.account_id, 1)
    entry = audited(world)[-1]
    assert (entry.kind, entry.account_id) == (AuditKind.EVIDENCE_MADE, person.account_id)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT])
def test_whoever_may_not_make_packs_is_offered_none(
    world: World, spring: str, person: Account, role: Role
) -> None:
    desk = at_desk(world, role)
    for page in (f"/console/cohorts/{spring}", case_of(person)):
        assert "Evidence for auditors" not in desk.browser.get(page).text
        assert desk.browser.post(f"{page}/evidence", reason="yearly audit").status_code == 403


@pytest.mark.parametrize("reason", ["", "mail ada@example.com"])
def test_a_pack_takes_a_reason_that_can_be_kept(
    world: World, olga: Desk, spring: str, person: Account, reason: str
) -> None:
    for page in (f"/console/cohorts/{spring}", case_of(person)):
        answer = olga.browser.post(f"{page}/evidence", reason=reason)
        assert (answer.status_code, "Not done." in text(answer)) == (400, True)
    assert AuditKind.EVIDENCE_MADE not in {entry.kind for entry in audited(world)}


def test_a_cohort_that_is_too_large_to_wait_for_is_packed_by_a_command(
    olga: Desk, spring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_out, "MOST_AT_ONCE", 0)
    answer = olga.browser.post(f"/console/cohorts/{spring}/evidence", reason="yearly audit")
    assert answer.status_code == 409
    assert "offramp evidence --cohort spring" in text(answer)
    body = {"about": "cohort", "id": spring, "reason": "yearly audit"}
    refused = olga.browser.client.post(API, json=body)
    assert (refused.status_code, refused.json()["reason"]) == (409, "not_allowed_now")
    assert "too many for a browser" in refused.json()["detail"]
    assert packs.MOST_AT_ONCE == 10_000


def test_a_program_gets_the_same_by_a_key_that_says_for_whom(
    world: World, spring: str, tmp_path: Path
) -> None:
    key, client = key_of(world, Role.OPERATOR), world.browser().client
    body = {"about": "cohort", "id": spring, "reason": "yearly audit"}
    nameless = client.post(API, json=body, headers=key)
    assert (nameless.status_code, nameless.json()["reason"]) == (422, "bad_reason")
    answer = client.post(API, json=body | {"on_behalf_of": "the audit team"}, headers=key)
    assert is_genuine(world, answer.content, tmp_path / "pack.zip")
    assert audited(world)[-1].detail["on_behalf_of"] == "the audit team"
    for about in ("cohort", "account"):
        gone = body | {"about": about, "id": NOBODY, "on_behalf_of": "the audit team"}
        assert client.post(API, json=gone, headers=key).status_code == 404


def test_no_other_site_and_nobody_has_a_pack_made(
    world: World, olga: Desk, spring: str, person: Account
) -> None:
    stranger = world.browser()
    stranger.sign_in_by_code(person)
    for page in (f"/console/cohorts/{spring}", case_of(person)):
        assert olga.browser.post(f"{page}/evidence", headers=EVIL, reason="yearly audit").status_code == 403
        assert stranger.post(f"{page}/evidence", reason="it is me").status_code == 303
    assert AuditKind.EVIDENCE_MADE not in {entry.kind for entry in audited(world)}
