"""A contact that several accounts have leads to nobody, and whoever begins or ceases to share one hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.journal import EventKind
from domain.safety.routes import Route, proven_routes
from store import Database
from store.journeys import facts
from store.people import accounts, imports, journal, sharing
from store.people.told_accounts import ImportedAccount
from tests.clocks import START

ADA = ImportedAccount(external_id="ada", phone="+442079460101", email="ada@example.com")
BILAL = ImportedAccount(external_id="bilal", phone="+4915112345602", email="bilal@example.com")
CHIARA = ImportedAccount(external_id="chiara", phone="+390612345603")


def take(database: Database, *told: ImportedAccount, days: int = 1) -> None:
    with database.transaction() as session:
        imports.take(session, told, at=START + timedelta(days=days))


def heard(database: Database, external_id: str) -> list[tuple[str, bool]]:
    """What an account has heard of sharing: by which channel, and whether it does now."""
    with database.reading() as session:
        account = accounts.by_external_id(session, external_id)
        assert account
        entries = journal.of_account(session, account.account_id)
        assert account.facts_version == entries[-1].version
    return [
        (entry.detail["channel"], entry.detail["shared"])
        for entry in entries
        if entry.kind == EventKind.CONTACT_SHARED
    ]


def has_sms(database: Database, external_id: str) -> bool:
    with database.reading() as session:
        account = accounts.by_external_id(session, external_id)
        assert account
        return Route.SMS in proven_routes(facts.read(session, account.account_id))


@pytest.fixture
def ada(database: Database) -> None:
    take(database, ADA)


@pytest.mark.usefixtures("ada")
def test_a_new_account_with_somebodys_number_is_news_to_that_somebody(database: Database) -> None:
    take(database, replace(BILAL, phone=ADA.phone))
    assert heard(database, "ada") == [(Channel.SMS, True)]
    assert not has_sms(database, "ada")
    assert not has_sms(database, "bilal")


@pytest.mark.usefixtures("ada")
def test_whoever_has_a_number_alone_again_hears_of_it(database: Database) -> None:
    take(database, replace(BILAL, phone=ADA.phone))
    take(database, BILAL, days=2)
    assert heard(database, "ada") == [(Channel.SMS, True), (Channel.SMS, False)]
    assert has_sms(database, "ada")


@pytest.mark.usefixtures("ada")
def test_one_more_among_several_is_no_news(database: Database) -> None:
    take(database, replace(BILAL, phone=ADA.phone))
    take(database, replace(CHIARA, phone=ADA.phone))
    assert heard(database, "ada") == [(Channel.SMS, True)]
    assert heard(database, "bilal") == []


@pytest.mark.usefixtures("ada")
def test_accounts_that_share_nothing_hear_nothing(database: Database) -> None:
    take(database, BILAL, CHIARA)
    assert [heard(database, name) for name in ("ada", "bilal", "chiara")] == [[], [], []]


@pytest.mark.usefixtures("ada")
def test_what_is_shared_is_counted_by_channel(database: Database) -> None:
    take(database, replace(BILAL, email=ADA.email), replace(CHIARA, email=ADA.email, phone=ADA.phone))
    with database.reading() as session:
        account = accounts.by_external_id(session, "ada")
        assert account
        assert sharing.others(session, account) == {Channel.EMAIL: 2, Channel.SMS: 1}
        assert sharing.of_external_ids(session, ["ada", "bilal"]) == {
            "ada": {Channel.EMAIL: "bilal", Channel.SMS: "chiara"},
            "bilal": {Channel.EMAIL: "ada"},
        }
        rows = [accounts.by_external_id(session, name) for name in ("ada", "bilal", "chiara")]
        ids = sorted(row.account_id for row in rows if row)
        assert sharing.some_sharers(session, at_most=9) == ids
        assert sharing.some_sharers(session, at_most=2) == ids[:2]
