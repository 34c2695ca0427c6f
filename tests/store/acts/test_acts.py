"""What support does, on both databases: it happens, it is written down twice, and the journey heeds it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.desk.acts import Act, ActRefused, ConsoleOnly, Rest
from domain.desk.exemptions import STANDARD_BASES
from domain.errors import LastRoute, Refused
from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.journey import JourneyAct as Step
from domain.journey import deadline, plan
from domain.messages.messages import Purpose, Template
from domain.staff.approvals import ApprovalRefused, Hand
from domain.staff.reasons import BadReason
from domain.staff.staff import AuditKind, Author
from store import Database
from store.acts import doing
from store.messages import messages
from store.people import accounts, journal, passkeys
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import (
    make_account,
    make_journey,
    make_passkey,
    make_policy,
    make_ready_account,
)
from tests.store.desk.stuck_people import NOW, POLICY, Approve, Do, read

DAY = timedelta(days=1)


def kinds(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]


def act_at(database: Database, account_id: str) -> tuple[Step | None, Any]:
    planned = plan(account_id, read(database, account_id), POLICY)
    return planned.act, planned.at


def test_a_pause_puts_everything_off_and_is_written_down(
    database: Database, travelling: str, do: Do, sam: Hand
) -> None:
    do(Act.PAUSE, travelling, days=7)
    act, at = act_at(database, travelling)
    assert act is Step.NUDGE
    assert at >= NOW + 7 * DAY
    with database.reading() as session:
        entry = journal.of_account(session, travelling)[-1]
        (kept,) = audit.read(session, Sought(account_id=travelling))
    assert (entry.kind, entry.actor) == (EventKind.PAUSED, Actor.STAFF)
    assert entry.detail == {"by": sam.staff_id, "reason": "they called", "days": 7}
    assert (kept.kind, kept.by, kept.reason) == (AuditKind.CASE_ACTED_ON, "sam@example.com", "they called")
    assert kept.detail == {"act": "pause", "days": 7}


def test_a_pause_ends_by_itself_and_by_hand(database: Database, travelling: str, do: Do) -> None:
    before = act_at(database, travelling)
    do(Act.PAUSE, travelling, days=7)
    with pytest.raises(ActRefused, match="is paused"):
        do(Act.PAUSE, travelling, days=7)
    do(Act.RESUME, travelling)
    assert act_at(database, travelling) == before
    with pytest.raises(ActRefused, match="not paused"):
        do(Act.RESUME, travelling)
    do(Act.PAUSE, travelling, days=1)
    do(Act.PAUSE, travelling, days=1, at=NOW + 2 * DAY)


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_a_pause_has_a_length(travelling: str, do: Do, days: int) -> None:
    with pytest.raises(ActRefused, match="Between 1 and 30 days"):
        do(Act.PAUSE, travelling, days=days)


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_whoever_is_exempt_has_text_message_codes(
    database: Database, do: Do, approve: Approve, state: SmsState
) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=state, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    approve(do(Act.EXEMPT, account_id, days=90, basis=STANDARD_BASES.find(Rest.NO_CAPABLE_DEVICE)))
    assert read(database, account_id).sms is SmsState.ON
    act, at = act_at(database, account_id)
    assert (act, at) == (Step.GIVE_NOTICE, (NOW + 90 * DAY).replace(microsecond=0))
    do(Act.END_EXEMPTION, account_id)
    assert read(database, account_id).rests_until is None


def test_an_exemption_says_what_for(travelling: str, do: Do) -> None:
    for rest in (None, Rest.PAUSED):
        with pytest.raises(ActRefused, match="what the exemption is for"):
            do(Act.EXEMPT, travelling, days=9, basis=STANDARD_BASES.find(rest))


def test_an_extension_comes_on_top_and_revives_who_was_stuck(
    database: Database, travelling: str, do: Do
) -> None:
    with database.transaction() as session:
        account = accounts.get(session, travelling)
        account.stuck_since, account.stuck_reason = START, "nudges_used_up"
        session.add(account)
    ends_at = deadline(read(database, travelling), POLICY)
    assert ends_at
    do(Act.EXTEND, travelling, days=10)
    facts = read(database, travelling)
    assert facts.extended_until == ends_at + 10 * DAY
    assert facts.stuck_since is None
    do(Act.END_EXTENSION, travelling)
    assert read(database, travelling).extended_until is None


def test_notice_and_probation_are_extended_too(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    _, before = act_at(database, account_id)
    do(Act.EXTEND, account_id, days=5)
    assert act_at(database, account_id) == (Step.REMOVE_SMS, before + 5 * DAY)


def test_small_extensions_do_not_add_up_to_what_takes_two(
    database: Database, travelling: str, do: Do, approve: Approve
) -> None:
    assert do(Act.EXTEND, travelling, days=10) is None
    extended = read(database, travelling).extended_until
    request_id = do(Act.EXTEND, travelling, days=5)
    assert request_id
    assert read(database, travelling).extended_until == extended
    approve(request_id)
    assert extended
    assert read(database, travelling).extended_until == extended + 5 * DAY


def test_what_takes_two_is_not_asked_for_without_a_session(travelling: str, do: Do) -> None:
    with pytest.raises(ActRefused, match="two members of staff"):
        do(Act.EXTEND, travelling, days=60, hand=None)
    do(Act.EXTEND, travelling, days=60)
    with pytest.raises(ApprovalRefused, match="asked for already"):
        do(Act.EXTEND, travelling, days=61)


def test_a_contact_is_marked_and_unmarked(database: Database, travelling: str, do: Do) -> None:
    do(Act.MARK_CONTACT_WRONG, travelling, target="email")
    assert read(database, travelling).channels == (Channel.SMS,)
    with pytest.raises(ActRefused, match="do not go there"):
        do(Act.MARK_CONTACT_WRONG, travelling, target="email")
    do(Act.UNMARK_CONTACT, travelling, target="email")
    assert read(database, travelling).channels == (Channel.EMAIL, Channel.SMS)
    with pytest.raises(ActRefused, match="marked no contact"):
        do(Act.UNMARK_CONTACT, travelling, target="email")


@pytest.mark.parametrize("act", [Act.MARK_CONTACT_WRONG, Act.UNMARK_CONTACT])
def test_marking_names_a_contact(travelling: str, do: Do, act: Act) -> None:
    do(Act.MARK_CONTACT_WRONG, travelling, target="sms")
    with pytest.raises(ActRefused, match="which contact"):
        do(act, travelling)


def test_a_reminder_is_sent_again_once(database: Database, travelling: str, do: Do) -> None:
    do(Act.SEND_AGAIN, travelling)
    with database.reading() as session:
        (sent,) = messages.of_account(session, travelling)
    assert (sent.purpose, sent.key) == (Purpose.NUDGE, f"migration:{travelling}:email_verified:1")
    with pytest.raises(ActRefused, match="four hours"):
        do(Act.SEND_AGAIN, travelling, at=NOW + timedelta(hours=3))
    do(Act.SEND_AGAIN, travelling, at=NOW + timedelta(hours=4))
    nudges = read(database, travelling).nudges
    assert [nudge.times for nudge in nudges] == [2]


def test_a_notice_is_sent_again_with_the_days_that_are_left(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.NOTICE, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    do(Act.SEND_AGAIN, account_id)
    with database.reading() as session:
        sent = messages.of_account(session, account_id)
    assert {message.template for message in sent} == {Template.SMS_NOTICE}
    assert {message.channel for message in sent} == {"email", "sms"}


def test_nothing_is_sent_again_when_nothing_is_current(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    with pytest.raises(ActRefused, match="no reminder and no notice"):
        do(Act.SEND_AGAIN, account_id)


def test_a_contact_that_is_capped_is_not_written_to(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_account(session, progress_at=START).account_id
        make_journey(session, account_id, make_policy(cap=1))
    do(Act.MARK_CONTACT_WRONG, account_id, target="sms")
    do(Act.SEND_AGAIN, account_id)
    with pytest.raises(ActRefused, match="as many reminders"):
        do(Act.SEND_AGAIN, account_id, at=NOW + DAY)


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_text_message_codes_come_back_by_two_whose_names_are_kept(
    database: Database, do: Do, approve: Approve, sam: Hand, sue: Hand, state: SmsState
) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=state, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    request_id = do(Act.RESTORE_SMS, account_id)
    assert read(database, account_id).sms is state
    approve(request_id)
    assert read(database, account_id).sms is SmsState.ON
    with database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
        asked, approved = audit.read(session, Sought(account_id=account_id))
    assert (entry.kind, entry.actor, entry.detail["reason"]) == ("sms_restored", "staff", "they called")
    assert (entry.detail["by"], entry.detail["together_with"]) == (sue.staff_id, sam.staff_id)
    assert (asked.kind, asked.staff_id) == (AuditKind.ASKED_FOR, sam.staff_id)
    assert (approved.kind, approved.staff_id) == (AuditKind.APPROVED, sue.staff_id)
    assert approved.detail == {
        "act": Act.RESTORE_SMS,
        "request_id": request_id,
        "together_with": sam.staff_id,
    }
    with pytest.raises(ActRefused, match="are on"):
        do(Act.RESTORE_SMS, account_id)


def test_what_is_gone_for_good_does_not_come_back(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.REMOVED, sms_since=START).account_id
    with pytest.raises(ActRefused, match="gone for good"):
        do(Act.RESTORE_SMS, account_id)


def test_a_lost_device_is_removed_by_two_and_its_owner_hears_of_it(
    database: Database, travelling: str, do: Do, approve: Approve
) -> None:
    with database.transaction() as session:
        passkey_id = make_passkey(session, travelling).passkey_id
    request_id = do(Act.REMOVE_DEVICE, travelling, target=passkey_id)
    with database.reading() as session:
        assert passkeys.active(session, travelling)
        assert not messages.of_account(session, travelling)
    approve(request_id)
    with database.reading() as session:
        assert not passkeys.active(session, travelling)
        notices = messages.of_account(session, travelling)
    assert {(notice.template, notice.channel) for notice in notices} == {
        ("passkey_removed", "email"),
        ("passkey_removed", "sms"),
    }


def test_the_last_route_stays(database: Database, do: Do) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.REMOVED, sms_since=START).account_id
        proven = next(
            passkey.passkey_id for passkey in passkeys.active(session, account_id) if passkey.last_used_at
        )
    with pytest.raises(ActRefused, match="last way in"):
        do(Act.REMOVE_DEVICE, account_id, target=proven)
    assert issubclass(LastRoute, Refused)


def test_another_accounts_device_is_out_of_reach(database: Database, travelling: str, do: Do) -> None:
    with database.transaction() as session:
        passkey_id = make_passkey(session, make_account(session).account_id).passkey_id
    with pytest.raises(ActRefused, match="no such passkey"):
        do(Act.REMOVE_DEVICE, travelling, target=passkey_id)


def test_a_note_changes_nothing_but_the_record(database: Database, account_id: str, do: Do) -> None:
    do(Act.NOTE, account_id)
    assert kinds(database, account_id) == [EventKind.NOTED]


@pytest.mark.parametrize("reason", ["", "  ", "call +49 151 1234567", "is ada@example.org", "x" * 201])
def test_a_reason_is_needed_and_holds_nobodys_contact(travelling: str, do: Do, reason: str) -> None:
    with pytest.raises(BadReason):
        do(Act.NOTE, travelling, reason=reason)


@pytest.mark.parametrize("act", [Act.PAUSE, Act.EXTEND, Act.EXEMPT, Act.SEND_AGAIN])
def test_who_is_not_on_the_way_is_not_steered(account_id: str, do: Do, act: Act) -> None:
    with pytest.raises(ActRefused, match="not on its way"):
        do(act, account_id, days=3, basis=STANDARD_BASES.find(Rest.OTHER))


@pytest.mark.parametrize("act", [Act.RESTORE_SMS, Act.REMOVE_DEVICE, Act.ASK_FOR_RESCUE])
def test_what_takes_a_person_is_not_done_by_a_key(
    database: Database, travelling: str, do: Do, act: Act
) -> None:
    by_key = Author(by="sam@example.com", staff_id=None, key_id="a key", on_behalf_of="agent 7")
    with pytest.raises(ActRefused, match="at the console"):
        do(act, travelling, author=by_key)


def test_a_key_gives_no_more_time_than_one_member_may(travelling: str, do: Do) -> None:
    by_key = Author(by="sam@example.com", key_id="a key", on_behalf_of="agent 7")
    with pytest.raises(ConsoleOnly, match="second member"):
        do(Act.EXTEND, travelling, days=60, author=by_key, hand=None)


def test_a_device_that_is_to_go_is_named(travelling: str, database: Database, do: Do) -> None:
    with database.transaction() as session:
        make_passkey(session, travelling)
    with pytest.raises(ActRefused, match="Say which device"):
        do(Act.REMOVE_DEVICE, travelling)


def test_two_devices_are_asked_for_side_by_side_and_each_once(
    travelling: str, database: Database, do: Do
) -> None:
    with database.transaction() as session:
        first, second = (make_passkey(session, travelling).passkey_id for _ in range(2))
    assert do(Act.REMOVE_DEVICE, travelling, target=first) != do(Act.REMOVE_DEVICE, travelling, target=second)
    with pytest.raises(ApprovalRefused, match="asked for already"):
        do(Act.REMOVE_DEVICE, travelling, target=first)


def test_whom_another_desk_names_is_written_down(database: Database, travelling: str, do: Do) -> None:
    by_key = Author(by="sam@example.com", key_id="a key", on_behalf_of="agent 7")
    do(Act.NOTE, travelling, author=by_key)
    with database.reading() as session:
        (entry,) = journal.of_account(session, travelling)[-1:]
        (kept,) = audit.read(session, Sought(account_id=travelling))
    assert entry.detail["on_behalf_of"] == "agent 7"
    assert (kept.detail["key_id"], kept.detail["on_behalf_of"]) == ("a key", "agent 7")


def test_every_act_that_one_member_can_do_is_done() -> None:
    asked_of_a_colleague = {Act.ASK_FOR_RESCUE, Act.EXPORT}
    assert set(doing.DEEDS) == set(Act) - asked_of_a_colleague
