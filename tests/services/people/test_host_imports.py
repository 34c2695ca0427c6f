"""A number or address that the host changes: a new binding, told to those who had the account before."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import ObjectionNotFromHere
from domain.facts import Channel
from domain.journal import EventKind
from domain.messages.messages import Template
from domain.presets import FAST, STANDARD
from domain.safety.objections import Outcome
from domain.trust import Root, Trust, Way
from services.people import host_imports
from services.safety import objections as objecting
from store import Database
from store.messages import messages
from store.messages.messages import Message
from store.people import accounts, contacts, journal, sharing
from store.people.accounts import Account
from store.people.imports import Imported
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import make_journey, make_passkey
from tests.waiting import wait_until

ADA = ImportedAccount(external_id="ada", phone="+442079460101", email="ada@example.com")
MOVED = replace(ADA, phone="+4915112345602")
LATER = START + timedelta(days=40)


def take(database: Database, told: ImportedAccount, *, days: int = 0) -> Imported:
    with database.transaction() as session:
        return host_imports.take(session, [told], at=LATER + timedelta(days=days))


@pytest.fixture
def ada(database: Database) -> str:
    """Imported long ago, with a number and an address."""
    with database.transaction() as session:
        host_imports.take(session, [ADA], at=START)
    return account(database).account_id


def account(database: Database) -> Account:
    with database.reading() as session:
        row = accounts.by_external_id(session, "ada")
    assert row is not None
    return row


def trust_of(database: Database, channel: Channel) -> Trust:
    with database.reading() as session:
        return contacts.present(session, account(database))[channel].trust


def told(database: Database) -> dict[str | None, Message]:
    """What the account was told, by whom it was sent to."""
    with database.reading() as session:
        return {
            message.recipient: message
            for message in messages.of_account(session, account(database).account_id)
        }


def test_another_number_is_established_at_once_while_there_is_no_passkey(
    database: Database, ada: str
) -> None:
    take(database, MOVED)
    trust = trust_of(database, Channel.SMS)
    assert (trust.root, trust.way, trust.bound_at) == (Root.HOST, Way.VOUCHED, LATER)
    assert trust.is_established(LATER)


def test_with_an_established_passkey_another_number_waits_for_the_cooling_off(
    database: Database, ada: str
) -> None:
    with database.transaction() as session:
        make_passkey(session, ada)
    take(database, MOVED)
    trust = trust_of(database, Channel.SMS)
    assert (trust.way, trust.established_from) == (Way.NOTICE, LATER + STANDARD.cooling_off)


def test_the_wait_is_that_of_the_accounts_own_policy(database: Database, ada: str) -> None:
    with database.transaction() as session:
        make_passkey(session, ada)
        make_journey(session, ada, FAST)
    take(database, replace(ADA, email="ada@example.org"))
    assert trust_of(database, Channel.EMAIL).established_from == LATER + FAST.cooling_off


def test_while_a_dispute_is_open_no_waiting_begins(database: Database, ada: str) -> None:
    with database.transaction() as session:
        make_passkey(session, ada)
        accounts.begin_dispute(session, accounts.get(session, ada), at=START)
    take(database, MOVED)
    assert trust_of(database, Channel.SMS).established_from is None


def test_the_former_number_the_new_one_and_the_address_are_told(database: Database, ada: str) -> None:
    take(database, MOVED)
    notices = told(database)
    assert set(notices) == {ADA.phone, MOVED.phone, ADA.email}
    assert {notice.template for notice in notices.values()} == {Template.PHONE_CHANGED}
    with database.reading() as session:
        present = contacts.present(session, accounts.get(session, ada))[Channel.SMS]
    assert {notice.values["contact_id"] for notice in notices.values()} == {present.contact_id}


def test_another_address_is_told_as_such(database: Database, ada: str) -> None:
    take(database, replace(ADA, email="ada@example.org"))
    assert told(database)["ada@example.com"].template == Template.EMAIL_CHANGED


def test_a_first_address_takes_nobodys_place_and_is_told_to_nobody(database: Database) -> None:
    take(database, replace(ADA, email=None))
    take(database, ADA, days=1)
    assert told(database) == {}


def test_the_same_file_again_changes_and_tells_nothing(database: Database, ada: str) -> None:
    take(database, MOVED)
    assert take(database, MOVED, days=1) == Imported(unchanged=1)
    assert len(told(database)) == 3


def test_the_one_who_had_the_number_brings_it_back(database: Database, ada: str) -> None:
    take(database, MOVED)
    notice = told(database)[ADA.phone]
    with database.transaction() as session:
        objecting.make(session, notice.key, at=LATER)
    assert account(database).phone == ADA.phone


def test_the_hosts_next_file_does_not_bring_a_disputed_number_back(database: Database, ada: str) -> None:
    take(database, MOVED)
    with database.transaction() as session:
        objecting.make(session, told(database)[ADA.phone].key, at=LATER)
    assert take(database, MOVED, days=1) == Imported(unchanged=1)
    assert account(database).phone == ADA.phone
    take(database, replace(ADA, phone="+390612345603"), days=2)
    assert account(database).phone == "+390612345603"


def test_a_dismissed_objection_gives_the_number_back_to_whom_the_host_said(
    database: Database, ada: str
) -> None:
    take(database, MOVED)
    with database.transaction() as session:
        objection = objecting.make(session, told(database)[ADA.phone].key, at=LATER)
        objecting.settle(
            session, objection.objection_id, outcome=Outcome.DISMISSED, by="sam", reason="true", at=LATER
        )
    assert account(database).phone == MOVED.phone


def test_the_new_number_of_a_guarded_account_has_no_say_in_it(database: Database, ada: str) -> None:
    with database.transaction() as session:
        make_passkey(session, ada)
    take(database, MOVED)
    with database.transaction() as session, pytest.raises(ObjectionNotFromHere):
        objecting.make(session, told(database)[MOVED.phone].key, at=LATER)


RESPELLED = replace(ADA, email="Ada@Example.com")


def verify(database: Database, email: str) -> None:
    with database.transaction() as session:
        accounts.verify_email(session, accounts.lock(session, account(database).account_id), email, at=START)


def test_another_spelling_from_the_host_keeps_the_address_verified_and_tells_nobody(
    database: Database, ada: str
) -> None:
    verify(database, "ada@example.com")
    before = account(database)
    assert take(database, RESPELLED) == Imported(unchanged=1)
    after = account(database)
    assert (after.email, after.email_verified_at) == (before.email, before.email_verified_at)
    assert (after.facts_version, after.contacts_changed_at) == (before.facts_version, None)
    assert told(database) == {}
    with database.reading() as session:
        assert sharing.spelled_apart(session) == []


def test_another_spelling_of_what_the_person_corrected_leaves_it_alone(database: Database, ada: str) -> None:
    verify(database, "right@example.com")
    assert take(database, replace(ADA, email="Right@example.com")) == Imported(unchanged=1)
    after = account(database)
    assert (after.email, after.email_verified_at, after.host_email) == (
        "right@example.com",
        START,
        "Right@example.com",
    )


def test_the_hosts_old_address_in_another_spelling_does_not_undo_a_correction(
    database: Database, ada: str
) -> None:
    verify(database, "right@example.com")
    assert take(database, RESPELLED) == Imported(unchanged=1)
    assert account(database).email == "right@example.com"


def test_a_new_address_from_the_host_still_has_to_be_verified_and_is_found_by_any_spelling(
    database: Database, ada: str
) -> None:
    verify(database, "ada@example.com")
    assert take(database, replace(ADA, email="New.Address@example.com")).unverified == ["ada"]
    assert set(told(database)) == {ADA.phone, ADA.email, "New.Address@example.com"}
    with database.reading() as session:
        assert accounts.id_by_contact(session, email="new.address@example.com") == ada
        assert accounts.id_by_contact(session, email="ada@example.com") == ""


def test_an_import_that_gives_somebody_a_spelling_of_anothers_address_tells_that_other(
    database: Database, ada: str
) -> None:
    newcomer = replace(ADA, external_id="bilal", phone="+4915112345602", email="ADA@example.com")
    take(database, newcomer)
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, ada)]
        assert accounts.id_by_contact(session, email="ada@example.com") == ""
    assert kinds[-1] == EventKind.CONTACT_SHARED


@pytest.mark.postgres
def test_two_imports_of_one_file_at_once_take_turns(postgresql_database: Database) -> None:
    database = postgresql_database
    with ThreadPoolExecutor() as pool:
        with database.transaction() as session:
            host_imports.take(session, [ADA], at=LATER)
            second = pool.submit(take, database, ADA)
            wait_until(lambda: waits(database), "the second import to wait")
        assert second.result() == Imported(unchanged=1)


def waits(database: Database) -> bool:
    with database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
