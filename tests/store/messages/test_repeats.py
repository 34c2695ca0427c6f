"""A notice is said once more when nobody knows whether it has gone out, and something becomes trusted by it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from activities.gates import Pointless, Skip, gate
from domain.facts import Channel
from domain.messages.budgets import BUDGETS
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.notices import SAID_AGAIN_AFTER
from domain.presets import STANDARD
from domain.trust import Assurance, Bearer, Root, Trust, Way
from store import Database
from store.messages import fates, hand_overs, messages, notices
from store.messages.messages import Message
from store.people import accounts, passkeys, trust
from store.safety import objections
from tests.clocks import START
from tests.factories import make_account, make_passkey

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOST, AGAIN = START + MINUTE, START + MINUTE + SAID_AGAIN_AFTER
BY_SMS = Bearer(assurance=Assurance.LOW, root=Root.SMS, rooted_at=START)
BY_CODES = Bearer(assurance=Assurance.LOW, root=Root.HOST, rooted_at=START)


@dataclass(frozen=True, kw_only=True)
class Told:
    """An account whose owner is told of a new passkey, which waits for that."""

    database: Database
    account_id: str
    passkey_id: str

    def notices(self) -> dict[str, Message]:
        """All notices of the passkey, by the last part of their keys."""
        query = select(Message).where(
            Message.account_id == self.account_id, Message.template == Template.PASSKEY_BOUND
        )
        with self.database.reading() as session:
            return {message.key.rpartition(":")[2]: message for message in session.exec(query)}

    def ends(self, name: str, state: MessageState, *, at: datetime = LOST) -> None:
        """Have a sender claim a notice, and record what became of it."""
        with self.database.transaction() as session:
            _, message = messages.claim(session, self.notices()[name].key, now=at)
            assert message
            messages.settle(session, message, state, at=at)

    def reports(self, name: str, fate: Fate, *, at: datetime = AGAIN) -> None:
        """Have the provider of a notice tell what became of it."""
        with self.database.transaction() as session:
            fates.note(session, self.notices()[name].sent_as, fate, reason="", at=at)

    def trust(self) -> Trust:
        """How the passkey becomes established, and from when."""
        with self.database.reading() as session:
            passkey = passkeys.find_kept(session, self.account_id, self.passkey_id)
            assert passkey
            return trust.of_row(passkey)


def told(database: Database, by: Bearer = BY_SMS, *, guarded: bool = False) -> Told:
    with database.transaction() as session:
        account = make_account(session)
        if guarded:
            make_passkey(session, account.account_id)
        passkey = make_passkey(
            session, account.account_id, root=Root.SMS, way=Way.NOTICE, established_from=None
        )
        waits = notices.waits(
            trust.of_row(passkey),
            cooling_off=STANDARD.cooling_off,
            sim_swap_window=STANDARD.sim_swap_window,
        )
        values = {"device": "iPhone", "passkey_id": passkey.passkey_id} | waits
        template, event = Template.PASSKEY_BOUND, passkey.passkey_id
        notices.tell(session, account, template, event=event, at=START, values=values, by=by)
        return Told(database=database, account_id=account.account_id, passkey_id=event)


def test_a_notice_that_is_unknown_is_said_once_more_by_a_new_message(database: Database) -> None:
    owner = told(database)
    owner.ends("email", MessageState.UNKNOWN)
    lost, again = owner.notices()["email"], owner.notices()["again-email"]
    assert (lost.state, again.state) == (MessageState.UNKNOWN, MessageState.QUEUED)
    assert (again.purpose, again.recipient, again.values) == (Purpose.NOTICE, lost.recipient, lost.values)
    assert notices.same_event(again.key) == notices.same_event(lost.key)
    assert (owner.trust().way, owner.trust().established_from) == (Way.NOTICE, None)


def test_the_repeat_waits_in_case_the_provider_has_taken_the_first_one(database: Database) -> None:
    owner = told(database)
    owner.ends("sms", MessageState.SENT)
    owner.ends("email", MessageState.UNKNOWN)
    with database.reading() as session:
        assert not hand_overs.waited_for(session, now=AGAIN - MINUTE, limit=9)
        assert [message.key for message in hand_overs.waited_for(session, now=AGAIN, limit=9)] == [
            owner.notices()["again-email"].key
        ]


def test_the_waiting_begins_with_the_repeat(database: Database) -> None:
    owner = told(database)
    owner.ends("email", MessageState.UNKNOWN)
    owner.ends("again-email", MessageState.SENT, at=AGAIN)
    assert (owner.trust().way, owner.trust().established_from) == (Way.NOTICE, AGAIN + STANDARD.cooling_off)


@pytest.mark.parametrize(
    ("guarded", "way", "wait"),
    [(False, Way.SIM_WINDOW, STANDARD.sim_swap_window), (True, Way.CONFIRMATION, None)],
)
def test_a_repeat_that_is_lost_too_is_the_last(
    database: Database, *, guarded: bool, way: Way, wait: timedelta | None
) -> None:
    owner = told(database, guarded=guarded)
    owner.ends("email", MessageState.UNKNOWN)
    again_at = owner.notices()["again-email"].created_at
    owner.ends("again-email", MessageState.UNKNOWN, at=AGAIN)
    assert owner.notices().keys() == {"email", "sms", "again-email"}
    assert (owner.trust().way, owner.trust().established_from) == (way, again_at + wait if wait else None)


def test_a_notice_that_was_refused_is_not_repeated(database: Database) -> None:
    owner = told(database)
    owner.ends("email", MessageState.FAILED)
    assert owner.notices().keys() == {"email", "sms"}
    assert owner.trust().way is Way.SIM_WINDOW


def test_a_notice_that_proves_nothing_is_not_repeated(database: Database) -> None:
    owner = told(database)
    owner.ends("sms", MessageState.UNKNOWN)  # whoever has the SIM reads it
    assert owner.notices().keys() == {"email", "sms"}


def test_nothing_is_repeated_while_another_notice_may_arrive_or_has(database: Database) -> None:
    owner = told(database, BY_CODES)
    owner.ends("email", MessageState.UNKNOWN)
    assert owner.notices().keys() == {"email", "sms"}
    owner.ends("sms", MessageState.SENT)
    assert owner.notices().keys() == {"email", "sms"}
    owner.reports("sms", Fate.UNDELIVERABLE)
    assert owner.notices().keys() == {"email", "sms", "again-email"}


def test_a_repeated_text_has_a_short_code_of_its_own(database: Database) -> None:
    owner = told(database, BY_CODES)
    for name in ("email", "sms"):
        owner.ends(name, MessageState.UNKNOWN)
    assert owner.notices().keys() == {"email", "sms", "again-email", "again-sms"}
    assert owner.notices()["again-sms"].short_code not in (None, owner.notices()["sms"].short_code)


def test_nothing_is_repeated_of_a_passkey_that_is_established_already(database: Database) -> None:
    owner = told(database)
    with database.transaction() as session:
        passkey = passkeys.find_kept(session, owner.account_id, owner.passkey_id)
        assert passkey
        passkeys.establish(session, passkey, from_=START, way=Way.VOUCHED)
    owner.ends("email", MessageState.UNKNOWN)
    assert owner.notices().keys() == {"email", "sms"}


def test_a_repeat_is_skipped_if_the_first_one_has_arrived_after_all(database: Database) -> None:
    owner = told(database)
    owner.ends("email", MessageState.UNKNOWN)
    assert verdict(owner) is None
    owner.reports("email", Fate.DELIVERED)
    assert verdict(owner) == Skip(reason=Pointless.ARRIVED)
    assert owner.trust().established_from == AGAIN + STANDARD.cooling_off


@pytest.mark.parametrize("guarded", [True, False])
def test_a_late_report_lets_the_waiting_be_that_of_a_notice_again(
    database: Database, *, guarded: bool
) -> None:
    owner = told(database, guarded=guarded)
    owner.ends("email", MessageState.UNKNOWN)
    owner.ends("again-email", MessageState.UNKNOWN, at=AGAIN)
    lost = owner.trust()
    owner.reports("again-email", Fate.DELIVERED, at=AGAIN + MINUTE)
    # What had begun to wait for the SIM-swap window is not established sooner by that.
    expected_from = lost.established_from or AGAIN + MINUTE + STANDARD.cooling_off
    assert (owner.trust().way, owner.trust().established_from) == (Way.NOTICE, expected_from)


def test_a_repeat_beyond_the_budget_is_gathered(database: Database) -> None:
    owner = told(database)
    with database.transaction() as session:
        account = accounts.get(session, owner.account_id)
        for number in range(BUDGETS[Purpose.NOTICE, Channel.EMAIL].contact):
            notices.tell(session, account, Template.SMS_SIGNED_IN, event=f"{number}", at=START)
    owner.ends("email", MessageState.UNKNOWN)
    again = owner.notices()["again-email"]
    assert again.state == MessageState.GATHERED
    gathered(owner, MessageState.SENT)
    assert owner.trust().established_from == AGAIN + STANDARD.cooling_off


def test_a_gathered_notice_that_is_lost_is_repeated_too(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        for number in range(BUDGETS[Purpose.NOTICE, Channel.EMAIL].contact):
            notices.tell(session, account, Template.SMS_SIGNED_IN, event=f"{number}", at=START)
        passkey = make_passkey(
            session, account.account_id, root=Root.SMS, way=Way.NOTICE, established_from=None
        )
        values = {"device": "iPhone", "passkey_id": passkey.passkey_id} | notices.waits(
            trust.of_row(passkey), cooling_off=DAY, sim_swap_window=DAY
        )
        event = passkey.passkey_id
        notices.tell(
            session, account, Template.PASSKEY_BOUND, event=event, at=START, values=values, by=BY_SMS
        )
        owner = Told(database=database, account_id=account.account_id, passkey_id=event)
    assert owner.notices()["email"].state == MessageState.GATHERED
    gathered(owner, MessageState.UNKNOWN)
    assert owner.notices()["email"].state == MessageState.UNKNOWN
    assert "again-email" in owner.notices()


def test_both_messages_tell_of_one_change_to_object_to(database: Database) -> None:
    owner = told(database)
    owner.ends("email", MessageState.UNKNOWN)
    owner.ends("again-email", MessageState.SENT, at=AGAIN)
    with database.reading() as session:
        (change,) = objections.recent(session, owner.account_id, now=AGAIN)
        assert change.notice.key == owner.notices()["again-email"].key
        assert change.notice.vouches


def gathered(owner: Told, state: MessageState) -> None:
    """Have the gathered e-mail of an account come to an end."""
    query = select(Message.key).where(
        Message.account_id == owner.account_id,
        Message.template == Template.SEVERAL_CHANGES,
        Message.channel == Channel.EMAIL,
        col(Message.state) == MessageState.QUEUED,
    )
    with owner.database.transaction() as session:
        _, message = messages.claim(session, session.exec(query).one(), now=AGAIN)
        assert message
        messages.settle(session, message, state, at=AGAIN)


def verdict(owner: Told) -> object:
    """What the gate says about the repeat."""
    again = owner.notices()["again-email"]
    with owner.database.transaction() as session:
        return gate(session, again, provider="sendgrid", now=AGAIN)
