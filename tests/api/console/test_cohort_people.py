"""The numbers of a cohort's page lead to the people behind them: who sees them, and what is written down."""

import pytest

from domain.staff.staff import AuditKind, Role
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_desk import case_of, contacts_on
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World
from tests.factories import keep_cohort, make_cohort, make_member


@pytest.fixture
def olga(world: World) -> Desk:
    """An operator, signed in."""
    return at_desk(world, Role.OPERATOR, "olga@example.com")


@pytest.fixture
def spring(world: World) -> str:
    with world.database.transaction() as session:
        return keep_cohort(session, make_cohort())


def launched(world: World, cohort_id: str) -> Account:
    account = world.account()
    with world.database.transaction() as session:
        make_member(session, cohort_id, account.account_id)
    return account


def test_a_number_leads_to_the_people_behind_it(olga: Desk, spring: str) -> None:
    person = launched(olga.world, spring)
    page = olga.browser.get(f"/console/cohorts/{spring}").text
    path = f"/console/cohorts/{spring}/people?wave=1&amp;step=launched"
    assert f'href="{path}"' in page
    assert "step=removed" not in page
    shown = olga.browser.get(path.replace("&amp;", "&"))
    assert f'href="{case_of(person)}"' in shown.text
    assert contacts_on(shown.text, person) == (False, False)
    assert "Wave 1: launched" in text(shown)
    entry = audited(olga.world)[-1]
    assert (entry.kind, entry.cohort_id, entry.detail) == (
        AuditKind.LIST_SEEN,
        spring,
        {"list": "members", "filters": {"wave": "1", "step": "launched"}},
    )


def test_who_has_not_come_so_far_is_listed_too(olga: Desk, spring: str) -> None:
    person = launched(olga.world, spring)
    path = f"/console/cohorts/{spring}/people"
    shown = olga.browser.get(f"{path}?step=passkey_enrolled&without=1")
    assert case_of(person) in shown.text
    assert "Everybody who is not held out: not passkey enrolled" in text(shown)
    assert "Nobody" in text(olga.browser.get(f"{path}?step=passkey_enrolled"))
    assert "Nobody" in text(olga.browser.get(f"{path}?wave=held_out"))


def test_a_long_list_goes_on_and_is_a_file(olga: Desk, spring: str) -> None:
    people = sorted(launched(olga.world, spring).account_id for _ in range(51))
    path = f"/console/cohorts/{spring}/people"
    first = olga.browser.get(f"{path}?wave=1").text
    assert f"after={people[49]}" in first
    second = olga.browser.get(f"{path}?wave=1&after={people[49]}").text
    assert [person in first for person in people] == [True] * 50 + [False]
    assert people[50] in second
    assert "Back to the beginning" in second
    lines = olga.browser.get(f"{path}/export?wave=1").text.splitlines()
    assert len(lines) == 52
    assert audited(olga.world)[-1].kind == AuditKind.LIST_EXPORTED
    assert olga.browser.get("/console/cohorts/nowhere/people").status_code == 404
    assert olga.browser.get("/console/cohorts/nowhere/people/export").status_code == 404


def test_a_viewer_sees_the_list_and_no_links_to_cases(world: World, spring: str) -> None:
    viewer = at_desk(world, Role.VIEWER, "vera@example.com")
    person = launched(world, spring)
    page = viewer.browser.get(f"/console/cohorts/{spring}/people").text
    assert person.external_id in page
    assert case_of(person) not in page
