"""One address in two spellings is one address, wherever the store looks it up, compares, counts or shares it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from domain.errors import BudgetSpent
from domain.facts import Channel, Milestone
from domain.messages.budgets import BUDGETS
from domain.messages.messages import Fate, Purpose, Template
from domain.trust import Change, Root, Trust, Way
from store import Database
from store.journeys import facts
from store.messages import contact_faults, fates, message_facts, messages, notices, reminders
from store.messages.message_rows import Message
from store.messages.messages import NewMessage
from store.people import accounts, contact_changes, contacts, sharing, waiting_changes
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import make_account
from tests.store.rollouts.plans import explained

SPELLED, TYPED = "Ada.Lovelace@example.com", "ada.lovelace@example.com"
OTHER = "someone.else@example.com"
SINCE = Trust(root=Root.HOST, rooted_at=START, bound_at=START, way=Way.VOUCHED, established_from=START)


@pytest.fixture
def ada(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session, email=SPELLED, host_email=SPELLED).account_id


def test_an_account_is_found_by_any_spelling_of_its_address(database: Database, ada: str) -> None:
    with database.reading() as session:
        assert accounts.id_by_contact(session, email=TYPED) == ada
        assert accounts.id_by_contact(session, email=SPELLED.upper()) == ada
        assert accounts.id_by_contact(session, email=OTHER) == ""
        account = accounts.by_contact(session, email=TYPED)
    assert account
    assert account.email == SPELLED


@pytest.mark.plans
def test_an_index_finds_who_is_asked_for_by_any_spelling(database: Database, ada: str) -> None:
    with database.transaction() as session:
        query = select(Account.account_id).where(accounts.CONTACT_KEYS[Channel.EMAIL] == TYPED).limit(2)
        plan = explained(database, session, query)
    assert "ix_account_email_key" in plan
    assert "SCAN account" not in plan


def test_a_changed_address_is_found_and_the_former_one_no_more(database: Database, ada: str) -> None:
    with database.transaction() as session:
        accounts.verify_email(session, accounts.get(session, ada), OTHER.title(), at=START)
    with database.reading() as session:
        assert accounts.id_by_contact(session, email=OTHER) == ada
        assert accounts.id_by_contact(session, email=TYPED) == ""


def test_two_accounts_with_one_address_in_two_spellings_share_it(database: Database, ada: str) -> None:
    with database.transaction() as session:
        other = make_account(session, email=TYPED)
        alone = make_account(session, email=OTHER)
        assert accounts.id_by_contact(session, email=SPELLED) == ""
        first = accounts.get(session, ada).external_id
        assert sharing.others(session, other) == {Channel.EMAIL: 1}
        assert sharing.of_external_ids(session, [other.external_id]) == {
            other.external_id: {Channel.EMAIL: first}
        }
        assert contacts.shared_channels(session, other) == {Channel.EMAIL}
        assert contacts.shared_channels(session, alone) == frozenset()
        assert contacts.count_shared(session) == 2
        assert sharing.spelled_apart(session) == sorted([ada, other.account_id])


def test_accounts_that_share_one_spelling_are_not_named_as_spelled_apart(
    database: Database, ada: str
) -> None:
    with database.transaction() as session:
        make_account(session, email=SPELLED)
        assert contacts.count_shared(session) == 2
        assert sharing.spelled_apart(session) == []


def test_a_former_contact_in_another_spelling_gets_no_second_notice(database: Database, ada: str) -> None:
    with database.transaction() as session:
        account = accounts.lock(session, ada)
        contact_changes.put(session, account, Channel.EMAIL, TYPED, SINCE, origin="host", bound_in=None)
        account.email = TYPED
        told = contacts.to_tell(session, account, now=START)
        notices.tell(session, account, Template.RECOVERY_CODES_MADE, event="event", at=START)
    assert [contact.address for contact in told if contact.channel is Channel.EMAIL] == [TYPED]
    with database.reading() as session:
        sent = [message.recipient for message in messages.of_account(session, ada)]
    assert [recipient for recipient in sent if "@" in recipient] == [TYPED]


def test_the_hosts_own_address_in_another_spelling_keeps_what_the_host_vouched_for(
    database: Database,
) -> None:
    with database.transaction() as session:
        account = make_account(session, email=TYPED, host_email=SPELLED)
        assert contacts.present(session, account)[Channel.EMAIL].trust.root is Root.HOST


def note_bounce(database: Database, account_id: str, address: str) -> None:
    with database.transaction() as session:
        contact_faults.note(
            session, account_id, Channel.EMAIL, contact=address, fate=Fate.BOUNCED, reason="bounced", at=START
        )


def test_a_bounce_counts_for_every_spelling_and_a_delivery_mends_it(database: Database, ada: str) -> None:
    note_bounce(database, ada, TYPED)
    with database.transaction() as session:
        assert facts.read(session, ada).channels == (Channel.SMS,)
        assert contact_faults.clear(session, ada, Channel.EMAIL, contact=SPELLED, at=START)
        assert facts.read(session, ada).channels == (Channel.EMAIL, Channel.SMS)


def test_a_providers_report_about_the_former_spelling_is_about_the_present_one(
    database: Database, ada: str
) -> None:
    reminder = new_email(ada, SPELLED, 1, Purpose.NUDGE)
    with database.transaction() as session:
        messages.add(session, reminder, at=START)
        accounts.lock(session, ada).email = TYPED
    with database.transaction() as session:
        fates.note(session, reminder.key, Fate.BOUNCED, reason="bounced", at=START)
        assert facts.read(session, ada).channels == (Channel.SMS,)


def new_email(account_id: str, recipient: str, number: int, purpose: Purpose = Purpose.CODE) -> NewMessage:
    return NewMessage(
        key=f"{account_id}:{number}",
        account_id=account_id,
        purpose=purpose,
        template=Template.VERIFY_EMAIL,
        channel=Channel.EMAIL,
        recipient=recipient,
        locale="en",
        milestone=Milestone.PASSKEY_ENROLLED if purpose is Purpose.NUDGE else None,
    )


def test_a_mailbox_has_one_budget_under_all_its_spellings(database: Database, ada: str) -> None:
    most = BUDGETS[Purpose.CODE, Channel.EMAIL].contact
    with database.transaction() as session:
        for number in range(most):
            spelling = SPELLED if number % 2 else TYPED
            sharer = make_account(session, email=spelling)
            assert messages.add(session, new_email(sharer.account_id, spelling, number), at=START)
    with database.transaction() as session, pytest.raises(BudgetSpent):
        messages.add(session, new_email(ada, SPELLED.upper(), most), at=START)
    with database.transaction() as session:
        assert messages.add(session, new_email(ada, OTHER, most + 1), at=START)


def test_reminders_to_every_spelling_count_together(database: Database, ada: str) -> None:
    with database.transaction() as session:
        messages.add(session, new_email(ada, SPELLED, 1, Purpose.NUDGE), at=START)
        assert message_facts.nudges_to(session, TYPED, since=START - timedelta(days=1)) == [START]


def test_a_link_against_reminders_works_after_the_spelling_changed(database: Database, ada: str) -> None:
    reminder = new_email(ada, SPELLED, 1, Purpose.NUDGE)
    with database.transaction() as session:
        messages.add(session, reminder, at=START)
        accounts.lock(session, ada).email = TYPED
    with database.transaction() as session:
        assert reminders.stop(session, reminder.key, reason="one_click", at=START)
        assert facts.read(session, ada).channels == (Channel.SMS,)


def test_mail_goes_to_the_spelling_on_record(database: Database, ada: str) -> None:
    with database.transaction() as session:
        account = accounts.get(session, ada)
        notices.tell(session, account, Template.RECOVERY_CODES_MADE, event="event", at=START)
        rows = session.exec(select(Message).where(Message.channel == Channel.EMAIL)).all()
    assert [(row.recipient, row.recipient_key) for row in rows] == [(SPELLED, TYPED)]


def test_a_forgotten_number_is_forgotten_in_what_is_counted_by_too(database: Database, ada: str) -> None:
    number = "+4915112345678"
    with database.transaction() as session:
        text_message = replace(new_email(ada, number, 1), channel=Channel.SMS, template=Template.SIGN_IN_CODE)
        messages.add(session, text_message, at=START)
        session.execute(text("UPDATE message SET settled_at = created_at"))
        messages.forget_phone(session, ada)
    with database.reading() as session:
        (row,) = messages.of_account(session, ada)
    assert (row.recipient, row.recipient_key) == ("", "")


def test_asking_twice_to_change_to_one_address_waits_once(database: Database, ada: str) -> None:
    with database.transaction() as session:
        for spelling in (OTHER, OTHER.title()):
            waiting_changes.ask(
                session, ada, Change.CHANGE_EMAIL, spelling, session_id=None, at=START, due_at=START
            )
        (waiting,) = waiting_changes.of_account(session, ada)
    assert waiting.subject_id == OTHER
