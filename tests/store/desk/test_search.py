"""Whoever asks at the desk is found by what they say, and every search has an index."""

import pytest
from sqlalchemy import text

from domain.desk.queries import Reading, ReadingKind
from domain.facts import Milestone, SmsState
from providers.phone_readings import on_record
from store import Database, Session
from store.desk import search
from store.people import imports
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_journey, make_member
from tests.store.rollouts.plans import explained

INDEXES = {
    ReadingKind.ACCOUNT_ID: ("sqlite_autoindex_account_1", "account_pkey"),
    ReadingKind.EXTERNAL_ID: ("sqlite_autoindex_account_2", "account_external_id_key"),
    ReadingKind.EXTERNAL_ID_PREFIX: ("ix_account_external_id_lower", "ix_account_external_id_lower"),
    ReadingKind.EMAIL: ("ix_account_email_key", "ix_account_email_key"),
    ReadingKind.EMAIL_PREFIX: ("ix_account_email_key", "ix_account_email_key"),
    ReadingKind.PHONE: ("ix_account_phone", "ix_account_phone"),
    ReadingKind.PHONE_END: ("ix_account_phone_end", "ix_account_phone_end"),
}


def external_ids(database: Database, typed: str) -> list[str]:
    with database.reading() as session:
        return [person.external_id for person in search.find(session, typed, now=START).people]


@pytest.fixture
def ada(database: Database) -> str:
    with database.transaction() as session:
        # Ends in none of the digits that these tests look for, which the factory's own numbers one day do.
        make_account(session, external_id="somebody", email="else@example.org", phone="+4930900000")
        account = make_account(
            session, external_id="U-1001", email="Ada.L@example.org", phone="+4915112345678"
        )
        make_journey(session, account.account_id)
        return account.account_id


@pytest.mark.parametrize(
    "typed",
    [
        "U-1001",
        "u-10",
        "Ada.L@example.org",
        "ada.l@EXAMPLE.org",
        "ADA.L@EXAMPLE.ORG",
        "ADA.L",
        "ada.",
        "+49 151 12345678",
        "0151 12345678",
        "5678",
    ],
)
def test_a_person_is_found_by_whatever_is_known(database: Database, ada: str, typed: str) -> None:
    assert external_ids(database, typed) == ["U-1001"]


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("+525512345678", "+52 1 55 1234 5678"),
        ("+525512345678", "5215512345678"),
        ("+5491123456789", "+54 11 2345-6789"),
        ("+541123456789", "+54 9 11 2345-6789"),
        ("+4915112340018", "0018"),
    ],
)
def test_a_person_is_found_by_the_number_as_their_phone_shows_it(
    database: Database, kept: str, told: str
) -> None:
    with database.transaction() as session:
        make_account(session, external_id="U-7", phone=kept)
        found = search.find(session, told, now=START, numbers=on_record(told)).people
    assert [person.external_id for person in found] == ["U-7"]


def test_a_person_is_found_by_the_id_of_account_or_journey(database: Database, ada: str) -> None:
    assert external_ids(database, ada) == external_ids(database, f"migration:{ada}") == ["U-1001"]


@pytest.mark.parametrize("typed", ["", "u-2", "4321", "nobody@example.org", "%", "'; DROP TABLE account"])
def test_who_is_not_there_is_not_found(database: Database, ada: str, typed: str) -> None:
    assert external_ids(database, typed) == []


def test_what_is_found_says_where_the_person_stands_and_hides_contacts(database: Database, ada: str) -> None:
    with database.transaction() as session:
        make_member(session, keep_cohort(session), ada)
        person = search.find(session, "U-1001", now=START).people[0]
    assert (person.phone, person.email) == ("+49•••••678", "A•••@e•••.org")
    assert (person.sms, person.milestone) == (SmsState.ON, Milestone.EMAIL_VERIFIED)
    assert (person.cohort, person.wave, person.policy, person.hurdles) == ("spring", 0, "standard", ())


def test_the_exact_one_comes_first_and_nobody_twice(database: Database) -> None:
    with database.transaction() as session:
        for external_id in ("9", "99", "999"):
            make_account(session, external_id=external_id)
    assert external_ids(database, "99") == ["99", "999"]


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    with database.transaction() as session:
        names = {make_account(session, external_id=f"p-{number:03}").external_id for number in range(25)}
        make_account(session, external_id="q")
    seen: list[str] = []
    after = None
    with database.reading() as session:
        while True:
            results = search.find(session, "P-", now=START, after=after, limit=10)
            seen += [person.external_id for person in results.people]
            if (after := results.after) is None:
                break
    assert seen == sorted(names)


def test_a_page_goes_on_within_every_reading(database: Database) -> None:
    with database.transaction() as session:
        for number in range(6):
            make_account(session, external_id=f"{number}", phone=f"+4915100{number}1234")
        make_account(session, external_id="1234")
        make_account(session, external_id="12345")
    seen: list[str] = []
    after = None
    with database.reading() as session:
        while True:
            results = search.find(session, "1234", now=START, after=after, limit=3)
            seen += [person.external_id for person in results.people]
            if (after := results.after) is None:
                break
    assert len(seen) == len(set(seen)) == 8
    assert (seen[0], seen[-1]) == ("1234", "12345")


@pytest.mark.parametrize("after", ["", ".", "x.y", "99.z", "-1.a", "²." + "a"])
def test_a_mark_that_is_none_does_no_harm(database: Database, ada: str, after: str) -> None:
    with database.reading() as session:
        results = search.find(session, "U-1001", now=START, after=after)
        from_the_start = search.find(session, "U-1001", now=START)
    assert [person.external_id for person in from_the_start.people] == ["U-1001"]
    is_behind_every_reading = after == "99.z"
    assert results.people == (() if is_behind_every_reading else from_the_start.people)
    assert results.after is None


def fill(session: Session) -> None:
    """Enough accounts, and counts of them, that one index is worth more than another to PostgreSQL."""
    everybody = [
        ImportedAccount(external_id=f"p-{number}", phone=f"+49151{number:08}", email=f"p{number}@example.org")
        for number in range(500)
    ]
    imports.take(session, everybody, at=START)
    session.execute(text("ANALYZE account"))


@pytest.mark.plans
@pytest.mark.parametrize("kind", ReadingKind)
@pytest.mark.parametrize("after", [None, "0"])
def test_every_kind_of_search_has_an_index(database: Database, kind: ReadingKind, after: str | None) -> None:
    value = "5678" if kind is ReadingKind.PHONE_END else "ada"
    with database.transaction() as session:
        fill(session)
        query = search.ids_of(session, Reading(kind, value), after).limit(20)
        plan = explained(database, session, query)
    assert INDEXES[kind][0 if database.is_sqlite else 1] in plan, plan
    assert "SCAN account" not in plan
