"""Accounts are found by what is theirs alone, and locked by who means to change them."""

import pytest

from domain.errors import Unknown
from store import Database
from store.people import accounts
from tests.factories import make_account
from tests.store.racing import at_once


def test_an_account_is_found_by_its_id_and_by_the_hosts(database: Database, account_id: str) -> None:
    with database.reading() as session:
        account = accounts.get(session, account_id)
        ada = accounts.by_external_id(session, account.external_id)
        assert ada is not None
        assert ada.account_id == account_id
        assert accounts.by_external_id(session, "nobody") is None


def test_nobody_is_not_found(database: Database) -> None:
    with database.reading() as session, pytest.raises(Unknown):
        accounts.get(session, "nobody")
    with database.transaction() as session, pytest.raises(Unknown):
        accounts.lock(session, "nobody")


def test_a_contact_that_one_account_has_finds_it(database: Database, account_id: str) -> None:
    with database.reading() as session:
        account = accounts.get(session, account_id)
        by_phone = accounts.by_contact(session, phone=account.phone)
        by_email = accounts.by_contact(session, email=account.email)
    assert by_phone is not None
    assert by_email is not None
    assert by_phone.account_id == by_email.account_id == account_id


def test_a_contact_that_several_share_finds_nobody(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(2):
            make_account(session, phone="+4915199999999", email="shared@example.org")
        assert accounts.by_contact(session, phone="+4915199999999") is None
        assert accounts.by_contact(session, email="shared@example.org") is None


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_contact_finds_nobody_not_even_who_has_none(database: Database, nothing: str | None) -> None:
    with database.transaction() as session:
        make_account(session, phone=None, email=None)
        assert accounts.by_contact(session, phone=nothing, email=nothing) is None


def test_everybody_is_counted_and_listed_once_batch_by_batch(database: Database) -> None:
    with database.transaction() as session:
        everybody = [make_account(session).account_id for _ in range(7)]
        batches = list(accounts.each_id(session, batch=3))
        assert [len(batch) for batch in batches] == [3, 3, 1]
        assert [account_id for batch in batches for account_id in batch] == sorted(everybody)
        assert accounts.count(session) == 7


def test_who_locks_an_account_sees_what_others_changed_meanwhile(database: Database, account_id: str) -> None:
    def skip() -> None:
        with database.transaction() as session:
            accounts.get(session, account_id)
            account = accounts.lock(session, account_id)
            account.skips_used += 1
            session.add(account)

    at_once(skip)
    with database.reading() as session:
        assert accounts.get(session, account_id).skips_used == 8


def test_locking_keeps_what_this_transaction_has_changed_itself(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        accounts.get(session, account_id).locale = "de"
        assert accounts.lock(session, account_id).locale == "de"
