"""Each act of a journey is repeatable, and a refused one changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.journeys import JourneyActivities
from activities.steps import Step
from domain.facts import Channel, Facts, Milestone, SmsState
from domain.journal import Actor, EventKind
from domain.journey import StuckReason
from domain.messages.budgets import BUDGETS
from domain.messages.cadence import next_nudge
from domain.messages.messages import Fate, Purpose
from domain.presets import STANDARD
from domain.switches import Switch
from store import Database
from store.journeys import asking, facts
from store.messages import fates, messages
from store.people import accounts, contact_changes, journal
from tests import factories
from tests.ceremonies import PagePeople
from tests.clocks import FakeClock
from tests.store.racing import at_once
from tests.switches import resume, stop

DAY = timedelta(days=1)
WINDOW = timedelta(days=7)


@pytest.fixture
def account_id(database: Database) -> str:
    with database.transaction() as session:
        account_id = factories.make_account(session).account_id
        factories.make_journey(session, account_id)
    return account_id


@pytest.fixture
def acts(database: Database) -> JourneyActivities:
    return JourneyActivities(database)


def test_a_nudge_with_the_same_ordinal_is_the_same_message(
    database: Database, acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
    step = Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=1,
        channel=Channel.EMAIL,
    )
    first, again = acts.nudge(step), acts.nudge(step)
    assert first == again
    with database.reading() as session:
        assert len(messages.of_account(session, account_id)) == 1
        assert _kinds(database, account_id).count(EventKind.NUDGED) == 1


def test_a_nudge_takes_from_its_cohorts_share_of_the_queue(
    database: Database, acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
    with database.transaction() as session:
        cohort_id = factories.keep_cohort(session)
        factories.make_member(session, cohort_id, account_id)
    milestone = Milestone.EMAIL_VERIFIED
    step = Step(account_id=account_id, at=clock(), milestone=milestone, ordinal=1, channel=Channel.EMAIL)
    acts.nudge(step)
    with database.reading() as session:
        assert [message.cohort_id for message in messages.of_account(session, account_id)] == [cohort_id]


def test_a_nudge_that_is_stopped_is_asked_for_again_by_its_journey_and_then_sent(
    database: Database, acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
    stop(database, Switch.NUDGES)
    before = facts_of(database, account_id)
    # Nothing new: a journey whose act has changed nothing tries again within the hour.
    assert acts.nudge(_invitation(account_id, clock)) == before
    assert EventKind.NUDGED not in _kinds(database, account_id)
    resume(database, Switch.NUDGES)
    assert acts.nudge(_invitation(account_id, clock)).nudges[0].times == 1


def facts_of(database: Database, account_id: str) -> Facts:
    with database.reading() as session:
        return facts.read(session, account_id)


def test_a_nudge_to_an_address_that_is_gone_says_nothing(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    with database.transaction() as session:
        account_id = factories.make_account(session, email=None).account_id
    step = Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=1,
        channel=Channel.EMAIL,
    )
    assert acts.nudge(step).nudges == ()


def test_a_contact_has_as_many_reminders_as_the_cap_allows_whatever_accounts_and_cohorts_they_are_about(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    first, second = (_sharer(database, cap=2), _sharer(database, cap=1))
    assert acts.nudge(_invitation(first, clock)).nudges
    capped_at = clock.advance(DAY)
    facts = acts.nudge(_invitation(second, clock))
    assert facts.nudges == ()
    assert facts.capped_until == clock() - DAY + WINDOW
    assert _kinds(database, second)[-1] == EventKind.NUDGE_CAPPED
    nudge = next_nudge(second, Milestone.EMAIL_VERIFIED, facts, factories.make_policy())
    assert nudge
    assert nudge.at >= capped_at - DAY + WINDOW
    assert acts.nudge(_invitation(first, clock, ordinal=2)).nudges[0].times == 2


def test_accounts_that_share_a_contact_and_are_due_at_the_same_moment_keep_its_cap(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    due = [_sharer(database, cap=2) for _ in range(8)]
    waiting = list(due)
    at_once(lambda: acts.nudge(_invitation(waiting.pop(), clock)))
    reminded = [EventKind.NUDGED in _kinds(database, account_id) for account_id in due]
    capped = [EventKind.NUDGE_CAPPED in _kinds(database, account_id) for account_id in due]
    assert (reminded.count(True), capped.count(True)) == (2, 6)


def test_a_cap_frees_again_when_the_reminder_that_filled_it_is_old_enough(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    first, second = (_sharer(database, cap=1), _sharer(database, cap=1))
    acts.nudge(_invitation(first, clock))
    clock.advance(WINDOW - timedelta(seconds=1))
    free_at = acts.nudge(_invitation(second, clock)).capped_until
    assert free_at
    clock.set(free_at)
    assert acts.nudge(_invitation(second, clock)).nudges[0].times == 1


def test_a_reminder_that_did_not_arrive_fills_no_cap(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    account_id = _sharer(database, cap=1)
    acts.nudge(_invitation(account_id, clock))
    with database.transaction() as session:
        factories.send_everything(session, account_id)
        (said,) = messages.of_account(session, account_id)
        fates.note(session, said.key, Fate.BLOCKED, reason="full", at=clock())
    again = acts.nudge(_invitation(account_id, clock, ordinal=2))
    assert (again.nudges[0].times, again.nudges[0].missed) == (2, 1)


def test_a_cap_of_none_is_none(database: Database, acts: JourneyActivities, clock: FakeClock) -> None:
    account_id = _sharer(database, cap=0)
    for ordinal in range(1, 21):
        acts.nudge(_invitation(account_id, clock, ordinal=ordinal))
    with database.reading() as session:
        assert len(messages.of_account(session, account_id)) == 20


def test_a_reminder_repeated_after_a_crash_does_not_run_into_its_own_cap(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    account_id = _sharer(database, cap=1)
    first = acts.nudge(_invitation(account_id, clock))
    assert acts.nudge(_invitation(account_id, clock)) == first


def test_a_reminder_beyond_the_days_budget_is_put_off_and_the_facts_say_until_when(
    database: Database, acts: JourneyActivities, clock: FakeClock
) -> None:
    with database.transaction() as session:
        account_id = factories.make_account(session, progress_at=clock()).account_id
        factories.make_journey(session, account_id, factories.make_policy(cap=0))
    step = Step(account_id=account_id, at=clock(), milestone=Milestone.EMAIL_VERIFIED, channel=Channel.EMAIL)
    most = BUDGETS[Purpose.NUDGE, Channel.EMAIL].contact
    for ordinal in range(1, most + 1):
        assert acts.nudge(replace(step, ordinal=ordinal)).capped_until is None
    assert acts.nudge(replace(step, ordinal=most + 1)).capped_until == clock() + DAY
    assert _kinds(database, account_id).count(EventKind.NUDGED) == most
    assert _kinds(database, account_id)[-1] == EventKind.NUDGE_CAPPED


def test_suspending_without_proof_is_refused_and_the_facts_say_so(
    database: Database, acts: JourneyActivities, clock: FakeClock, people: PagePeople
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        factories.make_journey(session, account_id)
    step = Step(account_id=account_id, at=clock())
    before = acts.give_notice(step)
    assert acts.suspend_sms(step) == before
    assert before.sms is SmsState.NOTICE
    assert EventKind.SMS_SUSPENDED not in _kinds(database, account_id)


def test_removing_what_was_restored_in_the_meantime_changes_nothing(
    database: Database, acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
    assert acts.remove_sms(Step(account_id=account_id, at=clock())).sms is SmsState.ON
    assert EventKind.SMS_REMOVED not in _kinds(database, account_id)


def test_being_stuck_is_reported_once(database: Database, acts: JourneyActivities, clock: FakeClock) -> None:
    with database.transaction() as session:
        account_id = factories.make_account(session, email=None, phone="+4915100000001").account_id
        factories.make_journey(session, account_id, factories.make_policy(cadence=(), patience=_LONG))
    invited = acts.nudge(_invitation(account_id, clock))
    assert invited.nudges[0].times == 1
    assert acts.report_stuck(Step(account_id=account_id, at=clock())).stuck_since == clock()
    acts.report_stuck(Step(account_id=account_id, at=clock()))
    assert _kinds(database, account_id).count(EventKind.STUCK) == 1


def test_somebody_with_a_reminder_to_come_is_not_stuck(
    acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
    assert acts.report_stuck(Step(account_id=account_id, at=clock())).stuck_since is None


def test_an_account_that_does_not_exist_is_beyond_retrying(acts: JourneyActivities, clock: FakeClock) -> None:
    with pytest.raises(ApplicationError) as caught:
        acts.give_notice(Step(account_id="nobody", at=clock()))
    assert (caught.value.type, caught.value.non_retryable) == ("Unknown", True)


_LONG = factories.make_policy().patience


def _sharer(database: Database, *, cap: int) -> str:
    """One of several who share a phone, each by a policy of their own."""
    policy = factories.make_policy(name=f"cap of {cap}", cap=cap, cap_window=WINDOW)
    with database.transaction() as session:
        account_id = factories.make_account(session, phone="+4915100000001").account_id
        factories.make_journey(session, account_id, policy)
    return account_id


def _invitation(account_id: str, clock: FakeClock, *, ordinal: int = 1) -> Step:
    return Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=ordinal,
        channel=Channel.SMS,
    )


def _kinds(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]


def test_a_journey_that_would_retire_sms_waits_while_that_is_stopped_for_everybody(
    database: Database, acts: JourneyActivities, clock: FakeClock, people: PagePeople
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        factories.make_journey(session, account_id)
    stop(database, Switch.RETIRING)
    facts = acts.give_notice(Step(account_id=account_id, at=clock()))
    assert (facts.sms, facts.held_since) == (SmsState.ON, clock())
    assert _kinds(database, account_id)[-1] == EventKind.HELD


def test_sms_comes_back_while_retiring_is_stopped(
    database: Database, acts: JourneyActivities, clock: FakeClock, people: PagePeople
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        factories.make_journey(session, account_id)
    assert acts.give_notice(Step(account_id=account_id, at=clock())).sms is SmsState.NOTICE
    stop(database, Switch.RETIRING)
    assert acts.restore_sms(Step(account_id=account_id, at=clock())).sms is SmsState.ON
    with database.reading() as session:
        (restored,) = [
            entry for entry in journal.of_account(session, account_id) if entry.kind == EventKind.SMS_RESTORED
        ]
    assert restored.detail["reason"] == asking.PROOF_LOST


def _move_number(database: Database, account_id: str, clock: FakeClock) -> None:
    """The host has given the account another number, and its passkeys are gone."""
    with database.transaction() as session:
        account = accounts.get(session, account_id)
        binding = factories.vouched(clock())
        contact_changes.put(
            session, account, Channel.SMS, "+390612345603", binding, origin=Actor.HOST, bound_in=None
        )
        account.phone = "+390612345603"
        session.add(account)


def test_sms_does_not_come_back_by_itself_to_a_number_younger_than_the_sim_window(
    database: Database, acts: JourneyActivities, clock: FakeClock, people: PagePeople
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        factories.make_journey(session, account_id)
    acts.give_notice(Step(account_id=account_id, at=clock()))
    _move_number(database, account_id, clock)
    facts = acts.restore_sms(Step(account_id=account_id, at=clock()))
    assert (facts.sms, facts.phone_since, facts.stuck_since) == (SmsState.NOTICE, clock(), clock())
    with database.reading() as session:
        assert accounts.get(session, account_id).stuck_reason == StuckReason.NUMBER_TOO_NEW
    assert _kinds(database, account_id)[-1] == EventKind.STUCK
    acts.restore_sms(Step(account_id=account_id, at=clock()))
    assert _kinds(database, account_id).count(EventKind.STUCK) == 1


def test_sms_comes_back_to_a_number_when_it_is_as_old_as_the_sim_window(
    database: Database, acts: JourneyActivities, clock: FakeClock, people: PagePeople
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        factories.make_journey(session, account_id)
    acts.give_notice(Step(account_id=account_id, at=clock()))
    _move_number(database, account_id, clock)
    old = clock() + STANDARD.sim_swap_window
    assert acts.restore_sms(Step(account_id=account_id, at=old)).sms is SmsState.ON
