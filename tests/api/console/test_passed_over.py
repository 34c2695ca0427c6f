"""The list of who was passed over: who leads there, what it says, and what is written down of a look."""

import pytest

from domain.rollouts.cohorts import Ineligibility
from domain.staff.staff import AuditKind, Role
from store.people.accounts import Account
from store.rollouts import passed_over
from tests.api.console.operators import text
from tests.api.desk.test_desk import case_of, contacts_on
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World
from tests.clocks import START
from tests.factories import keep_cohort, make_member


@pytest.fixture
def olga(world: World) -> Desk:
    """An operator, signed in."""
    return at_desk(world, Role.OPERATOR, "olga@example.com")


@pytest.fixture
def spring(world: World) -> str:
    """A cohort of which nobody is launched."""
    with world.database.transaction() as session:
        return keep_cohort(session)


def passed(world: World, cohort_id: str, because: Ineligibility) -> Account:
    """A member whom the first wave has passed over."""
    account = world.account()
    with world.database.transaction() as session:
        make_member(session, cohort_id, account.account_id, wave=None, launched_at=None)
        passed_over.note(session, cohort_id, {account.account_id: because}, at=START)
    return account


def test_the_page_of_a_cohort_counts_them_by_wave_and_reason_and_leads_to_the_list(
    olga: Desk, spring: str
) -> None:
    page, path = f"/console/cohorts/{spring}", f"/console/cohorts/{spring}/passed-over"
    assert "passed over" not in text(olga.browser.get(page))
    passed(olga.world, spring, Ineligibility.EXCLUDED)
    passed(olga.world, spring, Ineligibility.NO_PHONE)
    shown = olga.browser.get(page)
    assert f'href="{path}"' in shown.text
    assert "0 of 2 launched, 2 passed over" in text(shown)
    counted = (
        "2 passed over: 1 because they have no phone number, 1 because they are excluded by the description"
    )
    assert counted in text(shown)


def test_the_list_says_who_and_why_and_masks_contacts(olga: Desk, spring: str) -> None:
    path = f"/console/cohorts/{spring}/passed-over"
    assert "Nobody was passed over" in text(olga.browser.get(path))
    person = passed(olga.world, spring, Ineligibility.EXCLUDED)
    shown = olga.browser.get(path)
    assert f'href="{case_of(person)}"' in shown.text
    assert "They are excluded by the description" in text(shown)
    assert contacts_on(shown.text, person) == (False, False)
    entry = audited(olga.world)[-1]
    assert (entry.kind, entry.cohort_id, entry.detail) == (
        AuditKind.LIST_SEEN,
        spring,
        {"list": "passed_over", "filters": {}},
    )


def test_a_reason_shows_those_alone_whom_it_concerns(olga: Desk, spring: str) -> None:
    excluded = passed(olga.world, spring, Ineligibility.EXCLUDED)
    without_phone = passed(olga.world, spring, Ineligibility.NO_PHONE)
    path = f"/console/cohorts/{spring}/passed-over"
    page = olga.browser.get(f"{path}?because=no_phone").text
    assert case_of(without_phone) in page
    assert case_of(excluded) not in page
    assert "Nobody for that reason" in olga.browser.get(f"{path}?because=exempt").text
    assert case_of(excluded) in olga.browser.get(f"{path}?because=nonsense").text
    assert olga.browser.get("/console/cohorts/nowhere/passed-over").status_code == 404


def test_a_long_list_goes_on_on_further_pages(olga: Desk, spring: str) -> None:
    people = [passed(olga.world, spring, Ineligibility.EXEMPT) for _ in range(51)]
    path = f"/console/cohorts/{spring}/passed-over?because=exempt"
    first = olga.browser.get(path).text
    second = olga.browser.get(f"{path}&after={people[49].account_id}").text
    assert f"after={people[49].account_id}" in first
    assert [case_of(person) in first for person in people] == [True] * 50 + [False]
    assert [case_of(person) in second for person in people] == [False] * 50 + [True]
    assert "Nobody further on" in olga.browser.get(f"{path}&after={people[50].account_id}").text


def test_a_viewer_sees_the_list_and_no_links_to_cases(world: World, spring: str) -> None:
    viewer = at_desk(world, Role.VIEWER, "vera@example.com")
    person = passed(world, spring, Ineligibility.EXEMPT)
    page = viewer.browser.get(f"/console/cohorts/{spring}/passed-over").text
    assert person.external_id in page
    assert case_of(person) not in page
