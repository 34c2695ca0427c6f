"""A contact that is another person's now is ended for good, on both databases, even if it was the last way in."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.facts import Channel
from store import Database, invariants
from store.people import accounts, contacts
from store.safety import disowning
from tests.clocks import START
from tests.factories import make_account, make_passkey

PHONE = "+442079460101"


@pytest.fixture
def account_id(database: Database) -> str:
    """Somebody with SMS alone."""
    with database.transaction() as session:
        return make_account(session, phone=PHONE, email="Ada@Example.com").account_id


def disown(database: Database, account_id: str, channel: Channel, address: str) -> bool:
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        return disowning.disown(session, account, channel, address, at=START)


def test_a_disowned_number_goes_even_as_the_last_way_in_and_breaks_no_promise(
    database: Database, account_id: str
) -> None:
    assert disown(database, account_id, Channel.SMS, PHONE)
    with database.reading() as session:
        assert accounts.get(session, account_id).phone is None
        breaches = {breach.invariant: breach.count for breach in invariants.breaches(session, now=START)}
    assert breaches[invariants.Invariant.SOME_PROVEN_ROUTE] == 0


def test_without_the_hosts_word_the_number_stays_as_the_last_way_in(
    database: Database, account_id: str
) -> None:
    disown(database, account_id, Channel.EMAIL, "ada@example.com")
    with pytest.raises(DBAPIError, match="the last proven way in stays"), database.transaction() as session:
        session.execute(text("UPDATE account SET phone = NULL"))


def test_a_number_that_came_back_under_another_one_is_guarded_anew(
    database: Database, account_id: str
) -> None:
    disown(database, account_id, Channel.SMS, PHONE)
    with database.transaction() as session:
        session.execute(text("UPDATE account SET phone = '+4915112345602'"))
    with pytest.raises(DBAPIError, match="the last proven way in stays"), database.transaction() as session:
        session.execute(text("UPDATE account SET phone = NULL"))


def test_with_a_passkey_the_last_passkey_is_guarded_from_then_on(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id, used_on=[START.date()], last_used_at=START)
    disown(database, account_id, Channel.SMS, PHONE)
    with pytest.raises(DBAPIError, match="the last proven way in stays"), database.transaction() as session:
        session.execute(text("UPDATE passkey SET removed_at = bound_at"))


def test_an_address_is_found_and_ended_in_any_spelling_and_told_nothing(
    database: Database, account_id: str
) -> None:
    with database.reading() as session:
        assert disowning.owners(session, Channel.EMAIL, "ADA@example.com") == [account_id]
    assert disown(database, account_id, Channel.EMAIL, "ADA@example.com")
    with database.reading() as session:
        account = accounts.get(session, account_id)
        assert (account.email, account.email_key, account.email_verified_at) == (None, None, None)
        assert [contact.address for contact in contacts.to_tell(session, account, now=START)] == [PHONE]
        assert disowning.owners(session, Channel.EMAIL, "ada@example.com") == []
