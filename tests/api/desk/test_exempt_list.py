"""The list of who is exempt: what it shows, counts and saves, and what is written down of a look."""

import csv
import io
from datetime import timedelta

import pytest

from domain.desk.acts import Rest
from domain.staff.staff import AuditKind, Role
from store.people import accounts
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_desk import case_of, contacts_on
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World
from tests.exempted import exempted as exempted_account
from tests.factories import keep_cohort, make_member

LIST = "/console/desk/exempt"
MACHINE, NO_DEVICE = "A machine's account, no person", "No device that can hold a passkey"


@pytest.fixture
def sam(world: World) -> Desk:
    """Support, signed in."""
    return at_desk(world, Role.SUPPORT, "sam@example.com")


def exempted(world: World, basis: str, *, days: int = 30, ago: int = 0) -> Account:
    """Somebody whom support has exempted, some days ago."""
    account_id = world.account().account_id
    with world.database.transaction() as session:
        at = world.clock() - timedelta(days=ago)
        exempted_account(session, accounts.get(session, account_id), basis, days=days + ago, at=at)
    return world.reload(account_id)


def test_the_desk_leads_to_the_list(sam: Desk) -> None:
    assert f'href="{LIST}"' in sam.browser.get("/console/desk").text
    assert "Nobody is exempt" in text(sam.browser.get(LIST))


def test_the_list_says_who_what_for_and_until_when(sam: Desk) -> None:
    person = exempted(sam.world, Rest.MACHINE_ACCOUNT)
    shown = sam.browser.get(LIST)
    assert f'href="{case_of(person)}"' in shown.text
    assert all(word in text(shown) for word in (MACHINE, "30 days left", "Everybody 1"))
    assert contacts_on(shown.text, person) == (False, False)
    entry = audited(sam.world)[-1]
    assert (entry.kind, entry.detail) == (AuditKind.LIST_SEEN, {"list": "exempt", "filters": {}})


def test_the_list_narrows_by_what_for(sam: Desk) -> None:
    machine, person = (exempted(sam.world, rest) for rest in (Rest.MACHINE_ACCOUNT, Rest.NO_CAPABLE_DEVICE))
    some = sam.browser.get(f"{LIST}?for=no_capable_device")
    assert (person.account_id in some.text, machine.account_id in some.text) == (True, False)
    assert all(f"{name} 1" in text(some) for name in (MACHINE, NO_DEVICE))
    assert audited(sam.world)[-1].detail["filters"] == {"for": "no_capable_device"}
    assert "Nobody is exempt for that" in text(sam.browser.get(f"{LIST}?for=other"))
    assert machine.account_id in sam.browser.get(f"{LIST}?after=nonsense").text


def test_the_list_comes_on_pages_by_key(sam: Desk) -> None:
    people = {exempted(sam.world, Rest.OTHER).account_id for _ in range(53)}
    first = sam.browser.get(f"{LIST}?for=other").text
    further = first.split('" rel="next"')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    second = sam.browser.get(further).text
    assert [account_id in first for account_id in people].count(True) == 50
    assert all((account_id in first) ^ (account_id in second) for account_id in people)
    assert 'rel="next"' not in second


def test_the_list_is_saved_without_contacts_and_that_is_written_down(sam: Desk) -> None:
    person = exempted(sam.world, Rest.OTHER)
    exempted(sam.world, Rest.MACHINE_ACCOUNT)
    answer = sam.browser.get(f"{LIST}/export?for=other")
    assert answer.headers["content-disposition"] == 'attachment; filename="exempt.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["external_id"], row["exempt_for"]) == (person.external_id, "other")
    assert contacts_on(answer.text, person) == (False, False)
    entry = audited(sam.world)[-1]
    assert entry.kind == AuditKind.LIST_EXPORTED
    assert entry.detail == {"list": "exempt", "filters": {"for": "other"}}


def test_a_viewer_sees_the_list_but_no_way_into_cases(world: World) -> None:
    person = exempted(world, Rest.OTHER)
    answer = at_desk(world, Role.VIEWER).browser.get(LIST)
    assert person.external_id in answer.text
    assert "/console/cases/" not in answer.text
    assert "/console/stuck" in answer.text


def test_another_desk_has_the_list_and_its_counts(sam: Desk) -> None:
    last, first = (exempted(sam.world, Rest.OTHER, days=days) for days in (9, 3))
    exempted(sam.world, Rest.MACHINE_ACCOUNT)
    path, query = "/v1/support/exempt", {"exemption": "other", "limit": "1"}
    page = sam.browser.client.get(path, params=query).json()
    (row,) = page["people"]
    assert (row["person"]["account_id"], row["rest"]) == (first.account_id, "other")
    (other,) = sam.browser.client.get(path, params=query | {"after": page["after"]}).json()["people"]
    assert other["person"]["account_id"] == last.account_id
    assert last.email
    assert last.email not in str(other)
    counted = sam.browser.client.get("/v1/support/exempt/counts").json()
    assert counted == {"counts": {"machine_account": 1, "no_capable_device": 0, "other": 2}, "due": 0}


def test_the_list_narrows_to_what_is_due_for_review_and_to_a_cohort(sam: Desk) -> None:
    due, other = exempted(sam.world, Rest.OTHER, days=9, ago=40), exempted(sam.world, Rest.OTHER)
    assert "Due for review 1" in text(sam.browser.get(LIST))
    some = sam.browser.get(f"{LIST}?due=true").text
    assert (due.account_id in some, other.account_id in some) == (True, False)
    with sam.world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, other.account_id)
    some = sam.browser.get(f"{LIST}?cohort={cohort_id}").text
    assert (due.account_id in some, other.account_id in some) == (False, True)
    assert "Nothing is due for review" in text(sam.browser.get(f"{LIST}?cohort={cohort_id}&due=true"))
    path = "/v1/support/exempt"
    for query in ({"due": "true"}, {"due": "true", "exemption": "other"}):
        (row,) = sam.browser.client.get(path, params=query).json()["people"]
        assert (row["person"]["account_id"], row["is_due"]) == (due.account_id, True)
    (row,) = sam.browser.client.get(path, params={"cohort_id": cohort_id}).json()["people"]
    assert row["person"]["account_id"] == other.account_id


def test_another_desk_reads_what_each_basis_asks_for(sam: Desk) -> None:
    bases = sam.browser.client.get("/v1/support/exempt/bases").json()["bases"]
    assert [basis["code"] for basis in bases] == ["machine_account", "no_capable_device", "other"]
    assert (bases[0]["words"], bases[0]["longest_days"], bases[0]["takes_two"]) == (MACHINE, 365, False)
