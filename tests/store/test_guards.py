"""What both databases refuse by themselves, whatever code asks for it: each promise, attacked by plain SQL."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.evidence import chains
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.staff.staff import AuditKind, Author
from store import Database, Session
from store.evidence import days, keys
from store.journeys.sms import StoredOffProof
from store.migrations import guards
from store.people import accounts, journal, passkeys, recovery_codes
from store.staff import audit
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_app,
    make_member,
    make_passkey,
    make_recovery_codes,
)

LAST_ROUTE = "the last proven way in stays"
ON_PROOF = "only on a stored proof"
ADDED_TO = "is only ever added to"
USED: dict[str, Any] = {"used_on": [START.date()], "last_used_at": START}


@pytest.fixture
def account_id(database: Database) -> str:
    """Somebody with SMS alone."""
    with database.transaction() as session:
        return make_account(session).account_id


def change(database: Database, statement: str, **values: Any) -> None:
    with database.transaction() as session:
        session.execute(text(statement), values)


def refused(database: Database, words: str, statement: str, **values: Any) -> None:
    with pytest.raises(DBAPIError, match=words):
        change(database, statement, **values)


def give(database: Database, account_id: str, *ways: Callable[[Session, str], Any]) -> list[Any]:
    with database.transaction() as session:
        return [way(session, account_id) for way in ways]


def passkey(session: Session, account_id: str) -> str:
    return make_passkey(session, account_id, **USED).passkey_id


def codes(session: Session, account_id: str) -> list[str]:
    return make_recovery_codes(session, account_id)


def proof(session: Session, account_id: str) -> None:
    for state in (SmsState.SUSPENDED, SmsState.REMOVED):
        session.add(StoredOffProof(account_id=account_id, state=state, at=START, evidence={}))


def switch_off(database: Database, account_id: str, *, to: SmsState = SmsState.SUSPENDED) -> None:
    """As it is done properly: with the proof."""
    give(database, account_id, proof)
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        account.sms, account.sms_since = to, START
        session.add(account)


def test_an_app_is_a_way_in_that_stays_as_the_last_one_and_on_record(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        app_id = make_app(session, account_id).app_id
        passkey_id = passkey(session, account_id)
    switch_off(database, account_id, to=SmsState.REMOVED)
    gone = "SET removed_at = CURRENT_TIMESTAMP WHERE"
    change(database, f"UPDATE passkey {gone} passkey_id = :id", id=passkey_id)
    refused(database, LAST_ROUTE, f"UPDATE authenticator_app {gone} app_id = :id", id=app_id)
    refused(database, ADDED_TO, "DELETE FROM authenticator_app WHERE app_id = :id", id=app_id)


@pytest.mark.parametrize("state", ["off", "", "ON"])
def test_no_sms_state_but_those_of_the_list(database: Database, account_id: str, state: str) -> None:
    words = "ck_account_sms|no such SMS state"
    refused(database, words, "UPDATE account SET sms = :state", state=state)
    with pytest.raises(DBAPIError, match=words), database.transaction() as session:
        make_account(session, sms=state)


@pytest.mark.parametrize("state", [SmsState.SUSPENDED, SmsState.REMOVED])
def test_sms_goes_only_on_a_proof_of_that_state_and_not_of_an_earlier_time(
    database: Database, account_id: str, state: SmsState
) -> None:
    give(database, account_id, passkey)
    off = "UPDATE account SET sms = :state, sms_since = :since"
    refused(database, ON_PROOF, off, state=state, since="2026-03-02 12:00:00.000000")
    give(database, account_id, proof)
    refused(database, ON_PROOF, off, state=state, since="2026-03-03 12:00:00.000000")
    refused(database, ON_PROOF, "UPDATE account SET sms = :state", state=state)
    switch_off(database, account_id, to=state)
    refused(database, ON_PROOF, "UPDATE account SET sms_since = '2026-04-02 12:00:00.000000'")


@pytest.mark.parametrize("state", [SmsState.SUSPENDED, SmsState.REMOVED])
def test_no_account_begins_without_sms(database: Database, state: SmsState) -> None:
    with pytest.raises(DBAPIError, match=ON_PROOF), database.transaction() as session:
        make_account_directly(session, state)


def make_account_directly(session: Session, state: SmsState) -> None:
    statement = (
        "INSERT INTO account (account_id, external_id, phone, locale, attributes, created_at, skips_used, sms, "
        "sms_since, facts_version) VALUES ('a', 'a', '+4915100000000', 'en', '{}', :at, 0, :state, :at, 0)"
    )
    session.execute(text(statement), {"state": state, "at": "2026-03-02 12:00:00.000000"})


@pytest.mark.parametrize("state", [SmsState.SUSPENDED, SmsState.REMOVED])
def test_sms_is_not_switched_off_where_it_is_the_last_way_in(
    database: Database, account_id: str, state: SmsState
) -> None:
    with pytest.raises(IntegrityError, match=LAST_ROUTE):
        switch_off(database, account_id, to=state)
    give(database, account_id, lambda session, owner: make_passkey(session, owner))
    with pytest.raises(IntegrityError, match=LAST_ROUTE):
        switch_off(database, account_id, to=state)


def test_the_number_stays_where_sms_is_the_last_way_in(database: Database, account_id: str) -> None:
    refused(database, LAST_ROUTE, "UPDATE account SET phone = NULL")
    change(database, "UPDATE account SET phone = '+4915100000001'")
    give(database, account_id, passkey)
    change(database, "UPDATE account SET phone = NULL")


@pytest.mark.parametrize("column", ["removed_at", "frozen_at"])
def test_the_last_passkey_is_neither_removed_nor_held(
    database: Database, account_id: str, column: str
) -> None:
    first, second = give(database, account_id, passkey, passkey)
    switch_off(database, account_id)
    take = f"UPDATE passkey SET {column} = '2026-03-02 12:00:00.000000' WHERE passkey_id = :passkey_id"
    change(database, take, passkey_id=first)
    refused(database, LAST_ROUTE, take, passkey_id=second)
    give(database, account_id, codes)
    change(database, take, passkey_id=second)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passkey SET removed_at = '2026-03-02 12:00:00.000000'",
        "UPDATE passkey SET last_used_at = NULL",
        "DELETE FROM passkey",
    ],
)
def test_all_passkeys_at_once_are_the_last_one_too(
    database: Database, account_id: str, statement: str
) -> None:
    give(database, account_id, passkey, passkey)
    switch_off(database, account_id)
    refused(database, f"{LAST_ROUTE}|{ADDED_TO}", statement)


def test_a_passkey_is_not_given_to_somebody_else(database: Database, account_id: str) -> None:
    give(database, account_id, passkey)
    switch_off(database, account_id)
    with database.transaction() as session:
        other_id = make_account(session).account_id
    refused(database, LAST_ROUTE, "UPDATE passkey SET account_id = :other_id", other_id=other_id)


def test_a_passkey_that_never_signed_in_may_go(database: Database, account_id: str) -> None:
    give(database, account_id, passkey)
    switch_off(database, account_id)
    with database.transaction() as session:
        unproven = make_passkey(session, account_id)
        passkeys.remove(session, unproven, at=START)


def test_proven_codes_are_not_voided_where_they_are_the_last_way_in(
    database: Database, account_id: str
) -> None:
    (passkey_id, _) = give(database, account_id, passkey, codes)
    switch_off(database, account_id)
    with database.transaction() as session:
        passkeys.remove(session, passkeys.get(session, account_id, passkey_id), at=START)
    for column, value in (("voided_at", "'2026-03-02 12:00:00.000000'"), ("proven_at", "NULL")):
        refused(database, LAST_ROUTE, f"UPDATE recovery_code SET {column} = {value}")


def test_the_last_code_signs_in_and_is_spent(database: Database, account_id: str) -> None:
    (passkey_id, digests) = give(database, account_id, passkey, codes)
    switch_off(database, account_id)
    with database.transaction() as session:
        passkeys.remove(session, passkeys.get(session, account_id, passkey_id), at=START)
    with database.transaction() as session:
        for digest in digests:
            code = recovery_codes.find(session, account_id, digest)
            assert code
            recovery_codes.use(session, code, at=START)
    with database.transaction() as session:
        assert recovery_codes.left(session, account_id) == (0, False)
        make_passkey(session, account_id, **USED)


def test_new_codes_take_the_place_of_old_ones_that_were_the_last_way_in(
    database: Database, account_id: str
) -> None:
    (passkey_id, _) = give(database, account_id, passkey, codes)
    switch_off(database, account_id)
    with database.transaction() as session:
        passkeys.remove(session, passkeys.get(session, account_id, passkey_id), at=START)
    give(database, account_id, codes)
    with database.transaction() as session:
        former, successor = sorted(recovery_codes.other_sets(session, account_id, ""), key=lambda c: c.set_id)
        recovery_codes.void_set(session, account_id, former.set_id, at=START)
        assert recovery_codes.left(session, account_id) == (8, True)
        assert recovery_codes.works(session, account_id, successor.set_id)


def test_the_journal_is_only_added_to(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        journal.append(session, account_id, EventKind.EMAIL_VERIFIED, at=START, actor=Actor.PERSON)
    for column in ("kind", "actor", "version", "account_id", "at", "detail"):
        refused(database, ADDED_TO, f"UPDATE journal SET {column} = {column}")
    refused(database, ADDED_TO, "DELETE FROM journal")
    with database.transaction() as session:
        assert journal.claim_unpublished(session, now=START, limit=9) == [account_id]
        journal.release_claim(session, account_id)
        journal.mark_published(session, account_id, up_to_version=9, at=START)


def test_proofs_and_the_audit_are_only_added_to(database: Database, account_id: str) -> None:
    give(database, account_id, proof)
    with database.transaction() as session:
        audit.append(session, Author(by="ada"), AuditKind.SIGNED_IN, at=START)
    for table, column in (("off_proof", "state"), ("audit", "reason")):
        refused(database, "only ever added to", f"UPDATE {table} SET {column} = ''")
        refused(database, "only ever added to", f"DELETE FROM {table}")


def test_sealed_days_and_keys_of_evidence_are_only_added_to(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        link = chains.linked(None, day=START.date(), rule=1, last_entry_id=0, entries=0, root=b"")
        days.add(session, link, b"", at=START)
        keys.add(session, 1, key_id="a", public="b", sealed=b"c", at=START)
    for column in ("day", "rule", "last_entry_id", "entries", "root", "previous", "digest", "leaves"):
        refused(database, ADDED_TO, f"UPDATE journal_day SET {column} = {column}")
    for table in ("journal_day", "evidence_key"):
        refused(database, ADDED_TO, f"DELETE FROM {table}")
    change(database, "UPDATE evidence_key SET sealed = sealed")


def test_what_an_entry_says_goes_with_the_account_alone_and_the_entry_stays(
    database: Database, account_id: str
) -> None:
    forget = "UPDATE journal SET detail = '{}' WHERE account_id = :account_id"
    with database.transaction() as session:
        journal.append(
            session, account_id, EventKind.NOTED, at=START, actor=Actor.STAFF, reason="they called"
        )
    refused(database, ADDED_TO, forget, account_id=account_id)
    delete_account(database, account_id)
    change(database, forget, account_id=account_id)
    for column in ("kind", "actor", "at", "account_id", "version"):
        refused(database, ADDED_TO, f"UPDATE journal SET {column} = {column}")


def test_the_audit_lets_go_of_addresses_and_of_reasons_about_the_deleted_alone(
    database: Database, account_id: str
) -> None:
    author = Author(by="ada", came_from="203.0.113.7")
    with database.transaction() as session:
        kind = AuditKind.CASE_SEEN
        audit.append(session, author, kind, at=START, account_id=account_id, reason="they called")
    change(database, "UPDATE audit SET came_from = ''")
    refused(database, ADDED_TO, "UPDATE audit SET came_from = '203.0.113.8'")
    refused(database, ADDED_TO, "UPDATE audit SET reason = ''")
    delete_account(database, account_id)
    refused(database, ADDED_TO, "UPDATE audit SET reason = 'they never called'")
    change(database, "UPDATE audit SET reason = ''")
    for column in ("at", "kind", '"by"', "staff_id", "role", "account_id", "cohort_id", "detail"):
        refused(database, ADDED_TO, f"UPDATE audit SET {column} = {column}")


def delete_account(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        account.deleted_at = START
        session.add(account)


@pytest.mark.parametrize("table", ["passkey", "recovery_code"])
def test_what_was_bound_stays_on_record(database: Database, account_id: str, table: str) -> None:
    give(database, account_id, passkey, codes)
    refused(database, ADDED_TO, f"DELETE FROM {table}")


@pytest.mark.postgres
def test_postgresql_empties_no_table_that_is_only_added_to(postgresql_database: Database) -> None:
    for table in ("journal", "off_proof", "passkey", "recovery_code"):
        refused(postgresql_database, ADDED_TO, f"TRUNCATE {table} CASCADE")


def test_every_guard_is_in_place(database: Database) -> None:
    """A table that a later migration makes anew has lost its triggers."""
    names = {
        True: "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        False: "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.reading() as session:
        in_place = {str(name) for name in session.execute(text(names[database.is_sqlite])).scalars()}
    made = guards.sqlite() if database.is_sqlite else guards.postgresql()
    wanted = {words[2] for statement in made if (words := statement.split())[:2] == ["CREATE", "TRIGGER"]}
    assert wanted <= in_place
    assert any(name.startswith("audit_stays") for name in in_place)
    if not database.is_sqlite:
        checks = inspect(database.engine).get_check_constraints("account")
        assert "ck_account_sms" in {check["name"] for check in checks}


def test_nobody_is_moved_between_cohorts_or_taken_out_of_one(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, wave=None, launched_at=None)
    for column in ("cohort_id", "bucket", "held_out"):
        refused(database, ADDED_TO, f"UPDATE member SET {column} = {column}")
    refused(database, ADDED_TO, "DELETE FROM member")
    change(database, "UPDATE member SET wave = 0, launched_at = enrolled_at")
