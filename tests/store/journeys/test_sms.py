"""SMS goes step by step, on proof that is kept, is told by every channel, and comes back at once."""

from contextlib import suppress
from datetime import date, timedelta

import pytest

from domain.errors import NotSafeYet, Refused, RetiringStopped, Unknown
from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import Template
from domain.policy import Policy, SecondRoute
from domain.switches import Switch
from store import Database
from store.journeys import check_ups, facts, journeys, retiring, sms, switches
from store.messages import messages
from store.people import accounts, journal, passkeys, recovery_codes
from store.people.accounts import Account
from tests.ceremonies import HostPeople, PagePeople
from tests.clocks import START
from tests.factories import (
    make_account,
    make_journey,
    make_policy,
    send_everything,
)
from tests.store.racing import at_once
from tests.switches import resume, stop

WEEK = timedelta(days=7)
POLICY = make_policy(probation=WEEK)


@pytest.fixture
def ready_id(database: Database, people: PagePeople) -> str:
    """An account whose journey has nothing left to do but to retire SMS."""
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        make_journey(session, account_id, POLICY)
        return account_id


def give_notice(database: Database, account_id: str) -> None:
    """Give notice, and have it sent at once."""
    with database.transaction() as session:
        sms.give_notice(session, account_id, make_policy(notice=WEEK), at=START)
        send_everything(session, account_id, at=START)


def suspend(database: Database, account_id: str, policy: Policy = POLICY) -> None:
    with database.transaction() as session:
        sms.suspend(session, account_id, policy, at=START + WEEK)


def remove(database: Database, account_id: str, policy: Policy = POLICY) -> None:
    with database.transaction() as session:
        sms.remove(session, account_id, policy, at=START + 2 * WEEK)


def restore(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        sms.restore(session, account_id, at=START + WEEK, actor=Actor.PERSON, reason="asked")


def account_of(database: Database, account_id: str) -> Account:
    with database.reading() as session:
        return accounts.get(session, account_id)


def journal_of(database: Database, account_id: str) -> list[str]:
    """What happened since the journey began, but for the messages."""
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id)]
    since = kinds.index(EventKind.JOURNEY_STARTED)
    return [kind for kind in kinds[since:] if kind != EventKind.MESSAGE_SENT]


def channels_of(database: Database, account_id: str, template: Template) -> list[str]:
    with database.reading() as session:
        sent = messages.of_account(session, account_id)
    return sorted(message.channel for message in sent if message.template == template)


def everything(database: Database, account_id: str) -> tuple[object, ...]:
    """All that a refusal must leave as it is."""
    with database.reading() as session:
        return (
            facts.read(session, account_id),
            [entry.entry_id for entry in journal.of_account(session, account_id)],
            sorted(message.key for message in messages.of_account(session, account_id)),
            [proof.proof_id for proof in sms.proofs(session, account_id)],
        )


