"""People are told their end date once each time it changes, by one message, whatever they said about reminders."""

from datetime import timedelta

from activities.journeys import JourneyActivities
from activities.steps import Step
from domain.desk.acts import Rest
from domain.facts import Channel, Facts, Milestone
from domain.journal import EventKind
from domain.messages.messages import Fate, Purpose, Template
from domain.policy import Policy
from domain.rollouts.rollout import Stage, Standing
from domain.safety.end_dates import EndDate
from store import Database
from store.journeys import facts, journeys, policies
from store.messages import contact_faults, messages
from store.messages.messages import Message
from store.people import accounts, journal
from store.rollouts import cohorts
from tests import factories
from tests.clocks import START, FakeClock
from tests.factories import make_policy

END = START + timedelta(days=60)
POLICY = make_policy(end=EndDate(at=END))


def journey(database: Database, policy: Policy = POLICY, **changes: object) -> str:
    with database.transaction() as session:
        account_id = factories.make_account(session, **changes).account_id
        factories.make_journey(session, account_id, policy)
    return account_id


def tell(database: Database, account_id: str) -> Facts:
    return JourneyActivities(database).tell_end(Step(account_id=account_id, at=START))


def sent(database: Database, account_id: str) -> list[Message]:
    with database.reading() as session:
        return list(reversed(messages.of_account(session, account_id)))


def renew(database: Database, account_id: str, policy: Policy) -> None:
    with database.transaction() as session:
        journeys.renew(session, account_id, policies.store(session, policy, at=START))


def test_the_end_date_is_told_once_by_the_best_channel(database: Database) -> None:
    account_id = journey(database, time_zone="America/New_York")
    assert tell(database, account_id).told_end_at == END
    assert tell(database, account_id).told_end_at == END
    (message,) = sent(database, account_id)
    assert (message.template, message.channel) == (Template.END_DATE, Channel.EMAIL)
    assert message.purpose == Purpose.NOTICE
    assert message.values == {"ends_on": END.astimezone().date().isoformat()}
    with database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
    assert (entry.kind, entry.detail) == (EventKind.END_TOLD, {"ends_at": END.isoformat()})


def test_another_end_date_is_told_again_and_so_is_that_there_is_none(database: Database) -> None:
    account_id = journey(database)
    tell(database, account_id)
    renew(database, account_id, make_policy(end=EndDate(at=END + timedelta(days=7))))
    assert tell(database, account_id).told_end_at == END + timedelta(days=7)
    renew(database, account_id, make_policy())
    assert tell(database, account_id).told_end_at is None
    templates = sorted(message.template for message in sent(database, account_id))
    assert templates == [Template.END_DATE, Template.END_DATE, Template.END_LIFTED]


def test_whoever_wants_no_reminders_is_told_all_the_same(database: Database) -> None:
    account_id = journey(database)
    with database.transaction() as session:
        account = accounts.get(session, account_id)
        for channel, contact in ((Channel.EMAIL, account.email), (Channel.SMS, account.phone)):
            assert contact
            contact_faults.note(
                session, account_id, channel, contact=contact, fate=Fate.UNSUBSCRIBED, reason="r", at=START
            )
    tell(database, account_id)
    assert [message.channel for message in sent(database, account_id)] == [Channel.EMAIL]


def test_whoever_has_no_address_is_told_by_text(database: Database) -> None:
    account_id = journey(database, email=None)
    tell(database, account_id)
    assert [message.channel for message in sent(database, account_id)] == [Channel.SMS]


def test_a_reminder_tells_the_end_date_itself(database: Database, clock: FakeClock) -> None:
    account_id = journey(database)
    step = Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=1,
        channel=Channel.EMAIL,
    )
    assert JourneyActivities(database).nudge(step).told_end_at == END
    (message,) = sent(database, account_id)
    assert message.values == {"ordinal": "1", "ends_on": END.date().isoformat()}


def test_without_an_end_date_a_reminder_names_none(database: Database, clock: FakeClock) -> None:
    account_id = journey(database, make_policy())
    step = Step(
        account_id=account_id,
        at=clock(),
        milestone=Milestone.EMAIL_VERIFIED,
        ordinal=1,
        channel=Channel.EMAIL,
    )
    assert JourneyActivities(database).nudge(step).told_end_at is None
    assert [message.values for message in sent(database, account_id)] == [{"ordinal": "1"}]


def test_while_a_cohort_is_paused_nobody_is_told(database: Database) -> None:
    account_id = journey(database)
    with database.transaction() as session:
        cohort_id = factories.keep_cohort(session)
        factories.make_member(session, cohort_id, account_id)
        cohorts.stand(session, cohort_id, Standing(stage=Stage.PAUSED, version=2))
    assert tell(database, account_id).held_since
    assert sent(database, account_id) == []


def test_an_exemption_moves_the_end_of_one_person(database: Database) -> None:
    until = END + timedelta(days=10)
    account_id = journey(database, rest=Rest.PAUSED, rests_until=until)
    with database.reading() as session:
        assert facts.read(session, account_id).exempt_until is None
    account_id = journey(database, rest=Rest.NO_CAPABLE_DEVICE, rests_until=until)
    assert tell(database, account_id).told_end_at == until


def test_when_an_exemption_ends_after_the_end_date_nothing_new_is_said(database: Database) -> None:
    until = END + timedelta(days=10)
    account_id = journey(database, rest=Rest.OTHER, rests_until=until)
    tell(database, account_id)
    with database.transaction() as session:
        account = accounts.get(session, account_id)
        account.rest = account.rests_until = None
        session.add(account)
    after = Step(account_id=account_id, at=until + timedelta(hours=1))
    assert JourneyActivities(database).tell_end(after).told_end_at == END
    assert len(sent(database, account_id)) == 1


def test_whoever_has_no_contact_left_keeps_no_journey_busy(database: Database) -> None:
    account_id = journey(database)
    with database.transaction() as session:
        factories.make_passkey(session, account_id, used_on=[START.date()])
        account = accounts.get(session, account_id)
        account.email = account.phone = None
        session.add(account)
    assert tell(database, account_id).told_end_at == END
    assert sent(database, account_id) == []
