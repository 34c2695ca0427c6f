"""The relay carries facts and messages to Temporal, and what people wait for around it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.messages import MessageActivities, Outside
from activities.webhooks import WebhookActivities
from domain.facts import Channel, Facts, Method, SmsState
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import MessageState, Purpose, Queue, Template
from domain.presets import FAST
from offramp.relay.dispatch import Dispatcher
from offramp.relay.pacing import Pace, next_waited_for
from offramp.relay.presence import Presence
from offramp.relay.publishing import Publisher
from offramp.relay.relay import Relay
from providers.sealing import FernetSeal
from services.upkeep import inviting
from store import Database, Session
from store.engine import secret_keys
from store.journeys import check_ups, facts, journeys
from store.messages import hand_overs, messages
from store.messages.messages import Message, NewMessage
from store.people import accounts, door_notes, journal
from tests import factories
from tests.fakes import FakeCourier, FakeMailer, FakeTexter, FakeWriter
from tests.temporal import end_journeys, journey_worker
from tests.waiting import eventually
from workflows import reconciling, running_journeys
from workflows.converter import data_converter

UNLIMITED = Pace(per_second={Channel.EMAIL: 0.0, Channel.SMS: 0.0})
SEAL = FernetSeal("a secret key for tests")
ORIGIN = "https://accounts.example.org"


def now() -> datetime:
    return datetime.now(UTC)


def everything(session: Session, at: datetime) -> list[Message]:
    """What people wait for, and nudges."""
    return [*next_waited_for(session, at), *UNLIMITED.next_nudges(session, at)]


@dataclass
class Station:
    """A relay with its database, its providers and its Temporal."""

    database: Database
    client: Client
    texter: FakeTexter
    sender: MessageActivities

    def relay(self, *key_ids: str) -> Relay:
        teller = WebhookActivities(self.database, now, FakeCourier(), SEAL)
        return Relay(
            self.database,
            self.client,
            self.sender,
            teller,
            pace=UNLIMITED,
            clock=now,
            poll_seconds=0.2,
            key_ids=key_ids,
        )

    def publisher(self) -> Publisher:
        return Publisher(self.database, self.client, Presence(now), clock=now)

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.database,
            self.client,
            Presence(now),
            self.sender,
            next_ones=everything,
            at_once=4,
            clock=now,
        )

    def begin_journey(self) -> str:
        with self.database.transaction() as session:
            account_id = factories.make_account(session).account_id
            factories.make_journey(session, account_id, FAST, at=now())
        return account_id

    def queue(self, account_id: str, key: str, purpose: Purpose) -> str:
        template = Template.SIGN_IN_CODE if purpose is Purpose.CODE else Template.NUDGE_EMAIL_VERIFIED
        new = NewMessage(
            key=f"{account_id}:{key}",
            account_id=account_id,
            purpose=purpose,
            template=template,
            channel=Channel.SMS,
            recipient="+4915100000000",
            locale="en",
            sealed=SEAL.close(json.dumps({"code": "123456"})),
        )
        with self.database.transaction() as session:
            messages.add(session, new, at=now())
        return new.key

    def state(self, key: str) -> str:
        with self.database.reading() as session:
            message = messages.find(session, key)
        assert message
        return message.state

    def waiting(self) -> datetime | None:
        with self.database.reading() as session:
            return journal.oldest_unpublished(session)

    def verify_email(self, account_id: str) -> None:
        with self.database.transaction() as session:
            accounts.lock(session, account_id).email_verified_at = now()
            journal.append(session, account_id, EventKind.EMAIL_VERIFIED, at=now(), actor=Actor.PERSON)

    def facts(self, account_id: str) -> Facts:
        with self.database.reading() as session:
            return facts.read(session, account_id)

    async def signals(self, account_id: str) -> int:
        handle = self.client.get_workflow_handle(running_journeys.workflow_id(account_id))
        events = (await handle.fetch_history()).events
        return sum(event.HasField("workflow_execution_signaled_event_attributes") for event in events)


def make_station(database: Database, client: Client) -> Station:
    texter = FakeTexter()
    outside = Outside(mailer=FakeMailer(), texter=texter, writer=FakeWriter(), seal=SEAL, origin=ORIGIN)
    return Station(database, client, texter, MessageActivities(database, now, outside))


@pytest.fixture
async def station(environment: WorkflowEnvironment, database: Database) -> AsyncIterator[Station]:
    """A station with Temporal."""
    yield make_station(database, environment.client)
    await end_journeys(environment.client, database)


@pytest.fixture
async def cut_off(database: Database) -> Station:
    """A station whose Temporal is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = await Client.connect(f"127.0.0.1:{port}", lazy=True, data_converter=data_converter)
    return make_station(database, client)


@contextlib.asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_an_entry_of_the_journal_starts_the_journey(station: Station) -> None:
    account_id = station.begin_journey()
    await station.publisher().turn()
    assert await running_journeys.missing(station.client, [account_id]) == []
    assert station.waiting() is None


async def test_a_burst_of_entries_is_one_signal(station: Station) -> None:
    account_id = station.begin_journey()
    await station.publisher().turn()
    for _ in range(5):
        station.verify_email(account_id)
    await station.publisher().turn()
    assert await station.signals(account_id) == 1
    assert station.waiting() is None


async def test_facts_of_a_journey_that_is_over_are_late_and_nobody_is_told(station: Station) -> None:
    account_id = station.begin_journey()
    with station.database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=now())
    station.verify_email(account_id)
    await station.publisher().turn()
    assert station.waiting() is None
    assert await running_journeys.missing(station.client, [account_id]) == [account_id]


