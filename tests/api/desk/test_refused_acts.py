"""Acts that a page refuses: the page says why, the audit who tried, and nothing claims that it was done."""

import re

import pytest

from domain.desk.acts import Act
from domain.staff.staff import AuditKind, Role
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World

WHY = "they asked for it on the phone"


@pytest.fixture
def sam(world: World) -> Desk:
    """Support, signed in."""
    return at_desk(world, Role.SUPPORT, "sam@example.com")


def refused(world: World) -> list[tuple[str, str]]:
    """Who was refused what, in order."""
    entries = [entry for entry in audited(world) if entry.kind == AuditKind.ACT_REFUSED]
    return [(entry.by, entry.detail["refusal"]) for entry in entries]


def test_an_act_refused_on_its_page_is_written_down_and_not_said_to_be_done(world: World, sam: Desk) -> None:
    case = f"/console/cases/{world.account().account_id}"
    once = "00000000-0000-7000-8000-000000000000"
    answer = sam.browser.post(f"{case}/acts/{Act.RESTORE_SMS}", reason=WHY, once=once)
    assert answer.status_code == 409
    assert refused(world) == [(sam.address, "Text-message codes are on.")]
    assert "Done." not in text(sam.browser.get(f"{case}?done={Act.RESTORE_SMS}"))


def test_approving_ones_own_request_is_written_down(world: World, sam: Desk) -> None:
    account: Account = world.account()
    once = "00000000-0000-7000-8000-000000000000"
    path = f"/console/cases/{account.account_id}/acts/{Act.ASK_FOR_RESCUE}"
    assert sam.browser.post(path, reason=WHY, once=once).status_code == 303
    match = re.search(r"/console/approvals/([\w-]+)/", sam.browser.get("/console/approvals").text)
    assert match
    sam.step_up()
    for step in ("approve", "code"):
        assert sam.browser.post(f"/console/approvals/{match[1]}/{step}").status_code in (404, 409)
    assert refused(world) == [(sam.address, "Nobody approves what they asked for themselves.")]