def test_sms_is_retired_step_by_step_and_every_step_is_told_and_journaled(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    assert account_of(database, ready_id).sms == SmsState.NOTICE
    suspend(database, ready_id)
    assert account_of(database, ready_id).sms == SmsState.SUSPENDED
    remove(database, ready_id)
    account = account_of(database, ready_id)
    assert (account.sms, account.sms_since) == (SmsState.REMOVED, START + 2 * WEEK)
    assert journal_of(database, ready_id) == [
        EventKind.JOURNEY_STARTED,
        EventKind.NOTICE_GIVEN,
        EventKind.SMS_SUSPENDED,
        EventKind.SMS_REMOVED,
        EventKind.JOURNEY_ENDED,
    ]
    for template in (Template.SMS_NOTICE, Template.SMS_SUSPENDED, Template.SMS_REMOVED):
        assert channels_of(database, ready_id, template) == [Channel.EMAIL, Channel.SMS]


def test_the_proof_is_kept_as_it_stood_at_each_step(
    database: Database, people: PagePeople, ready_id: str
) -> None:
    give_notice(database, ready_id)
    with database.reading() as session:
        version = facts.read(session, ready_id).version
    suspend(database, ready_id)
    remove(database, ready_id)
    with database.reading() as session:
        suspended, removed = sorted(sms.proofs(session, ready_id), key=lambda proof: proof.at)
    assert (suspended.state, suspended.at) == (SmsState.SUSPENDED, START + WEEK)
    assert (removed.state, removed.at) == (SmsState.REMOVED, START + 2 * WEEK)
    cited = suspended.evidence.pop("host_events", [])
    assert bool(cited) is isinstance(people, HostPeople)
    assert suspended.evidence == {
        "email_verified_at": START.isoformat(),
        "proven_passkeys": 1,
        "passkey_days": 2,
        "passkey_counts_from": START.isoformat(),
        "second_routes": [SecondRoute.ANOTHER_PASSKEY],
        "policy": POLICY.name,
        "facts_version": version,
        "instead_of_passkey": "none",
        "app_days": 0,
        "phishing_resistant": True,
    }


def test_the_end_of_sms_is_the_end_of_the_journey(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    suspend(database, ready_id)
    remove(database, ready_id)
    with database.reading() as session:
        journey = journeys.find(session, ready_id)
    assert journey is not None
    assert (journey.ended_at, journey.outcome) == (START + 2 * WEEK, JourneyOutcome.MIGRATED)


@pytest.mark.parametrize("lost", ["email", "passkey", "days", "second_route", "cooling_off"])
def test_without_proof_sms_stays_and_nothing_changes(
    database: Database, people: PagePeople, ready_id: str, lost: str
) -> None:
    give_notice(database, ready_id)
    with database.transaction() as session:
        first, second = passkeys.active(session, ready_id)
        match lost:
            case "email":
                accounts.get(session, ready_id).email_verified_at = None
            case "passkey":
                passkeys.remove(session, first, at=START)
            case "days":
                passkeys.remove(session, first, at=START)
                people.make_passkey(session, ready_id, used_on=[START.date()])
            case "second_route":
                passkeys.remove(session, second, at=START)
            case "cooling_off":
                first.established_from = START + WEEK + timedelta(seconds=1)
    before = everything(database, ready_id)
    with pytest.raises(NotSafeYet) as refusal:
        suspend(database, ready_id)
    assert refusal.value.missing
    assert everything(database, ready_id) == before


def test_while_an_objection_is_open_sms_stays_and_nothing_changes(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    with database.transaction() as session:
        accounts.lock(session, ready_id).disputed_since = START
    before = everything(database, ready_id)
    with pytest.raises(NotSafeYet) as refusal:
        suspend(database, ready_id)
    assert refusal.value.missing == ("objection",)
    assert everything(database, ready_id) == before


def test_what_was_proven_at_the_suspension_is_proven_again_before_the_removal(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    suspend(database, ready_id)
    with database.transaction() as session:
        accounts.get(session, ready_id).email_verified_at = None
    before = everything(database, ready_id)
    with pytest.raises(NotSafeYet):
        remove(database, ready_id)
    assert everything(database, ready_id) == before


def test_nobody_is_switched_off_without_notice_not_even_who_has_just_restored_sms(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    restore(database, ready_id)
    before = everything(database, ready_id)
    with pytest.raises(NotSafeYet) as refusal:
        suspend(database, ready_id)
    assert refusal.value.missing == ("notice",)
    assert everything(database, ready_id) == before


def test_the_removal_makes_a_check_up_due_28_days_later_and_no_other_step_does(
    database: Database, ready_id: str
) -> None:
    for step in (give_notice, suspend):
        step(database, ready_id)
        with database.reading() as session:
            assert check_ups.find(session, ready_id) is None
    remove(database, ready_id)
    with database.reading() as session:
        row, account = check_ups.find(session, ready_id), accounts.get(session, ready_id)
        assert row
        assert account.sms_since
        assert (row.round, row.due_at) == (0, account.sms_since + timedelta(days=28))


@pytest.mark.parametrize("restored", [False, True])
def test_only_what_is_suspended_is_removed(database: Database, ready_id: str, restored: bool) -> None:
    give_notice(database, ready_id)
    if restored:
        suspend(database, ready_id)
        restore(database, ready_id)
    before = everything(database, ready_id)
    with pytest.raises(NotSafeYet) as refusal:
        remove(database, ready_id)
    assert refusal.value.missing == ("suspended",)
    assert everything(database, ready_id) == before


def test_every_step_twice_is_once(database: Database, ready_id: str) -> None:
    for step in (give_notice, suspend, restore, give_notice, suspend, remove):
        step(database, ready_id)
        before = everything(database, ready_id)
        step(database, ready_id)
        assert everything(database, ready_id) == before


def test_a_step_taken_by_many_at_once_is_taken_once(database: Database, ready_id: str) -> None:
    at_once(lambda: give_notice(database, ready_id))
    at_once(lambda: suspend(database, ready_id))
    at_once(lambda: remove(database, ready_id))
    assert len(journal_of(database, ready_id)) == 5
    with database.reading() as session:
        assert len(sms.proofs(session, ready_id)) == 2


def test_an_earlier_step_again_does_not_go_back(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    suspend(database, ready_id)
    give_notice(database, ready_id)
    assert account_of(database, ready_id).sms == SmsState.SUSPENDED
    remove(database, ready_id)
    suspend(database, ready_id)
    assert account_of(database, ready_id).sms == SmsState.REMOVED


@pytest.mark.parametrize("suspended", [False, True])
def test_sms_is_restored_at_once_and_the_journey_is_told(
    database: Database, ready_id: str, suspended: bool
) -> None:
    give_notice(database, ready_id)
    if suspended:
        suspend(database, ready_id)
    restore(database, ready_id)
    account = account_of(database, ready_id)
    assert (account.sms, account.restored_at) == (SmsState.ON, START + WEEK)
    told, untold = (Template.SMS_RESTORED, Template.SMS_KEPT)[:: 1 if suspended else -1]
    assert channels_of(database, ready_id, told) == [Channel.EMAIL, Channel.SMS]
    assert channels_of(database, ready_id, untold) == []
    with database.transaction() as session:
        assert ready_id in journal.claim_unpublished(session, now=START, limit=10)


def test_what_is_on_needs_no_restoring(database: Database, ready_id: str) -> None:
    before = everything(database, ready_id)
    restore(database, ready_id)
    assert everything(database, ready_id) == before


def test_what_was_removed_is_gone(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    suspend(database, ready_id)
    remove(database, ready_id)
    with pytest.raises(Refused):
        restore(database, ready_id)


def test_the_phone_number_is_forgotten_after_the_last_message_when_the_policy_says_so(
    database: Database, ready_id: str
) -> None:
    phone = account_of(database, ready_id).phone
    give_notice(database, ready_id)
    suspend(database, ready_id)
    remove(database, ready_id, make_policy(probation=WEEK, forget_phone=True))
    assert account_of(database, ready_id).phone is None
    with database.reading() as session:
        said = {(message.template, message.recipient) for message in messages.of_account(session, ready_id)}
        assert facts.read(session, ready_id).channels == (Channel.EMAIL,)
    assert (Template.SMS_REMOVED, phone) in said


def test_the_phone_number_is_kept_when_the_policy_does_not_say_so(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    suspend(database, ready_id)
    remove(database, ready_id)
    assert account_of(database, ready_id).phone


def test_recovery_codes_carry_a_proof_as_well(database: Database, people: PagePeople) -> None:
    with database.transaction() as session:
        account_id = make_account(session, email_verified_at=START).account_id
        days = [date(2026, 3, 1), date(2026, 3, 2)]
        people.make_passkey(session, account_id, used_on=days)
        people.make_recovery_codes(session, account_id)
    give_notice(database, account_id)
    suspend(database, account_id)
    with database.reading() as session:
        (proof,) = sms.proofs(session, account_id)
        assert recovery_codes.left(session, account_id) == (8, True)
    assert proof.evidence["second_routes"] == [SecondRoute.RECOVERY_CODES]


def test_a_restoration_wins_over_a_suspension_at_the_same_moment(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    steps = [suspend, restore]

    def take_one() -> None:
        with suppress(NotSafeYet):
            steps.pop()(database, ready_id)

    at_once(take_one, times=2)
    assert account_of(database, ready_id).sms == SmsState.ON


def test_nobodys_sms_is_not_switched_off(database: Database) -> None:
    with pytest.raises(Unknown):
        give_notice(database, "nobody")


def test_breaches_are_accepted_where_retiring_was_never_turned_off_or_on(database: Database) -> None:
    with database.transaction() as session:
        switches.accept(session, Switch.RETIRING, {"1": 2})
        assert not retiring.read(session).is_stopped


def test_no_step_towards_the_end_of_sms_is_taken_while_retiring_is_stopped(
    database: Database, ready_id: str
) -> None:
    def turn(*, is_stopped: bool) -> None:
        (stop if is_stopped else resume)(database, Switch.RETIRING)

    for step in (give_notice, suspend, remove):
        turn(is_stopped=True)
        before = account_of(database, ready_id).sms
        with pytest.raises(RetiringStopped, match="something is down"):
            step(database, ready_id)
        assert account_of(database, ready_id).sms == before
        turn(is_stopped=False)
        step(database, ready_id)
    assert account_of(database, ready_id).sms == SmsState.REMOVED
