"""Each act of a journey is repeatable, and a refused one changes nothing."""

import pytest
from temporalio.exceptions import ApplicationError

from activities.journeys import JourneyActivities, Step
from domain.facts import Channel, Milestone, SmsState
from domain.journal import EventKind
from store import Database, journal, messages
from tests import factories
from tests.clocks import FakeClock


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


def test_suspending_without_proof_is_refused_and_the_facts_say_so(
    database: Database, acts: JourneyActivities, account_id: str, clock: FakeClock
) -> None:
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


def _invitation(account_id: str, clock: FakeClock) -> Step:
    return Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=1,
        channel=Channel.SMS,
    )


def _kinds(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]
