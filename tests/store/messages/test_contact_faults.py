"""What is known of a contact is about that one contact, and the weightiest word of it stays."""

from datetime import datetime, timedelta

import pytest

from domain.facts import Channel
from domain.messages.messages import CONTACT_FAULTS, OPT_OUTS, Fate
from store import Database
from store.journeys import facts
from store.messages import contact_faults
from store.messages.contact_faults import ContactFault
from store.people import accounts
from tests.clocks import START

ADDRESS = "ada@example.org"
LATER = START + timedelta(hours=1)


@pytest.fixture
def account_id(database: Database, account_id: str) -> str:
    move(database, account_id, ADDRESS)
    return account_id


def move(database: Database, account_id: str, address: str) -> None:
    with database.transaction() as session:
        accounts.lock(session, account_id).email = address


def note(
    database: Database, account_id: str, fate: Fate, *, contact: str = ADDRESS, at: datetime = START
) -> None:
    with database.transaction() as session:
        contact_faults.note(
            session, account_id, Channel.EMAIL, contact=contact, fate=fate, reason=fate.value, at=at
        )


def clear(database: Database, account_id: str, *, contact: str = ADDRESS, at: datetime = LATER) -> bool:
    with database.transaction() as session:
        return contact_faults.clear(session, account_id, Channel.EMAIL, contact=contact, at=at)


def fault(database: Database, account_id: str) -> ContactFault | None:
    with database.reading() as session:
        return contact_faults.of_accounts(session, [account_id]).get((account_id, Channel.EMAIL))


def channels(database: Database, account_id: str) -> tuple[Channel, ...]:
    with database.reading() as session:
        return facts.read(session, account_id).channels


@pytest.mark.parametrize("fate", sorted(CONTACT_FAULTS | OPT_OUTS))
def test_a_channel_with_a_fault_of_whatever_kind_brings_no_reminders(
    database: Database, account_id: str, fate: Fate
) -> None:
    note(database, account_id, fate)
    assert channels(database, account_id) == (Channel.SMS,)


def test_another_contact_in_its_place_starts_afresh_and_the_old_one_is_remembered(
    database: Database, account_id: str
) -> None:
    note(database, account_id, Fate.SPAM_REPORTED)
    move(database, account_id, "ada@example.net")
    assert channels(database, account_id) == (Channel.EMAIL, Channel.SMS)
    move(database, account_id, ADDRESS)
    assert channels(database, account_id) == (Channel.SMS,)


def test_of_one_contact_the_weightier_word_stays_in_whatever_order_it_comes(
    database: Database, account_id: str
) -> None:
    note(database, account_id, Fate.BOUNCED)
    note(database, account_id, Fate.BLOCKED, at=LATER)
    row = fault(database, account_id)
    assert row
    assert (row.fate, row.since, row.reason) == (Fate.BOUNCED, START, "bounced")
    note(database, account_id, Fate.UNSUBSCRIBED, at=LATER)
    row = fault(database, account_id)
    assert row
    assert (row.fate, row.since, row.reason) == (Fate.UNSUBSCRIBED, LATER, "unsubscribed")


def test_of_another_contact_the_lighter_word_is_news(database: Database, account_id: str) -> None:
    note(database, account_id, Fate.SPAM_REPORTED)
    note(database, account_id, Fate.BLOCKED, contact="ada@example.net", at=LATER)
    row = fault(database, account_id)
    assert row
    assert (row.contact, row.fate, row.since) == ("ada@example.net", Fate.BLOCKED, LATER)


@pytest.mark.parametrize("fate", sorted(CONTACT_FAULTS))
def test_something_that_arrives_mends_a_broken_contact_once(
    database: Database, account_id: str, fate: Fate
) -> None:
    note(database, account_id, fate)
    assert clear(database, account_id)
    assert not clear(database, account_id)
    assert channels(database, account_id) == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize("fate", sorted(OPT_OUTS))
def test_something_that_arrives_does_not_bring_reminders_to_who_wants_none(
    database: Database, account_id: str, fate: Fate
) -> None:
    note(database, account_id, fate)
    assert not clear(database, account_id)
    assert channels(database, account_id) == (Channel.SMS,)


def test_what_arrives_elsewhere_or_arrived_before_mends_nothing(database: Database, account_id: str) -> None:
    note(database, account_id, Fate.BOUNCED, at=LATER)
    assert not clear(database, account_id, contact="ada@example.net")
    assert not clear(database, account_id, at=START)
    assert channels(database, account_id) == (Channel.SMS,)
