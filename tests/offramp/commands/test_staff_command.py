"""`offramp staff` and `offramp audit`, as they are typed."""

import csv
import io
import json
from datetime import datetime

import pytest

from domain.staff.staff import AuditKind, Author, Role
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.usage.options import os_user
from store import Database
from store.staff import audit, staff, staff_keys
from tests.clocks import START
from tests.factories import make_account
from tests.offramp.conftest import Run
from tests.staff import make_staff


@pytest.fixture
def ada(home_database: Database) -> str:
    with home_database.transaction() as session:
        return make_staff(session, "ada@example.com", Role.ADMIN).address


def lines_of(ran_out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran_out.splitlines()]


def test_an_invitation_prints_its_link_and_is_audited(
    offramp: Run, home_database: Database, settings: Settings
) -> None:
    ran = offramp("staff", "invite", "New@Example.com", "--role", "support", "--name", "New")
    assert ran.code == 0
    link = ran.out.strip()
    assert link.startswith(f"{settings.origin}/console/join/")
    with home_database.transaction() as session:
        member = staff.look(session, link.rpartition("/")[2], now=datetime.now(START.tzinfo))
        assert (member.address, member.name, member.role) == ("new@example.com", "New", "support")
    (entry,) = lines_of(offramp("audit").out)
    assert (entry["kind"], entry["by"], entry["came_from"]) == ("invited", os_user(), "this machine")


def test_a_member_is_invited_anew_in_the_role_they_have(offramp: Run, ada: str) -> None:
    ran = offramp("staff", "invite", ada, "--role", "viewer", "--json")
    assert json.loads(ran.out)["role"] == "admin"
    assert "is admin already" in ran.err


def test_members_are_listed(offramp: Run, home_database: Database) -> None:
    assert "nobody has been invited yet" in offramp("staff", "list").out
    offramp("staff", "invite", "new@example.com", "--role", "viewer")
    assert "new@example.com" in offramp("staff", "list").out
    (line,) = json.loads(offramp("staff", "list", "--json").out)
    assert (line["address"], line["role"], line["joined_at"]) == ("new@example.com", "viewer", None)


def test_a_role_changes_and_access_ends(offramp: Run, home_database: Database, ada: str) -> None:
    with home_database.transaction() as session:
        make_staff(session, "sam@example.com", Role.SUPPORT)
    assert offramp("staff", "role", "sam@example.com", "operator").out == "sam@example.com is operator now\n"
    assert offramp("staff", "end", "sam@example.com", "--by", "Olga").code == 0
    entries = lines_of(offramp("audit").out)
    assert [entry["kind"] for entry in entries] == ["role_changed", "access_ended"]
    assert entries[1]["by"] == "Olga"
    with home_database.reading() as session:
        assert staff.find(session, "sam@example.com") is None


@pytest.mark.parametrize("arguments", [("end",), ("role", "viewer")])
def test_the_last_admin_stays(offramp: Run, ada: str, arguments: tuple[str, ...]) -> None:
    ran = offramp("staff", arguments[0], ada, *arguments[1:])
    assert (ran.code, "last admin" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("invite", "nonsense", "--role", "viewer"), 2),
        (("invite", "a@example.com", "--role", "king"), 2),
        (("invite", "a@example.com"), 2),
        (("end", "nobody@example.com"), 1),
        (("role", "nobody@example.com", "viewer"), 1),
    ],
)
def test_what_cannot_be_is_refused(
    offramp: Run, home_database: Database, arguments: tuple[str, ...], code: int
) -> None:
    assert offramp("staff", *arguments).code == code


@pytest.fixture
def key(offramp: Run, ada: str) -> str:
    """A new key of Ada's."""
    return offramp("staff", "key", "Ada@Example.com", "--name", "zendesk").out.strip()