async def test_a_commit_wakes_the_relay_and_the_journey_acts(station: Station) -> None:
    async with journey_worker(station.client, station.database), running(station.relay()):
        account_id = station.begin_journey()
        await eventually(lambda: station.facts(account_id).nudges != (), "the invitation is queued")


async def test_what_happened_at_the_door_is_written_up_by_the_relay(station: Station) -> None:
    account_id = station.begin_journey()
    async with running(station.relay()):
        with station.database.transaction() as session:
            method = Method.SMS
            door_notes.sign_in_failed(session, account_id, method, reason="wrong_code", at=now())
        await eventually(lambda: _has_failed(station, account_id), "the failure is journalled")


def _has_failed(station: Station, account_id: str) -> bool:
    with station.database.reading() as session:
        entries = journal.of_account(session, account_id)
    return any(entry.kind == EventKind.SIGN_IN_FAILED for entry in entries)


async def test_a_message_is_sent_once_by_a_standalone_activity(station: Station) -> None:
    account_id = station.begin_journey()
    key = station.queue(account_id, "code", Purpose.CODE)
    async with _sending_worker(station):
        await station.dispatcher().turn()
        await eventually(lambda: station.state(key) == MessageState.SENT, "the message is sent")
    description = await station.client.get_activity_handle(key).describe()
    assert description.task_queue == Queue.NOW
    assert len(station.texter.taken) == 1


async def test_a_message_handed_over_twice_is_sent_once(station: Station) -> None:
    account_id = station.begin_journey()
    key = station.queue(account_id, "code", Purpose.CODE)
    await station.dispatcher().turn()
    with station.database.transaction() as session:
        hand_overs.requeue_handed(session)
    await station.dispatcher().turn()
    assert station.state(key) == MessageState.HANDED
    async with _sending_worker(station):
        await eventually(lambda: station.state(key) == MessageState.SENT, "the message is sent")
    assert len(station.texter.taken) == 1


async def test_without_temporal_a_code_goes_out_all_the_same_and_a_nudge_waits(cut_off: Station) -> None:
    account_id = cut_off.begin_journey()
    code = cut_off.queue(account_id, "code", Purpose.CODE)
    nudge = cut_off.queue(account_id, "nudge", Purpose.NUDGE)
    await cut_off.dispatcher().turn()
    assert cut_off.state(code) == MessageState.SENT
    assert cut_off.state(nudge) == MessageState.QUEUED
    assert len(cut_off.texter.taken) == 1


async def test_without_temporal_facts_wait_and_are_not_lost(cut_off: Station) -> None:
    cut_off.begin_journey()
    assert not await cut_off.publisher().turn()
    assert cut_off.waiting() is not None


async def test_reconcile_starts_every_journey_that_temporal_has_lost(station: Station) -> None:
    account_ids = [station.begin_journey() for _ in range(5)]
    first = await reconciling.reconcile_journeys(station.client, station.database)
    again = await reconciling.reconcile_journeys(station.client, station.database)
    assert (first.running, first.started) == (5, 5)
    assert (again.running, again.started) == (5, 0)
    assert await running_journeys.missing(station.client, account_ids) == []


async def test_reconcile_continues_a_journey_and_does_not_begin_it_again(station: Station) -> None:
    async with journey_worker(station.client, station.database), running(station.relay()):
        account_id = station.begin_journey()
        await eventually(lambda: station.facts(account_id).nudges != (), "the invitation is queued")
        handle = station.client.get_workflow_handle(running_journeys.workflow_id(account_id))
        await handle.terminate("as if Temporal had lost it")
        await reconciling.reconcile_journeys(station.client, station.database)
        station.verify_email(account_id)
        await eventually(lambda: _signalled_again(station, account_id), "the new run is told")
    assert station.facts(account_id).nudges[0].times == 1


async def _signalled_again(station: Station, account_id: str) -> bool:
    return await station.signals(account_id) >= 1


@contextlib.asynccontextmanager
async def _sending_worker(station: Station) -> AsyncIterator[None]:
    with ThreadPoolExecutor(max_workers=4) as threads:
        async with Worker(
            station.client,
            task_queue=Queue.NOW,
            activities=[station.sender.send_message],
            activity_executor=threads,
        ):
            yield


async def test_the_relay_notes_which_secret_key_is_the_newest(cut_off: Station) -> None:
    cut_off.relay("0000000a")._clear()
    cut_off.relay("0000000b", "0000000a")._clear()
    with cut_off.database.reading() as session:
        noted = [(row.key_id, row.was_alone) for row in secret_keys.every(session)]
    assert noted == [("0000000a", True), ("0000000b", False)]


async def test_the_relay_invites_to_check_ups_batch_by_batch(
    cut_off: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inviting, "BATCH", 2)
    long_ago = datetime.now(UTC) - timedelta(days=400)
    with cut_off.database.transaction() as session:
        ids = []
        for _ in range(5):
            account = factories.make_account(session, sms=SmsState.REMOVED, sms_since=long_ago)
            factories.make_journey(session, account.account_id, FAST)
            check_ups.schedule(session, account.account_id, due_at=long_ago)
            ids.append(account.account_id)
    cut_off.relay()._invite()
    with cut_off.database.reading() as session:
        rows = [check_ups.find(session, account_id) for account_id in ids]
    assert [row.round if row else 0 for row in rows] == [1] * 5


async def test_the_relay_seals_the_days_of_the_journal(cut_off: Station) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with cut_off.database.transaction() as session:
        account = factories.make_account(session)
        journal.append(session, account.account_id, EventKind.NOTED, at=long_ago, actor=Actor.STAFF)
    assert cut_off.relay()._day_sealer.seal_due() >= 1
