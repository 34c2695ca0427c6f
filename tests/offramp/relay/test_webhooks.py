"""Deliveries go through Temporal, which knows their numbers alone, and requests also without it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.messages import MessageActivities, Outside
from domain.facts import Channel
from domain.host.webhooks import HookState
from domain.journal import EventKind
from domain.messages.messages import Queue
from offramp.relay.pacing import Pace
from offramp.relay.presence import Presence
from offramp.relay.relay import Relay
from offramp.relay.webhooks import WebhookDispatcher
from offramp.worker import make_telling_worker
from store import Database
from tests.clocks import FakeClock
from tests.fakes import FakeMailer, FakeTexter, FakeWriter
from tests.receiver import Receiver
from tests.waiting import eventually
from tests.webhooks import SEAL, Telling, on_loopback
from workflows.converter import data_converter

BOUND, PROVEN = EventKind.PASSKEY_BOUND, EventKind.PASSKEY_PROVEN


class RealClock(FakeClock):
    """The time of this machine, moved ahead by what a test adds."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._began_at = self.now

    def __call__(self) -> datetime:
        return self.now + (datetime.now(UTC) - self._began_at)


@pytest.fixture
def telling(database: Database) -> Telling:
    return Telling(database, RealClock(), on_loopback())


@contextlib.asynccontextmanager
async def working(telling: Telling, client: Client) -> AsyncIterator[None]:
    """A relay and the worker that tells, until the block ends."""
    outside = Outside(
        mailer=FakeMailer(), texter=FakeTexter(), writer=FakeWriter(), seal=SEAL, origin="https://a.example"
    )
    sender = MessageActivities(telling.database, telling.clock, outside)
    relay = Relay(
        telling.database,
        client,
        sender,
        telling.teller,
        pace=Pace(per_second=dict.fromkeys(Channel, 0.0)),
        clock=telling.clock,
        poll_seconds=0.2,
    )
    with contextlib.ExitStack() as stack:
        async with make_telling_worker(client, telling.teller, stack):
            task = asyncio.create_task(relay.run())
            try:
                yield
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def test_a_commit_is_heard_by_the_host_in_order(
    environment: WorkflowEnvironment, telling: Telling
) -> None:
    with Receiver() as receiver:
        telling.subscribe(receiver.url)
        async with working(telling, environment.client):
            account_ids = [telling.account() for _ in range(5)]
            for kind in (BOUND, PROVEN, BOUND):
                for account_id in account_ids:
                    telling.happens(account_id, kind)
            await eventually(lambda: len(receiver.arrivals) == 15, lambda: f"all heard: {telling.states()}")
            await eventually(lambda: telling.states() == {HookState.DELIVERED: 15}, "all noted")
        for account_id in account_ids:
            versions = [
                arrival.event["data"]["version"]
                for arrival in receiver.arrivals
                if arrival.event["data"]["account_id"] == account_id
            ]
            assert versions == [1, 2, 3]


async def test_a_failed_attempt_is_another_activity_later(
    environment: WorkflowEnvironment, telling: Telling
) -> None:
    with Receiver(answers=[500]) as receiver:
        telling.subscribe(receiver.url)
        async with working(telling, environment.client):
            telling.happens(telling.account(), BOUND)
            await eventually(
                lambda: telling.deliveries()[0].reason == "status_500", "the first attempt is noted"
            )
            telling.clock.advance(timedelta(seconds=10))
            await eventually(lambda: telling.states() == {HookState.DELIVERED: 1}, "it is delivered")
    (delivery,) = telling.deliveries()
    for attempts in (0, 1):
        handle = environment.client.get_activity_handle(f"webhook:{delivery.webhook_id}:{attempts}")
        assert (await handle.describe()).task_queue == Queue.WEBHOOKS


async def test_what_temporal_has_lost_is_handed_over_again(
    environment: WorkflowEnvironment, telling: Telling
) -> None:
    with Receiver() as receiver:
        telling.subscribe(receiver.url)
        telling.happens(telling.account(), BOUND)
        dispatcher = WebhookDispatcher(
            telling.database,
            environment.client,
            Presence(telling.clock),
            telling.teller,
            clock=telling.clock,
        )
        assert await dispatcher.turn()
        assert telling.states() == {HookState.HANDED: 1}
        (delivery,) = telling.deliveries()
        handle = environment.client.get_activity_handle(f"webhook:{delivery.webhook_id}:0")
        await handle.terminate(reason="as if Temporal had lost it")
        dispatcher.requeue_lost()
        assert telling.states() == {HookState.HANDED: 1}
        telling.clock.advance(timedelta(minutes=3))
        async with working(telling, environment.client):
            dispatcher.requeue_lost()
            await eventually(lambda: telling.states() == {HookState.DELIVERED: 1}, "it is delivered")
    assert receiver.kinds == ["passkey_bound"]


async def test_without_temporal_a_request_goes_out_all_the_same_and_entries_wait(telling: Telling) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = await Client.connect(f"127.0.0.1:{port}", lazy=True, data_converter=data_converter)
    with Receiver() as receiver:
        telling.subscribe(receiver.url)
        account_id = telling.account()
        telling.happens(account_id, BOUND)
        telling.asks(account_id, "restore")
        dispatcher = WebhookDispatcher(
            telling.database, client, Presence(telling.clock), telling.teller, clock=telling.clock
        )
        assert not await dispatcher.turn()
    assert receiver.kinds == ["sms.restore"]
    assert telling.states() == {HookState.WAITING: 1, HookState.DELIVERED: 1}
