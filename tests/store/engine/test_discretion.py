"""What the database says of a statement that fails holds nobody's number and nobody's address."""

import logging
import traceback

import pytest
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import select, text

from store import Database
from store.people.accounts import Account
from tests.factories import make_account

PHONE = "+4915112345699"
EMAIL = "ada.lovelace@example.org"


def add_again(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_account(session, account_id=account_id, phone=PHONE, email=EMAIL)


def test_a_row_that_is_refused_does_not_tell_whose_it_was(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, phone=PHONE, email=EMAIL).account_id
    with pytest.raises(IntegrityError) as refused:
        add_again(database, account_id)
    said = "".join(traceback.format_exception(refused.value))
    assert "account" in said
    assert PHONE not in said
    assert EMAIL not in said
    assert account_id not in said


def test_a_statement_that_cannot_run_does_not_tell_what_was_looked_for(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    query = text("SELECT nothing FROM account WHERE phone = :phone OR email = :email")
    with database.reading() as session:
        try:
            session.execute(query, {"phone": PHONE, "email": EMAIL})
        except SQLAlchemyError:
            logging.getLogger("somebody").exception("failed")
    assert "SELECT nothing" in caplog.text
    assert PHONE not in caplog.text
    assert EMAIL not in caplog.text


def test_a_database_that_is_watched_closely_shows_no_values(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "sqlalchemy.engine"), database.reading() as session:
        session.exec(select(Account.account_id).where(Account.phone == PHONE)).all()
    assert "FROM account" in caplog.text
    assert PHONE not in caplog.text
