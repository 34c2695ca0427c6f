"""Importing accounts: what is created, what is changed, what is left alone, and what the journal says of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.safety.routes import Route, proven_routes
from store import Database
from store.journeys import facts
from store.people import accounts, imports, journal
from store.people.accounts import Account
from store.people.imports import Imported
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import put_sms
from tests.unguarded import unguarded

ADA = ImportedAccount(
    external_id="ada",
    phone="+442079460101",
    email="ada@example.com",
    locale="en-GB",
    time_zone="Europe/London",
    attributes={"plan": "family"},
)
LATER = START + timedelta(days=1)


def take(database: Database, *rows: ImportedAccount) -> Imported:
    with database.transaction() as session:
        return imports.take(session, rows, at=LATER)


def account(database: Database, external_id: str = "ada") -> Account:
    with database.reading() as session:
        row = accounts.by_external_id(session, external_id)
    assert row is not None
    return row


def change(database: Database, **changes: Any) -> None:
    with database.transaction() as session:
        row = accounts.by_external_id(session, "ada")
        assert row is not None
        if sms := changes.pop("sms", None):
            put_sms(session, row, sms, at=START)
        with unguarded(session):
            row.sqlmodel_update(changes)
            session.add(row)


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account(database).account_id)]


def test_a_new_account_has_sms_on_and_its_first_journal_entry(database: Database) -> None:
    assert take(database, ADA).new == 1
    ada = account(database)
    assert (ada.phone, ada.email, ada.locale, ada.time_zone) == (
        ADA.phone,
        ADA.email,
        "en-GB",
        "Europe/London",
    )
    assert (ada.sms, ada.facts_version, ada.attributes) == (SmsState.ON, 1, {"plan": "family"})
    with database.reading() as session:
        (entry,) = journal.of_account(session, ada.account_id)
    assert (entry.kind, entry.version, entry.actor) == (EventKind.ACCOUNT_IMPORTED, 1, Actor.HOST)


def test_what_is_not_told_of_a_new_account_has_a_sensible_default(database: Database) -> None:
    take(database, ImportedAccount(external_id="ada", phone="+442079460101"))
    ada = account(database)
    assert (ada.email, ada.locale, ada.time_zone, ada.attributes) == (None, "en", None, {})


def test_importing_the_same_again_changes_nothing(database: Database) -> None:
    take(database, ADA)
    before = account(database)
    assert take(database, ADA) == Imported(unchanged=1)
    assert account(database) == before
    assert kinds(database) == [EventKind.ACCOUNT_IMPORTED]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "+4915112345602"),
        ("email", "ada@example.org"),
        ("locale", "de"),
        ("time_zone", "Europe/Berlin"),
        ("country", "IE"),
        ("risk_tier", "low"),
        ("attributes", {"plan": "single"}),
        ("sim_checked_at", START),
        ("sim_changed_at", START),
        ("sms_method", "only"),
        ("host_verified_phone", True),
        ("host_verified_email", False),
    ],
)
def test_a_change_is_stored_and_journaled_by_the_name_of_its_field(
    database: Database, field: str, value: Any
) -> None:
    take(database, ADA)
    assert take(database, replace(ADA, **{field: value})) == Imported(changed=1)
    ada = account(database)
    assert getattr(ada, field) == value
    assert ada.facts_version == 2
    with database.reading() as session:
        entry = journal.of_account(session, ada.account_id)[-1]
    assert (entry.kind, entry.version, entry.detail) == (EventKind.ACCOUNT_CHANGED, 2, {"fields": [field]})
    assert entry.published_at is None, "a journey has to be told"


def test_what_is_empty_leaves_what_is_there(database: Database) -> None:
    take(database, ADA)
    assert take(database, ImportedAccount(external_id="ada", phone=ADA.phone)) == Imported(unchanged=1)
    assert account(database).email == ADA.email


def test_another_email_address_has_to_be_verified_again(database: Database) -> None:
    take(database, ADA)
    change(database, email_verified_at=START)
    assert take(database, replace(ADA, email="ada@example.org")).unverified == ["ada"]
    assert account(database).email_verified_at is None


def test_another_phone_number_leaves_the_verified_email_address_alone(database: Database) -> None:
    take(database, ADA)
    change(database, email_verified_at=START)
    assert take(database, replace(ADA, phone="+4915112345602")).unverified == []
    assert account(database).email_verified_at == START


def test_an_address_that_the_person_has_corrected_survives_the_hosts_old_one(database: Database) -> None:
    take(database, ADA)
    change(database, email="right@example.com", email_verified_at=START)
    assert take(database, ADA) == Imported(unchanged=1)
    assert account(database).email == "right@example.com"
    assert account(database).email_verified_at == START


def test_the_host_may_tell_the_corrected_address_later(database: Database) -> None:
    take(database, ADA)
    change(database, email="right@example.com", email_verified_at=START)
    corrected = replace(ADA, email="right@example.com")
    assert take(database, corrected) == Imported(unchanged=1)
    assert account(database).email_verified_at == START
    change(database, email="newer@example.com")
    assert take(database, corrected) == Imported(unchanged=1)
    assert account(database).email == "newer@example.com"


def test_a_forgotten_phone_number_stays_forgotten(database: Database) -> None:
    take(database, ADA)
    change(database, phone=None, sms=SmsState.REMOVED)
    assert take(database, ADA) == Imported(unchanged=1)
    assert account(database).phone is None


def test_new_changed_and_unchanged_accounts_go_in_one_batch(database: Database) -> None:
    bilal = ImportedAccount(external_id="bilal", phone="+4915112345602")
    take(database, ADA, bilal)
    chiara = ImportedAccount(external_id="chiara", phone="+390612345603")
    result = take(database, replace(ADA, locale="fr"), bilal, chiara)
    assert result == Imported(new=1, changed=1, unchanged=1)


def test_without_a_country_the_phone_numbers_counts(database: Database) -> None:
    take(database, replace(ADA, phone_country="GB"))
    assert account(database).country == "GB"
    take(database, replace(ADA, phone="+4915112345602", phone_country="DE"))
    assert account(database).country == "DE"


def test_a_country_that_was_told_outlives_an_import_that_does_not_tell_it(database: Database) -> None:
    take(database, replace(ADA, country="IE", phone_country="GB"))
    assert take(database, replace(ADA, phone_country="GB")) == Imported(unchanged=1)
    assert account(database).country == "IE"


def test_accounts_from_before_there_were_countries_are_given_one(database: Database) -> None:
    take(database, ADA)
    assert take(database, replace(ADA, phone_country="GB")) == Imported(changed=1)
    assert account(database).country == "GB"


def test_a_forgotten_phone_number_moves_nobody_to_its_country(database: Database) -> None:
    take(database, replace(ADA, country="IE"))
    change(database, phone=None, sms=SmsState.REMOVED)
    assert take(database, replace(ADA, phone_country="GB")) == Imported(unchanged=1)


def test_the_time_zone_of_a_phone_number_goes_with_the_number(database: Database) -> None:
    take(database, replace(ADA, phone_zone="Europe/London"))
    assert account(database).phone_zone == "Europe/London"
    take(database, replace(ADA, phone="+4915112345602", phone_zone="Europe/Berlin"))
    assert account(database).phone_zone == "Europe/Berlin"
    take(database, replace(ADA, phone="+80012345678"))
    assert account(database).phone_zone is None


def test_accounts_from_before_there_were_phone_zones_are_given_one(database: Database) -> None:
    take(database, ADA)
    assert take(database, replace(ADA, phone_zone="Europe/London")) == Imported(changed=1)
    assert account(database).phone_zone == "Europe/London"


def test_a_forgotten_phone_number_leaves_the_time_zone_as_it_is(database: Database) -> None:
    take(database, replace(ADA, phone_zone="Europe/London"))
    change(database, phone=None, sms=SmsState.REMOVED)
    assert take(database, replace(ADA, phone_zone="Europe/Berlin")) == Imported(unchanged=1)


def test_a_later_sign_in_is_kept_and_wakes_no_journey(database: Database) -> None:
    take(database, replace(ADA, last_sign_in_at=START))
    assert take(database, replace(ADA, last_sign_in_at=LATER)) == Imported(changed=1)
    ada = account(database)
    assert (ada.last_sign_in_at, ada.facts_version) == (LATER, 1)
    assert kinds(database) == [EventKind.ACCOUNT_IMPORTED]


def test_an_older_sign_in_than_is_known_is_passed_over(database: Database) -> None:
    take(database, replace(ADA, last_sign_in_at=LATER))
    assert take(database, replace(ADA, last_sign_in_at=START)) == Imported(unchanged=1)
    assert account(database).last_sign_in_at == LATER


def test_an_account_without_a_usable_number_is_kept_and_gets_the_number_that_the_host_tells_later(
    database: Database,
) -> None:
    without = replace(ADA, phone=None)
    assert take(database, without).new == 1
    with database.reading() as session:
        (entry,) = journal.of_account(session, account(database).account_id)
    assert entry.detail == {"lacks": "sms"}
    assert take(database, without) == Imported(unchanged=1)
    assert take(database, ADA).changed == 1
    assert account(database).phone == ADA.phone


def test_an_account_without_a_number_is_not_said_to_sign_in_by_sms(database: Database) -> None:
    take(database, replace(ADA, phone=None))
    with database.reading() as session:
        account_id = account(database).account_id
        assert proven_routes(facts.read(session, account_id)) == frozenset()
        assert imports.count_without_phone(session) == 1
    take(database, ADA)
    with database.reading() as session:
        assert proven_routes(facts.read(session, account_id)) == {Route.SMS}
        assert imports.count_without_phone(session) == 0


def test_a_contact_that_is_not_told_leaves_the_one_that_is_there(database: Database) -> None:
    take(database, ADA)
    assert take(database, replace(ADA, phone=None, email=None)) == Imported(unchanged=1)
    assert (account(database).phone, account(database).email) == (ADA.phone, ADA.email)


VERIFIED = replace(ADA, host_verified_email=True)


def test_an_address_that_the_host_has_verified_counts_from_the_beginning(database: Database) -> None:
    take(database, VERIFIED)
    ada = account(database)
    assert (ada.email_verified_at, ada.progress_at, ada.facts_version) == (LATER, LATER, 2)
    with database.reading() as session:
        imported, verified = journal.of_account(session, ada.account_id)
        assert facts.read(session, ada.account_id).email_verified_at == LATER
    assert (imported.version, verified.version) == (1, 2)
    assert (verified.kind, verified.actor, verified.detail) == (
        EventKind.EMAIL_VERIFIED,
        Actor.HOST,
        {"by": "host"},
    )


def test_the_host_may_verify_an_address_later_and_says_so_once(database: Database) -> None:
    take(database, ADA)
    assert take(database, VERIFIED) == Imported(changed=1)
    assert account(database).email_verified_at == LATER
    assert kinds(database) == [
        EventKind.ACCOUNT_IMPORTED,
        EventKind.ACCOUNT_CHANGED,
        EventKind.EMAIL_VERIFIED,
    ]
    assert account(database).facts_version == 3
    assert take(database, VERIFIED) == Imported(unchanged=1)


def test_the_host_verifies_no_address_that_the_person_has_changed_since(database: Database) -> None:
    take(database, ADA)
    change(database, email="right@example.com")
    take(database, VERIFIED)
    assert account(database).email_verified_at is None
    assert EventKind.EMAIL_VERIFIED not in kinds(database)


def test_the_word_of_the_host_on_one_address_is_none_on_the_next(database: Database) -> None:
    take(database, VERIFIED)
    moved = replace(ADA, email="ada@example.org")
    assert take(database, moved).unverified == ["ada"]
    ada = account(database)
    assert (ada.email_verified_at, ada.host_verified_email) == (None, None)
    assert take(database, replace(moved, host_verified_email=True)).unverified == []
    assert account(database).email_verified_at == LATER


def test_another_address_that_the_host_has_verified_needs_no_second_proof(database: Database) -> None:
    take(database, VERIFIED)
    moved = replace(VERIFIED, email="ada@example.org")
    assert take(database, moved).unverified == []
    ada = account(database)
    assert (ada.email, ada.email_verified_at) == ("ada@example.org", LATER)


def test_that_the_host_has_not_verified_an_address_takes_nothing_from_its_owner(database: Database) -> None:
    take(database, ADA)
    change(database, email_verified_at=START)
    take(database, replace(ADA, host_verified_email=False))
    assert account(database).email_verified_at == START


def test_another_number_is_not_the_one_that_the_host_has_verified(database: Database) -> None:
    take(database, replace(ADA, host_verified_phone=True))
    take(database, replace(ADA, phone="+4915112345602"))
    assert account(database).host_verified_phone is None
