"""Messages at bad times wait, pointless ones are skipped, and a provider in trouble is left alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.gates import STOPPED_FOR
from activities.messages import SPREAD, Later, MessageActivities, Outside
from domain.desk.acts import Rest
from domain.facts import Channel, Milestone
from domain.journal import EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.policy import Policy
from domain.ports import NeverDeliverable, NotHandedOver
from domain.presets import FAST, STANDARD
from domain.rollouts.rollout import Stage, Standing
from domain.switches import Switch
from providers.sealing import FernetSeal
from store import Database
from store.journeys import facts, journeys
from store.messages import contact_faults, messages, outages
from store.messages.messages import Message, NewMessage
from store.messages.outages import FAILURES_BEFORE_HOLD
from store.people import accounts, journal
from store.people.accounts import Account
from store.rollouts import cohorts, holds
from tests import factories
from tests.clocks import FakeClock
from tests.fakes import FakeMailer, FakeTexter, FakeWriter
from tests.switches import resume, stop

SEAL = FernetSeal("a secret key for tests")
AWAKE = replace(FAST, cap=0)
ASLEEP_AT_NIGHT = replace(STANDARD, quiet_from=time(20), quiet_until=time(9), jitter=timedelta(), cap=0)


@dataclass
class Office:
    """A sender on a real database whose clock and providers a test can move and disturb."""

    database: Database
    clock: FakeClock
    mailer: FakeMailer
    texter: FakeTexter
    sender: MessageActivities

    def account(self, policy: Policy = AWAKE, **changes: object) -> str:
        with self.database.transaction() as session:
            account_id = factories.make_account(session, **changes).account_id
            factories.make_journey(session, account_id, policy, at=self.clock())
        return account_id

    def queue(
        self, account_id: str, name: str, purpose: Purpose = Purpose.NUDGE, channel: Channel = Channel.EMAIL
    ) -> str:
        template = {
            Purpose.NUDGE: Template.NUDGE_EMAIL_VERIFIED,
            Purpose.NOTICE: Template.SMS_NOTICE,
            Purpose.CODE: Template.SIGN_IN_CODE,
        }[purpose]
        with self.database.transaction() as session:
            account = accounts.get(session, account_id)
            new = NewMessage(
                key=f"{account_id}:{name}",
                account_id=account_id,
                purpose=purpose,
                template=template,
                channel=channel,
                recipient=(account.email if channel is Channel.EMAIL else account.phone) or "",
                locale="en",
                milestone=Milestone.EMAIL_VERIFIED if purpose is Purpose.NUDGE else None,
            )
            messages.add(session, new, at=self.clock())
        return new.key

    def message(self, key: str) -> Message:
        with self.database.reading() as session:
            message = messages.find(session, key)
        assert message
        return message

    def change(self, account_id: str, change: Callable[[Account], None]) -> None:
        with self.database.transaction() as session:
            change(accounts.lock(session, account_id))

    def happened(self, account_id: str) -> list[str]:
        with self.database.reading() as session:
            return [entry.kind for entry in journal.of_account(session, account_id)]

    def missed(self, account_id: str) -> int:
        with self.database.reading() as session:
            said = facts.read(session, account_id).nudged(Milestone.EMAIL_VERIFIED)
        return said.missed if said else 0

    def holds(self) -> list[tuple[str, datetime | None]]:
        with self.database.reading() as session:
            return [(outage.provider, outage.held_until) for outage in outages.every(session)]


@pytest.fixture
def office(database: Database, clock: FakeClock) -> Office:
    mailer, texter = FakeMailer(), FakeTexter()
    outside = Outside(
        mailer=mailer, texter=texter, writer=FakeWriter(), seal=SEAL, origin="https://accounts.example.org"
    )
    return Office(database, clock, mailer, texter, MessageActivities(database, clock, outside))


def at_local(clock: FakeClock, hour: int) -> None:
    """Move the clock to the next such hour in UTC."""
    now = clock()
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    clock.advance((then if then > now else then + timedelta(days=1)) - now)


def test_a_nudge_that_comes_out_of_the_queue_at_night_waits_for_the_morning(office: Office) -> None:
    at_local(office.clock, 22)
    account_id = office.account(ASLEEP_AT_NIGHT, time_zone="Etc/UTC")
    key = office.queue(account_id, "nudge")
    with pytest.raises(Later) as later:
        office.sender.deliver(key)
    assert (later.value.until.hour, later.value.until - office.clock()) == (9, timedelta(hours=11))
    waiting = office.message(key)
    assert (waiting.state, waiting.waits_for) == (MessageState.QUEUED, "quiet_hours")
    assert waiting.not_before == later.value.until
    office.clock.advance(timedelta(hours=11))
    office.sender.deliver(key)
    assert office.message(key).state == MessageState.SENT


def test_temporal_is_told_when_to_come_back(office: Office) -> None:
    at_local(office.clock, 22)
    key = office.queue(office.account(ASLEEP_AT_NIGHT, time_zone="Etc/UTC"), "nudge")
    with pytest.raises(ApplicationError) as caught:
        office.sender.send_message(key)
    delay = caught.value.next_retry_delay
    assert delay
    assert timedelta(hours=11) <= delay <= timedelta(hours=11) + SPREAD


def test_an_unknown_time_zone_is_that_of_the_phone(office: Office) -> None:
    at_local(office.clock, 12)
    awake = office.queue(office.account(ASLEEP_AT_NIGHT, phone_zone="Europe/Berlin"), "nudge")
    asleep = office.queue(office.account(ASLEEP_AT_NIGHT, phone_zone="Pacific/Auckland"), "nudge")
    office.sender.deliver(awake)
    with pytest.raises(Later):
        office.sender.deliver(asleep)


@pytest.mark.parametrize("purpose", [Purpose.CODE, Purpose.NOTICE])
def test_codes_and_notices_keep_no_quiet_hours(office: Office, purpose: Purpose) -> None:
    at_local(office.clock, 22)
    key = office.queue(office.account(ASLEEP_AT_NIGHT, time_zone="Etc/UTC"), "urgent", purpose)
    office.sender.deliver(key)
    assert office.message(key).state == MessageState.SENT


def test_a_nudge_in_the_queue_waits_while_nudges_are_stopped_and_is_sent_afterwards(office: Office) -> None:
    key = office.queue(office.account(), "nudge")
    stop(office.database, Switch.NUDGES)
    with pytest.raises(Later) as later:
        office.sender.deliver(key)
    waiting = office.message(key)
    assert (waiting.state, waiting.waits_for) == (MessageState.QUEUED, "switch")
    assert later.value.until == office.clock() + STOPPED_FOR
    resume(office.database, Switch.NUDGES)
    office.clock.advance(STOPPED_FOR)
    office.sender.deliver(key)
    assert office.message(key).state == MessageState.SENT


@pytest.mark.parametrize("purpose", [Purpose.CODE, Purpose.NOTICE])
def test_codes_and_notices_never_stop(office: Office, purpose: Purpose) -> None:
    key = office.queue(office.account(), "urgent", purpose)
    for switch in Switch:
        stop(office.database, switch)
    office.sender.deliver(key)
    assert office.message(key).state == MessageState.SENT


def test_a_nudge_of_a_paused_cohort_is_held_back_and_does_not_count(office: Office) -> None:
    account_id = office.account()
    key = office.queue(account_id, "nudge")
    with office.database.transaction() as session:
        cohort_id = factories.keep_cohort(session)
        factories.make_member(session, cohort_id, account_id)
        cohorts.stand(session, cohort_id, Standing(stage=Stage.PAUSED, version=2))
    with office.database.reading() as session:
        assert holds.is_frozen(session, account_id)
    office.sender.deliver(key)
    assert (office.message(key).state, office.message(key).reason) == (MessageState.SKIPPED, "journey_held")
    assert office.missed(account_id) == 1
    assert EventKind.NUDGE_HELD_BACK in office.happened(account_id)


@pytest.mark.parametrize("rest", Rest)
def test_a_nudge_is_held_back_while_support_leaves_the_account_alone(office: Office, rest: Rest) -> None:
    account_id = office.account()
    during, after = office.queue(account_id, "during"), office.queue(account_id, "after")
    until = office.clock() + timedelta(days=7)

    def leave_alone(account: Account) -> None:
        account.rest, account.rests_until = rest, until

    office.change(account_id, leave_alone)
    office.sender.deliver(during)
    assert (office.message(during).state, office.message(during).reason) == ("skipped", "journey_held")
    assert office.missed(account_id) == 1
    office.clock.advance(timedelta(days=7))
    office.sender.deliver(after)
    assert office.message(after).state == MessageState.SENT


def test_whoever_is_left_alone_still_gets_codes_and_notices(office: Office) -> None:
    account_id = office.account()
    office.change(
        account_id, lambda account: setattr(account, "rests_until", office.clock() + timedelta(days=7))
    )
    for purpose in (Purpose.CODE, Purpose.NOTICE):
        key = office.queue(account_id, purpose, purpose)
        office.sender.deliver(key)
        assert office.message(key).state == MessageState.SENT


@pytest.mark.parametrize("purpose", Purpose)
def test_nothing_is_sent_to_a_deactivated_account(office: Office, purpose: Purpose) -> None:
    account_id = office.account()
    key = office.queue(account_id, "during", purpose)
    office.change(account_id, lambda account: setattr(account, "deactivated_at", office.clock()))
    office.sender.deliver(key)
    reason = "journey_held" if purpose is Purpose.NUDGE else "deactivated"
    assert (office.message(key).state, office.message(key).reason) == (MessageState.SKIPPED, reason)
    office.change(account_id, lambda account: setattr(account, "deactivated_at", None))
    later = office.queue(account_id, "after", purpose)
    office.sender.deliver(later)
    assert office.message(later).state == MessageState.SENT


def test_a_nudge_whose_journey_has_ended_since_is_pointless(office: Office) -> None:
    account_id = office.account()
    key = office.queue(account_id, "nudge")
    with office.database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=office.clock())
    office.sender.deliver(key)
    assert (office.message(key).state, office.message(key).reason) == (MessageState.SKIPPED, "reached")
    assert office.mailer.taken == []


def test_a_nudge_to_somebody_who_never_had_a_journey_is_pointless(office: Office) -> None:
    with office.database.transaction() as session:
        account_id = factories.make_account(session).account_id
    key = office.queue(account_id, "nudge")
    office.sender.deliver(key)
    assert (office.message(key).state, office.message(key).reason) == (MessageState.SKIPPED, "reached")


def test_a_nudge_is_not_sent_to_an_address_that_is_no_longer_the_accounts(office: Office) -> None:
    account_id = office.account()
    key = office.queue(account_id, "nudge")
    office.change(account_id, lambda account: setattr(account, "email", "new@example.org"))
    office.sender.deliver(key)
    assert office.message(key).reason == "contact_lost"
    assert office.mailer.taken == []


def test_a_nudge_is_not_sent_to_who_asked_for_none_meanwhile_but_a_notice_is(office: Office) -> None:
    account_id = office.account()
    nudge = office.queue(account_id, "nudge")
    notice = office.queue(account_id, "notice", Purpose.NOTICE)
    with office.database.transaction() as session:
        contact_faults.note(
            session,
            account_id,
            Channel.EMAIL,
            contact=office.message(nudge).recipient,
            fate=Fate.UNSUBSCRIBED,
            reason="one_click",
            at=office.clock(),
        )
    office.sender.deliver(nudge)
    office.sender.deliver(notice)
    assert [letter.key for letter in office.mailer.taken] == [notice]


def test_a_number_that_the_provider_refuses_for_good_is_a_fault_of_the_number(office: Office) -> None:
    account_id = office.account()
    key = office.queue(account_id, "nudge", channel=Channel.SMS)
    office.texter.trouble = [NeverDeliverable("twilio_21211", fate=Fate.UNDELIVERABLE)]
    office.sender.deliver(key)
    assert (office.message(key).state, office.message(key).fate) == (
        MessageState.FAILED,
        Fate.UNDELIVERABLE,
    )
    with office.database.reading() as session:
        assert facts.read(session, account_id).channels == (Channel.EMAIL,)
    assert office.missed(account_id) == 1


def test_the_providers_own_word_on_when_to_come_back_is_kept(office: Office) -> None:
    key = office.queue(office.account(), "nudge")
    office.mailer.trouble = [NotHandedOver("sendgrid_429", retry_after=timedelta(seconds=40))]
    with pytest.raises(Later) as later:
        office.sender.deliver(key)
    assert later.value.until == office.clock() + timedelta(seconds=40)
    assert office.message(key).not_before == later.value.until


def test_a_provider_that_fails_for_long_is_left_alone_and_met_again_by_one_message(office: Office) -> None:
    account_id = office.account()
    keys = [office.queue(account_id, f"notice {n}", Purpose.NOTICE) for n in range(FAILURES_BEFORE_HOLD + 3)]
    office.mailer.trouble = [NotHandedOver("sendgrid_500") for _ in range(FAILURES_BEFORE_HOLD)]
    for number, key in enumerate(keys[:FAILURES_BEFORE_HOLD], start=1):
        with pytest.raises(Later if number == FAILURES_BEFORE_HOLD else NotHandedOver):
            office.sender.deliver(key)
    ((provider, held_until),) = office.holds()
    assert (provider, held_until and held_until > office.clock()) == ("mail", True)
    with pytest.raises(Later):
        office.sender.deliver(keys[-1])
    assert office.message(keys[-1]).waits_for == "provider"
    assert office.mailer.trouble == []  # nobody asked the provider again
    office.clock.advance((held_until or office.clock()) - office.clock())
    office.sender.deliver(keys[-1])
    assert office.holds() == []
    assert [letter.key for letter in office.mailer.taken] == [keys[-1]]


def test_a_code_is_tried_although_the_provider_is_held_off(office: Office) -> None:
    account_id = office.account()
    office.texter.trouble = [NotHandedOver("twilio_503") for _ in range(FAILURES_BEFORE_HOLD)]
    for number in range(1, FAILURES_BEFORE_HOLD + 1):
        key = office.queue(account_id, f"notice {number}", Purpose.NOTICE, Channel.SMS)
        with pytest.raises(Later if number == FAILURES_BEFORE_HOLD else NotHandedOver):
            office.sender.deliver(key)
    code = office.queue(account_id, "code", Purpose.CODE, Channel.SMS)
    office.sender.deliver(code)
    assert office.message(code).state == MessageState.SENT
    assert office.holds() == []


def test_trouble_with_one_message_is_no_trouble_of_the_provider(office: Office) -> None:
    key = office.queue(office.account(), "notice", Purpose.NOTICE)
    office.mailer.trouble = [NotHandedOver("smtp_450", is_outage=False)]
    with pytest.raises(NotHandedOver):
        office.sender.deliver(key)
    assert office.holds() == []


def test_letters_say_how_to_object_and_how_to_end_reminders(office: Office) -> None:
    account_id = office.account()
    for purpose in (Purpose.NUDGE, Purpose.NOTICE):
        office.sender.deliver(office.queue(account_id, purpose, purpose))
    nudge, notice = office.mailer.taken
    assert nudge.stop_link
    assert nudge.stop_link.startswith("https://accounts.example.org/no-reminders/")
    assert notice.stop_link is None
    assert (nudge.purpose, notice.purpose) == (Purpose.NUDGE, Purpose.NOTICE)
