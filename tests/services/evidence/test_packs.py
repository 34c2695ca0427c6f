"""A pack of evidence says what was so, names nobody's contacts, and is the same whenever nothing has changed."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.desk.acts import LEAVE_SMS
from domain.evidence.packs import CHAIN, CONTENTS, JOURNAL, MANIFEST, OF_COHORTS, PACK, SIGNATURE, PackSubject
from domain.journal import Actor
from domain.staff.staff import AuditKind
from services.evidence.journal_lines import JournalChanged
from store import Database
from store.evidence import people
from store.people import exemptions
from store.people.accounts import Account
from store.people.journal import JournalEntry
from store.rights import erasing
from store.staff import audit
from store.staff.audit import Sought
from tests.services.evidence.packing import NOW, ada, contents, make_pack, make_people
from tests.unguarded import unguarded
from tests.whole_persons import EMAIL, PHONE

PAGES = {"index.html", "accounts-0001.html"}


@pytest.fixture
def cohort(database: Database) -> PackSubject:
    return make_people(database)


def lines(files: dict[str, bytes], name: str) -> list[Any]:
    return [json.loads(line) for line in files[name].splitlines()]


def test_a_cohorts_pack_has_every_file_and_says_how_many_lines_there_are(
    database: Database, cohort: PackSubject
) -> None:
    pack, made = make_pack(database, cohort)
    files = contents(pack)
    assert set(files) == {*CONTENTS, *PAGES, MANIFEST, SIGNATURE}
    about = json.loads(files[PACK])
    assert about["lines"] == {name: len(lines(files, name)) for name in CONTENTS if name.endswith(".ndjson")}
    assert (about["accounts"], about["made_by"], about["reason"]) == (3, "olga", "yearly audit")
    assert (made.accounts, made.entries) == (3, len(lines(files, JOURNAL)))
    assert len(lines(files, CHAIN)) > 1
    [launch, *_] = lines(files, "orders.ndjson")
    assert (launch["kind"], launch["by"]) == ("launch", "olga")


def test_an_accounts_pack_is_about_that_account_alone(database: Database, cohort: PackSubject) -> None:
    subject = ada(database)
    files = contents(make_pack(database, subject)[0])
    assert set(files) == {*CONTENTS, *PAGES, MANIFEST, SIGNATURE} - OF_COHORTS
    for name in ("accounts.ndjson", "off_proofs.ndjson", "messages.ndjson", "decisions.ndjson"):
        assert {line["account_id"] for line in lines(files, name)} == {subject.subject_id}, name
    assert {line["entry"]["account_id"] for line in lines(files, JOURNAL)} == {subject.subject_id}
    assert [line["name"] for line in lines(files, "policies.ndjson")] == ["standard"]


def test_an_exemption_is_told_as_the_register_has_it(database: Database, cohort: PackSubject) -> None:
    subject = ada(database)
    files = contents(make_pack(database, subject)[0])
    [line] = [line for line in lines(files, "exemptions.ndjson") if line["what"] == "registered"]
    with database.reading() as session:
        [record] = exemptions.of_account(session, subject.subject_id)
    assert (line["rest"], line["evidence"]) == (record.basis, record.evidence or None)
    assert datetime.fromisoformat(line["until"]) == record.expires_at
    assert (line["by"], line["together_with"]) == (record.asked_by, record.approved_by)
    assert (
        "exempt by the register"
        in b"".join(content for name, content in files.items() if name.endswith(".html")).decode()
    )


def test_no_file_holds_a_contact_a_code_a_key_or_where_a_member_came_from(
    database: Database, cohort: PackSubject
) -> None:
    for subject in (cohort, ada(database)):
        for name, content in contents(make_pack(database, subject)[0]).items():
            text = content.decode().lower()
            for word in (PHONE, PHONE[1:], EMAIL, "@example", "secret ", "192.0.2", "begin public"):
                assert word not in text, (name, word)


def test_contacts_are_masked_as_at_the_desk(database: Database, cohort: PackSubject) -> None:
    files = contents(make_pack(database, ada(database))[0])
    [account] = lines(files, "accounts.ndjson")
    assert (account["email"], account["phone"]) == ("a•••@e•••.com", "+44•••••101")
    assert {line["recipient"] for line in lines(files, "messages.ndjson")} <= {
        account["email"],
        account["phone"],
    }
    assert "a•••@e•••.com" in files["accounts-0001.html"].decode()


def test_an_id_of_the_host_that_is_a_number_or_an_address_is_masked(
    database: Database, cohort: PackSubject
) -> None:
    subject = ada(database)
    for external_id in (PHONE, PHONE[1:], "ada@example.com"):
        with database.transaction() as session, unguarded(session):
            is_ada = col(Account.account_id) == subject.subject_id
            session.execute(update(Account).where(is_ada).values(external_id=external_id))
        files = contents(make_pack(database, subject)[0])
        [account] = lines(files, "accounts.ndjson")
        assert "•••" in account["external_id"]
        assert external_id not in files["accounts-0001.html"].decode()


def test_the_same_rows_make_the_same_pack_whenever_that_is(database: Database, cohort: PackSubject) -> None:
    subject = ada(database)
    make_pack(database, cohort)  # an audit about the cohort is nothing about the account
    with database.reading() as session:
        before = list(audit.read(session, Sought(account_id=subject.subject_id)))
    first = contents(make_pack(database, subject)[0])
    with database.transaction() as session, unguarded(session):
        [*_, made] = audit.read(session, Sought(account_id=subject.subject_id))
        session.delete(session.merge(made))
    later = contents(make_pack(database, subject, at=NOW + timedelta(hours=1))[0])
    assert len(before) > 0
    dated = {PACK, MANIFEST, SIGNATURE, "index.html"}
    assert {name for name in first if first[name] != later[name]} == dated
    again, _ = make_pack(database, cohort)
    assert len(again) > 0


def test_the_audit_keeps_that_a_pack_was_made_and_by_which_digest(
    database: Database, cohort: PackSubject
) -> None:
    _, made = make_pack(database, cohort)
    with database.reading() as session:
        [entry] = [
            entry
            for entry in audit.read(session, Sought(cohort_id=cohort.subject_id))
            if entry.kind == AuditKind.EVIDENCE_MADE
        ]
    assert (entry.by, entry.reason) == ("olga@example.com", "yearly audit")
    assert entry.detail["manifest_sha256"] == made.manifest_sha256


def test_an_erased_person_is_in_the_pack_without_a_name_and_the_days_still_hold(
    database: Database, cohort: PackSubject
) -> None:
    subject = ada(database)
    with database.transaction() as session:
        erasing.erase(session, subject.subject_id, LEAVE_SMS, at=NOW, by="sue", together_with="sam")
    files = contents(make_pack(database, cohort)[0])
    assert "lovelace" not in b"".join(files.values()).decode().lower()
    [erased] = [line for line in lines(files, "accounts.ndjson") if line["deleted_at"]]
    assert (erased["external_id"], erased["email"], erased["phone"]) == (subject.subject_id, None, None)


def test_no_pack_is_made_of_an_entry_that_was_changed_since(database: Database, cohort: PackSubject) -> None:
    with database.transaction() as session, unguarded(session):
        first_id = session.execute(update(JournalEntry).values(actor=Actor.SYSTEM)).rowcount  # type: ignore[attr-defined]
    assert first_id
    with pytest.raises(JournalChanged, match="is not what it was when 2026-03-02 was sealed"):
        make_pack(database, cohort)


def test_accounts_are_read_and_written_a_page_at_a_time(
    database: Database, cohort: PackSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "BATCH", 2)
    files = contents(make_pack(database, cohort)[0])
    assert {name for name in files if name.startswith("accounts-")} == {
        "accounts-0001.html",
        "accounts-0002.html",
    }
    assert len(lines(files, "accounts.ndjson")) == 3
