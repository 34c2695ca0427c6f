"""The audit in the console: who may read it, what its filters leave, and that reading it is written down."""

import csv
import io

import pytest

from domain.staff.staff import AuditKind, Author, Right, Role, rights_of
from store.people.accounts import Account
from store.staff import audit
from tests.api.console.operators import text
from tests.api.staff.staff import Desk, at_desk, audited, kinds
from tests.api.web.test_security import inline_parts
from tests.api.world import World

SAM = Author(by="sam@example.com", role=Role.SUPPORT, came_from="203.0.113.7")
TOM = Author(by="tom@example.com", role=Role.SUPPORT)
PAGES = ("/console/audit", "/console/audit/export")


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in."""
    return at_desk(world, Role.ADMIN, "ada@example.com")


@pytest.fixture
def person(world: World) -> Account:
    """Somebody about whom two members did something."""
    account = world.account()
    with world.database.transaction() as session:
        at, account_id = world.clock(), account.account_id
        audit.append(session, SAM, AuditKind.CASE_SEEN, at=at, account_id=account_id)
        audit.append(session, TOM, AuditKind.CONTACT_REVEALED, at=at, account_id=account_id, reason="=1+1")
        audit.append(session, TOM, AuditKind.SEARCHED, at=at, found=1)
    return account


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", PAGES)
def test_only_who_may_read_the_audit_reads_it(world: World, role: Role, path: str) -> None:
    answer = at_desk(world, role).browser.get(path)
    assert answer.status_code == (200 if Right.READ_AUDIT in rights_of(role) else 403)


def test_entries_are_told_in_sentences_with_who_why_and_from_where(ada: Desk, person: Account) -> None:
    answer = ada.browser.get("/console/audit")
    said = text(answer)
    assert f"sam@example.com opened the case of {person.external_id}. The case support, 203.0.113.7" in said
    assert f"tom@example.com had the contacts of {person.external_id} shown in full." in said
    assert inline_parts(answer.text) == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("by=sam@example.com", {"opened the case"}),
        ("kind=contact_revealed", {"shown in full"}),
        ("kind=nonsense&by=tom@example.com", {"shown in full", "searched for a person"}),
        ("account={external_id}", {"opened the case", "shown in full"}),
        ("account=nobody", set()),
        ("from=2100-01-01", set()),
        ("to=2000-01-01", set()),
        ("from=nonsense&to=9999-12-31&by=sam@example.com", {"opened the case"}),
    ],
)
def test_filters_leave_what_was_asked_for(ada: Desk, person: Account, query: str, shown: set[str]) -> None:
    said = text(ada.browser.get(f"/console/audit?{query.format(external_id=person.external_id)}"))
    words = {"opened the case", "shown in full", "searched for a person"}
    assert {word for word in words if word in said} == shown


def test_reading_is_written_down_without_what_was_typed_for_an_account(ada: Desk, person: Account) -> None:
    assert person.email
    ada.browser.get("/console/audit", account=person.email)
    entry = audited(ada.world)[-1]
    assert (entry.kind, entry.by) == (AuditKind.AUDIT_READ, ada.address)
    assert person.email not in str(entry.detail)


def test_the_file_has_the_same_filters_and_runs_in_no_spreadsheet(ada: Desk, person: Account) -> None:
    answer = ada.browser.get("/console/audit/export?by=tom@example.com")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["kind"] for row in rows] == ["contact_revealed", "searched"]
    assert rows[0]["reason"] == "'=1+1"
    assert rows[0]["external_id"] == person.external_id
    assert kinds(ada.world)[-1] == AuditKind.AUDIT_READ


def test_older_entries_are_behind_the_page(ada: Desk, person: Account) -> None:
    with ada.world.database.transaction() as session:
        for number in range(60):
            audit.append(session, SAM, AuditKind.SEARCHED, at=ada.world.clock(), found=number)
    page = ada.browser.get("/console/audit?by=sam@example.com").text
    link = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    older = text(ada.browser.get(link))
    assert "Older" in text(ada.browser.get("/console/audit?by=sam@example.com"))
    assert f"opened the case of {person.external_id}" in older
    assert "Back to the newest" in older
