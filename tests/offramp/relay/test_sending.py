"""Workers that send, on a real Temporal server and stand-ins of the providers."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.messages import MessageActivities, Outside
from activities.webhooks import WebhookActivities
from domain.facts import Channel, Milestone
from domain.messages.messages import SEND_TIMEOUT, Fate, MessageState, Purpose, Template
from domain.presets import FAST
from offramp.config.settings import Settings
from offramp.relay import dispatch
from offramp.relay.dispatch import Dispatcher
from offramp.relay.presence import Presence
from offramp.relay.relay import Relay
from offramp.worker import SENDINGS_AT_ONCE, make_pace, make_sending_workers
from providers.sealing import FernetSeal
from store import Database
from store.messages import hand_overs, messages
from store.messages.messages import Message, NewMessage
from store.people import accounts
from tests import factories
from tests.fakes import FakeCourier, FakeWriter
from tests.providers.letters import sendgrid_at, twilio_at
from tests.providers.standins import StandIn
from tests.providers.standins.troubles import status
from tests.temporal import end_journeys
from tests.waiting import eventually

SEAL = FernetSeal("a secret key for tests")
PATIENCE = SEND_TIMEOUT - timedelta(seconds=3)
LONGEST_SENDING = timedelta(seconds=200)
"""A busy machine takes its time to bring a hundred requests together."""

ANY_TIME = replace(FAST, cap=0)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class PostOffice:
    """A relay and its senders, with one stand-in for both providers."""

    database: Database
    environment: WorkflowEnvironment
    providers: StandIn
    patience: timedelta = PATIENCE

    def __post_init__(self) -> None:
        outside = Outside(
            mailer=sendgrid_at(self.providers.url, patience=self.patience),
            texter=twilio_at(self.providers.url, patience=self.patience),
            writer=FakeWriter(),
            seal=SEAL,
            origin="https://accounts.example.org",
        )
        self.sender = MessageActivities(self.database, now, outside)

    def queue(self, purpose: Purpose, count: int) -> list[str]:
        """Codes by text message or nudges by e-mail, each to somebody else."""
        return [self._queue_one(purpose) for _ in range(count)]

    def _queue_one(self, purpose: Purpose) -> str:
        is_code = purpose is Purpose.CODE
        with self.database.transaction() as session:
            account_id = factories.make_account(session).account_id
            factories.make_journey(session, account_id, ANY_TIME, at=now())
            account = accounts.get(session, account_id)
            new = NewMessage(
                key=f"{account_id}:{purpose}",
                account_id=account_id,
                purpose=purpose,
                template=Template.SIGN_IN_CODE if is_code else Template.NUDGE_EMAIL_VERIFIED,
                channel=Channel.SMS if is_code else Channel.EMAIL,
                recipient=(account.phone if is_code else account.email) or "",
                locale="en",
                sealed=SEAL.close(json.dumps({"code": "123456"})) if is_code else None,
                milestone=None if is_code else Milestone.EMAIL_VERIFIED,
            )
            messages.add(session, new, at=now())
        return new.key

    def message(self, key: str) -> Message:
        with self.database.reading() as session:
            message = messages.find(session, key)
        assert message
        return message

    def states(self, keys: list[str]) -> set[str]:
        return {self.message(key).state for key in keys}

    @contextlib.asynccontextmanager
    async def working(self, *, emails_per_second: float = 0.0) -> AsyncIterator[None]:
        """Relay and senders, until the block ends."""
        client = self.environment.client
        limits = Settings(emails_per_second=emails_per_second, texts_per_second=0.0)
        pace = make_pace(limits)
        teller = WebhookActivities(self.database, now, FakeCourier(), SEAL)
        relay = Relay(self.database, client, self.sender, teller, pace=pace, clock=now, poll_seconds=0.2)
        with contextlib.ExitStack() as stack:
            async with contextlib.AsyncExitStack() as running:
                for worker in make_sending_workers(client, self.sender, stack, limits):
                    await running.enter_async_context(worker)
                async with relay_running(relay):
                    yield


@contextlib.asynccontextmanager
async def relay_running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def providers() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


@pytest.fixture
async def office(
    environment: WorkflowEnvironment, database: Database, providers: StandIn
) -> AsyncIterator[PostOffice]:
    yield PostOffice(database, environment, providers)
    await end_journeys(environment.client, database)


@pytest.fixture
async def patient_office(
    environment: WorkflowEnvironment,
    database: Database,
    providers: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[PostOffice]:
    """Nobody here gives a message up before a busy machine has all of them in hand."""
    for module in (dispatch, messages, hand_overs):
        monkeypatch.setattr(module, "SEND_TIMEOUT", LONGEST_SENDING)
    patience = LONGEST_SENDING - timedelta(seconds=3)
    yield PostOffice(database, environment, providers, patience=patience)
    await end_journeys(environment.client, database)


async def test_one_worker_keeps_a_hundred_messages_in_flight(patient_office: PostOffice) -> None:
    office = patient_office
    office.providers.barrier = threading.Barrier(SENDINGS_AT_ONCE)  # nobody is answered before all are there
    keys = office.queue(Purpose.CODE, SENDINGS_AT_ONCE)
    async with office.working():
        await eventually(
            lambda: office.states(keys) == {MessageState.SENT},
            lambda: f"all are sent; {office.providers.most_at_once} were in hand at most",
            within=LONGEST_SENDING.total_seconds(),
        )
    assert office.providers.most_at_once == SENDINGS_AT_ONCE == 100
    assert set(office.providers.taken.keys().values()) == {1}


async def test_a_code_overtakes_the_nudges_that_wait_for_the_queues_limit(office: PostOffice) -> None:
    nudges = office.queue(Purpose.NUDGE, 30)
    async with office.working(emails_per_second=1.0):
        await eventually(lambda: office.states(nudges) != {MessageState.QUEUED}, "Temporal has the nudges")
        (code,) = office.queue(Purpose.CODE, 1)
        await eventually(lambda: office.message(code).state == MessageState.SENT, "the code is sent")
        assert MessageState.HANDED in office.states(nudges)


async def test_a_provider_that_asks_for_patience_gets_the_message_later_and_once(office: PostOffice) -> None:
    office.providers.troubles.add(status(429, retry_after="1"), status(503), status(500))
    (key,) = office.queue(Purpose.NUDGE, 1)
    async with office.working():
        await eventually(
            lambda: office.message(key).state == MessageState.SENT,
            lambda: f"it is sent: {office.message(key)}",
            within=150,
        )
    assert office.providers.taken.keys() == {key: 1}


async def test_a_number_that_twilio_refuses_is_not_tried_again_and_the_fault_is_known(
    office: PostOffice,
) -> None:
    office.providers.troubles.add(
        status(400, body={"code": 21211, "message": "no such number", "status": 400})
    )
    (key,) = office.queue(Purpose.CODE, 1)
    async with office.working():
        await eventually(lambda: office.message(key).state == MessageState.FAILED, "it has failed")
    assert (office.message(key).fate, office.providers.taken.keys()) == (Fate.UNDELIVERABLE, {})


async def test_nudges_share_a_queue_by_cohort(office: PostOffice) -> None:
    (key,) = office.queue(Purpose.NUDGE, 1)
    with office.database.transaction() as session:
        message = messages.lock(session, key)
        assert message
        message.cohort_id = "spring"
        session.add(message)
    client = office.environment.client
    dispatcher = Dispatcher(
        office.database,
        client,
        Presence(now),
        office.sender,
        next_ones=make_pace(Settings()).next_nudges,
        at_once=1,
        clock=now,
    )
    assert await dispatcher.turn()
    handle = client.get_activity_handle(key)
    description = await handle.describe()
    assert description.priority.fairness_key == "spring"
    await handle.terminate(reason="looked at")


async def test_a_night_is_slept_through_in_temporal(office: PostOffice) -> None:
    asleep = replace(
        ANY_TIME,
        quiet_from=(now() - timedelta(hours=1)).time().replace(microsecond=0, second=0),
        quiet_until=(now() + timedelta(hours=1)).time().replace(microsecond=0, second=0),
    )
    with office.database.transaction() as session:
        account_id = factories.make_account(session, time_zone="Etc/UTC").account_id
        factories.make_journey(session, account_id, asleep, at=now())
        new = NewMessage(
            key=f"{account_id}:night",
            account_id=account_id,
            purpose=Purpose.NUDGE,
            template=Template.NUDGE_EMAIL_VERIFIED,
            channel=Channel.EMAIL,
            recipient=accounts.get(session, account_id).email or "",
            locale="en",
            milestone=Milestone.EMAIL_VERIFIED,
        )
        messages.add(session, new, at=now())
    async with office.working():
        await eventually(
            lambda: office.message(new.key).waits_for == "quiet_hours", "it waits for the morning"
        )
    assert office.providers.taken.keys() == {}