def keys_of(offramp: Run, address: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(offramp("staff", "keys", address, "--json").out)
    return listed


def finds(database: Database, token: str) -> bool:
    with database.reading() as session:
        return staff_keys.find(session, token, now=clock()) is not None


def test_a_key_is_printed_once_works_and_is_audited(
    offramp: Run, home_database: Database, ada: str, key: str
) -> None:
    assert finds(home_database, key)
    (line,) = keys_of(offramp, ada)
    assert (line["name"], line["last_used_at"]) == ("zendesk", None)
    shown = offramp("staff", "keys", ada).out
    assert "zendesk" in shown
    assert key not in shown + str(line)
    (entry,) = lines_of(offramp("audit").out)
    assert (entry["kind"], entry["by"], entry["came_from"]) == ("key_made", os_user(), "this machine")
    assert key not in str(entry)


def test_a_key_is_ended_and_is_then_neither_listed_nor_ended_again(
    offramp: Run, home_database: Database, ada: str, key: str
) -> None:
    key_id = str(keys_of(offramp, ada)[0]["key_id"])
    assert offramp("staff", "end-key", ada, key_id, "--by", "Olga").code == 0
    assert not finds(home_database, key)
    assert keys_of(offramp, ada) == []
    assert "has no key" in offramp("staff", "keys", ada).out
    assert offramp("staff", "end-key", ada, key_id).code == 1
    last = lines_of(offramp("audit").out)[-1]
    assert (last["kind"], last["by"]) == ("key_ended", "Olga")


def test_a_key_is_ended_for_its_own_member_only(
    offramp: Run, home_database: Database, ada: str, key: str
) -> None:
    with home_database.transaction() as session:
        make_staff(session, "sam@example.com", Role.SUPPORT)
    key_id = str(keys_of(offramp, ada)[0]["key_id"])
    assert offramp("staff", "end-key", "sam@example.com", key_id).code == 1
    assert finds(home_database, key)


def test_a_key_stops_with_its_members_access(offramp: Run, home_database: Database, ada: str) -> None:
    with home_database.transaction() as session:
        make_staff(session, "sam@example.com", Role.SUPPORT)
    token = offramp("staff", "key", "sam@example.com", "--name", "zendesk").out.strip()
    assert finds(home_database, token)
    offramp("staff", "end", "sam@example.com")
    assert not finds(home_database, token)
    assert offramp("staff", "keys", "sam@example.com").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("key", "nobody@example.com", "--name", "zendesk"),
        ("keys", "nobody@example.com"),
        ("end-key", "nobody@example.com", "0198c0de-0000-7000-8000-000000000000"),
    ],
)
def test_nobody_has_no_keys(offramp: Run, home_database: Database, arguments: tuple[str, ...]) -> None:
    ran = offramp("staff", *arguments)
    assert (ran.code, "no member of staff" in ran.err) == (1, True)


def test_the_audit_is_narrowed_by_time_account_and_member(offramp: Run, home_database: Database) -> None:
    with home_database.transaction() as session:
        account_id = make_account(session, external_id="u-1").account_id
        for by, day in (("ada@example.com", 1), ("sam@example.com", 2)):
            at = START.replace(day=day)
            seen = AuditKind.CASE_SEEN
            audit.append(session, Author(by=by), seen, at=at, account_id=account_id, reason="called")
        audit.append(session, Author(by="sam@example.com"), AuditKind.SIGNED_OUT, at=START)
    narrowed = {
        (): 3,
        ("--since", "2026-03-02"): 2,
        ("--account", "u-1"): 2,
        ("--by", "sam@example.com"): 2,
        ("--by", "sam@example.com", "--account", "u-1"): 1,
    }
    for arguments, count in narrowed.items():
        assert len(lines_of(offramp("audit", *arguments).out)) == count
    assert offramp("audit", "--account", "nobody").code == 1


def test_the_audit_is_told_in_sentences_and_as_csv_by_the_same_filters(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        account = make_account(session)
        author, account_id = Author(by="sam@example.com"), account.account_id
        audit.append(session, author, AuditKind.CASE_SEEN, at=START, account_id=account_id)
        kind = AuditKind.CONTACT_REVEALED
        audit.append(session, author, kind, at=START, account_id=account_id, reason="they called")
    said = offramp("audit", "--words", "--kind", "contact_revealed").out
    assert f"sam@example.com had the contacts of {account.external_id} shown in full. “they called”" in said
    assert "opened the case" not in said
    rows = list(csv.DictReader(io.StringIO(offramp("audit", "--csv", "--until", "2026-03-03").out)))
    assert [row["kind"] for row in rows] == ["case_seen", "contact_revealed"]
    assert offramp("audit", "--words", "--until", "2026-03-01").out == ""
    assert offramp("audit", "--cohort", "nobody").code == 1
    assert offramp("audit", "--kind", "nonsense").code == 2
