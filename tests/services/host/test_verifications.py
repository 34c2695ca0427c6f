"""What a host tells of contacts, by events: heeded by their own time, and told to the owner like an import."""

from datetime import timedelta
from typing import Any

import pytest

from domain.facts import Channel
from domain.host.events import EventOutcome, HostEventKind
from domain.host.words import BadEvent
from domain.journal import EventKind
from domain.messages.messages import Template
from store import Database
from store.messages import messages
from store.people import accounts, contacts, journal, passkeys
from store.people.accounts import Account
from store.people.told_accounts import COUNTRIES
from tests.clocks import START
from tests.factories import make_account, make_passkey
from tests.host_events import hear, make_event, take

DAY = timedelta(days=1)
VERIFIED, CHANGED = HostEventKind.EMAIL_VERIFIED, HostEventKind.PHONE_CHANGED


@pytest.fixture
def account_id(database: Database) -> str:
    """An account with an address and a number of its import."""
    with database.transaction() as session:
        return make_account(session, email="ada@example.com", phone="+4915112345601").account_id


def account(database: Database, account_id: str) -> Account:
    with database.reading() as session:
        return accounts.get(session, account_id)


def test_an_address_that_the_host_has_verified_is_verified_since_then(
    database: Database, account_id: str
) -> None:
    outcome = hear(
        database, account_id, VERIFIED, at=START + DAY, now=START + 9 * DAY, email="Ada@Example.com"
    )
    assert outcome is EventOutcome.HEEDED
    row = account(database, account_id)
    assert (row.email, row.email_verified_at) == ("ada@example.com", START + DAY)
    with database.reading() as session:
        (entry,) = journal.of_account(session, account_id)
    assert (entry.kind, entry.actor) == (EventKind.EMAIL_VERIFIED, "host")


def test_a_second_word_of_the_same_changes_nothing(database: Database, account_id: str) -> None:
    hear(database, account_id, VERIFIED, at=START, email="ada@example.com")
    assert (
        hear(database, account_id, VERIFIED, at=START + DAY, email="ada@example.com")
        is EventOutcome.OVERTAKEN
    )
    assert account(database, account_id).email_verified_at == START


def test_another_address_is_a_change_that_its_owner_is_told_of(database: Database, account_id: str) -> None:
    assert (
        hear(database, account_id, VERIFIED, at=START + DAY, email="ada@new.example") is EventOutcome.HEEDED
    )
    row = account(database, account_id)
    assert (row.email, row.host_email, row.email_verified_at) == (
        "ada@new.example",
        "ada@new.example",
        START + DAY,
    )
    with database.reading() as session:
        told = {
            message.recipient
            for message in messages.of_account(session, account_id)
            if message.template == Template.EMAIL_CHANGED
        }
    assert told == {"ada@example.com", "ada@new.example", "+4915112345601"}


def test_an_old_word_about_a_former_address_is_overtaken(database: Database, account_id: str) -> None:
    hear(database, account_id, VERIFIED, at=START + 5 * DAY, email="ada@new.example")
    late = hear(
        database, account_id, VERIFIED, at=START + DAY, now=START + 6 * DAY, email="ada@older.example"
    )
    assert late is EventOutcome.OVERTAKEN
    assert account(database, account_id).email == "ada@new.example"


def test_an_address_that_the_person_has_replaced_here_does_not_come_back(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        row = accounts.lock(session, account_id)
        accounts.verify_email(session, row, "ada@own.example", at=START)
    assert (
        hear(database, account_id, VERIFIED, at=START + DAY, email="ada@example.com")
        is EventOutcome.OVERTAKEN
    )
    assert account(database, account_id).email == "ada@own.example"


def test_another_number_is_a_new_binding_with_the_zone_of_its_country(
    database: Database, account_id: str
) -> None:
    hear(database, account_id, CHANGED, at=START + DAY, phone="+442079460101")
    row = account(database, account_id)
    assert (row.phone, row.phone_zone) == ("+442079460101", "Europe/London")
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id)]
    assert EventKind.ACCOUNT_CHANGED in kinds


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (CHANGED, {"phone": "+442079460101"}),
        (HostEventKind.USER_UPDATED, {"phone": {"value": "+442079460101"}}),
    ],
)
def test_a_number_of_a_country_that_is_not_texted_is_refused(
    database: Database,
    account_id: str,
    monkeypatch: pytest.MonkeyPatch,
    kind: HostEventKind,
    data: dict[str, Any],
) -> None:
    monkeypatch.setitem(database.notes, COUNTRIES, frozenset({"DE"}))
    with pytest.raises(BadEvent, match="phone: "):
        hear(database, account_id, kind, at=START + DAY, **data)
    assert account(database, account_id).phone == "+4915112345601"
    monkeypatch.setitem(database.notes, COUNTRIES, frozenset({"DE", "GB"}))
    hear(database, account_id, kind, at=START + DAY, **data)
    assert account(database, account_id).phone == "+442079460101"


