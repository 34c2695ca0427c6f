"""The migration to one form of addresses keeps each row's meaning, and names the accounts that now share an address."""

import pytest
from sqlalchemy import text

from domain.facts import Channel, Milestone
from domain.messages.messages import Fate, Purpose, Template
from domain.staff.staff import Role
from store import Database, schema
from store.desk import search
from store.journeys import facts
from store.messages import contact_faults, message_facts, messages
from store.messages.messages import NewMessage
from store.people import accounts, sharing
from store.staff import staff
from tests.clocks import START
from tests.factories import make_account
from tests.staff import make_staff
from tests.store.test_schema import difference, downgrade

SPELLED, KEY = "Ada.Lovelace@example.com", "ada.lovelace@example.com"


@pytest.fixture
def ada(database: Database) -> str:
    """An account of an earlier release, with a spelling of its own, a bounce and a message."""
    with database.transaction() as session:
        account_id = make_account(session, email=SPELLED, email_verified_at=START).account_id
        contact_faults.note(
            session, account_id, Channel.EMAIL, contact=SPELLED, fate=Fate.BOUNCED, reason="bounced", at=START
        )
        reminder = NewMessage(
            key="reminder",
            account_id=account_id,
            purpose=Purpose.NUDGE,
            template=Template.NUDGE_PASSKEY_ENROLLED,
            channel=Channel.EMAIL,
            recipient=SPELLED,
            locale="en",
            milestone=Milestone.PASSKEY_ENROLLED,
        )
        messages.add(session, reminder, at=START)
        make_staff(session, "Sam@example.com", Role.SUPPORT)
    return account_id


def add(database: Database, email: str | None) -> str:
    with database.transaction() as session:
        return make_account(session, email=email).account_id


def migrate_from_before(database: Database) -> list[str]:
    """Go back, make the bounce and the staff as the earlier release kept them, and migrate anew."""
    downgrade(database, to="0012")
    with database.engine.begin() as connection:
        kept = connection.execute(text("SELECT contact FROM contact_fault")).scalars().all()
        columns = connection.execute(text("SELECT * FROM account")).keys()
        assert set(kept) <= {SPELLED}
        assert "email_key" not in columns
    return schema.migrate(database)


def test_what_was_known_of_an_address_is_known_of_its_one_form(database: Database, ada: str) -> None:
    assert migrate_from_before(database) == []
    with database.reading() as session:
        account = accounts.get(session, ada)
        assert (account.email, account.email_key, account.email_verified_at) == (SPELLED, KEY, START)
        assert accounts.id_by_contact(session, email=KEY) == ada
        assert facts.read(session, ada).channels == (Channel.SMS,)
        assert message_facts.nudges_to(session, KEY, since=START.replace(year=2000)) == [START]
        (message,) = messages.of_account(session, ada)
        assert (message.recipient, message.recipient_key) == (SPELLED, KEY)
        sam = staff.find(session, "SAM@example.com")
        assert sam
        assert sam.mailbox == "sam@example.com"
    assert difference(database) == []


def test_an_account_without_an_address_stays_without_one(database: Database) -> None:
    account_id = add(database, None)
    migrate_from_before(database)
    with database.reading() as session:
        account = accounts.get(session, account_id)
    assert (account.email, account.email_key) == (None, None)


def test_accounts_that_become_equal_are_named_and_keep_all_they_have(database: Database, ada: str) -> None:
    twin, twins, alone = (
        add(database, KEY),
        add(database, "bilal@example.com"),
        add(database, "Chiara@example.com"),
    )
    same = add(database, "bilal@example.com")
    (remark,) = migrate_from_before(database)
    assert remark.startswith("2 accounts have an e-mail address that another account has in another spelling")
    assert ada in remark
    assert twin in remark
    assert not any(account_id in remark for account_id in (twins, same, alone))
    assert "@" not in remark
    with database.reading() as session:
        kept = accounts.get_many(session, [ada, twin])
        assert {account.email for account in kept.values()} == {SPELLED, KEY}
        assert kept[ada].email_verified_at == START
        assert sharing.spelled_apart(session) == sorted([ada, twin])


@pytest.mark.parametrize(
    ("email", "typed"),
    [
        ("JOSÉ@example.com", "josé@example.com"),
        ("ΟΔΌΣ@example.com", "οδός@example.com"),
        ("Ada@bücher.example.com", "ada@bücher.example.com"),
        ("O'Neil@example.com", "o'neil@example.com"),
    ],
)
def test_addresses_beyond_ascii_are_found_after_the_migration(
    database: Database, email: str, typed: str
) -> None:
    account_id = add(database, email)
    migrate_from_before(database)
    with database.reading() as session:
        assert accounts.id_by_contact(session, email=typed) == account_id
        assert [person.account_id for person in search.find(session, typed, now=START).people] == [account_id]


def test_many_clashes_are_counted_and_the_first_are_named(database: Database) -> None:
    account_ids = [add(database, f"{letter}{number}@example.org") for letter in "pP" for number in range(11)]
    (remark,) = migrate_from_before(database)
    assert remark.startswith("22 accounts")
    assert remark.endswith("and 2 more")
    assert sum(account_id in remark for account_id in account_ids) == 20


def test_two_members_of_staff_who_become_equal_both_stay(database: Database) -> None:
    with database.transaction() as session:
        make_staff(session, "irmak@example.com", Role.SUPPORT)
        make_staff(session, "jose\u0301@example.com", Role.SUPPORT)
        make_staff(session, "x@example.com", Role.SUPPORT)
        # As an earlier release kept them, which normalised capitals alone.
        session.execute(
            text("UPDATE staff SET address = 'jose\u0301@example.com' WHERE address = 'x@example.com'")
        )
    downgrade(database, to="0012")
    schema.migrate(database)
    with database.reading() as session:
        members = staff.everybody(session)
    assert {member.address for member in members} == {
        "irmak@example.com",
        "josé@example.com",
        "jose\u0301@example.com",
    }