def test_on_an_account_with_an_established_passkey_a_new_number_has_to_wait(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id)
    hear(database, account_id, CHANGED, at=START + DAY, phone="+442079460101")
    with database.reading() as session:
        phone = contacts.present(session, accounts.get(session, account_id))[Channel.SMS]
    assert not phone.trust.is_established(START + DAY)


def test_the_number_that_was_told_last_stays_when_an_older_word_comes_late(
    database: Database, account_id: str
) -> None:
    hear(database, account_id, CHANGED, at=START + 5 * DAY, phone="+442079460101")
    late = hear(database, account_id, CHANGED, at=START + DAY, now=START + 6 * DAY, phone="+442079460102")
    assert late is EventOutcome.OVERTAKEN
    assert account(database, account_id).phone == "+442079460101"


def test_an_instance_that_runs_the_ceremonies_ignores_other_passkeys_and_heeds_a_verified_address(
    database: Database, account_id: str
) -> None:
    ignored = hear(
        database, account_id, HostEventKind.PASSKEY_BOUND, at=START, passkey_id="k1", rooted_in="host"
    )
    heeded = hear(database, account_id, VERIFIED, at=START, email="ada@example.com")
    assert (ignored, heeded) == (EventOutcome.IGNORED, EventOutcome.HEEDED)
    with database.reading() as session:
        assert passkeys.ever_bound(session, account_id) == []


@pytest.mark.parametrize(
    ("kind", "name", "contact"),
    [(VERIFIED, "email", "no address"), (CHANGED, "phone", "0151"), (CHANGED, "phone", "a number")],
)
def test_what_is_no_contact_is_refused(
    database: Database, account_id: str, kind: HostEventKind, name: str, contact: str
) -> None:
    event = make_event(kind, at=START + DAY, **{name: contact})
    with pytest.raises(BadEvent, match=name):
        take(database, account_id, event, now=START + DAY)
    assert account(database, account_id).email_verified_at is None


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (CHANGED, "phone", ("+442079460101", "+442079460102")),
        (VERIFIED, "email", ("ada@new.example", "ada@newer.example")),
    ],
)
def test_of_two_changes_that_were_told_late_the_newer_one_counts(
    database: Database, account_id: str, kind: HostEventKind, name: str, values: tuple[str, str]
) -> None:
    for day, value in enumerate(values, start=1):
        heard = hear(database, account_id, kind, at=START + day * DAY, now=START + 5 * DAY, **{name: value})
        assert heard is EventOutcome.HEEDED
    assert getattr(account(database, account_id), name) == values[-1]


@pytest.mark.parametrize(
    ("kind", "name", "present", "former"),
    [
        (CHANGED, "phone", "+4915112345601", "+442079460101"),
        (VERIFIED, "email", "ada@example.com", "ada@former.example"),
    ],
)
def test_an_older_change_does_not_overwrite_what_the_host_has_told_again(
    database: Database, account_id: str, kind: HostEventKind, name: str, present: str, former: str
) -> None:
    hear(database, account_id, kind, at=START + 2 * DAY, now=START + 5 * DAY, **{name: present})
    late = hear(database, account_id, kind, at=START + DAY, now=START + 6 * DAY, **{name: former})
    assert late is EventOutcome.OVERTAKEN
    assert getattr(account(database, account_id), name) == present
