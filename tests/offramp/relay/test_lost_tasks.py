"""Tasks that are lost between server and worker, and providers that take longer than such a task is waited for."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueRequest
from temporalio.client import ActivityExecutionDescription, ActivityHandle

from activities.messages import MessageActivities
from activities.signs_of_life import LONGEST_SILENCE
from domain.messages.messages import SEND_TIMEOUT, MessageState, Purpose, Queue
from domain.ports import TextMessage
from offramp.relay import dispatch
from offramp.relay.dispatch import Dispatcher
from offramp.relay.pacing import next_waited_for
from offramp.relay.presence import Presence
from tests.offramp.relay.post_office import PostOffice, now
from tests.waiting import eventually


async def hand_over(office: PostOffice, key: str) -> ActivityHandle[None]:
    """Have the relay give a code to Temporal, once."""
    dispatcher = Dispatcher(
        office.database,
        office.environment.client,
        Presence(now),
        office.sender,
        next_ones=next_waited_for,
        at_once=1,
        clock=now,
    )
    assert await dispatcher.turn()
    return office.environment.client.get_activity_handle(key)


async def lose_task(office: PostOffice) -> None:
    """Take a task as a worker would that is gone a moment later."""
    client = office.environment.client
    request = PollActivityTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=Queue.NOW), identity="a worker that is gone"
    )
    task = await client.workflow_service.poll_activity_task_queue(request)
    assert task.task_token


async def test_a_code_whose_task_was_lost_is_sent_long_before_its_sending_would_time_out(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LONGEST_SILENCE * 4 < SEND_TIMEOUT
    monkeypatch.setattr(dispatch, "SEND_TIMEOUT", timedelta(hours=1))
    (key,) = office.queue(Purpose.CODE, 1)
    sending = await hand_over(office, key)
    await lose_task(office)
    async with office.working():
        await eventually(
            lambda: office.message(key).state == MessageState.SENT, "the code is sent", within=150
        )
    assert (await sending.describe()).attempt == 2
    assert office.providers.taken.keys() == {key: 1}


async def test_a_provider_may_take_longer_than_the_longest_silence(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = timedelta(seconds=3)
    monkeypatch.setattr(dispatch, "LONGEST_SILENCE", silence)
    office.providers.barrier = threading.Barrier(2)
    (key,) = office.queue(Purpose.CODE, 1)
    async with office.working():
        sending = await hand_over(office, key)
        await eventually_heard_of(sending, later_than=silence)
        office.providers.barrier.wait()
        await eventually(lambda: office.message(key).state == MessageState.SENT, "the code is sent")
    assert (await sending.describe()).attempt == 1
    assert office.providers.taken.keys() == {key: 1}


async def test_a_code_that_a_provider_took_is_sent_though_temporal_gave_its_task_up_meanwhile(
    office: PostOffice,
) -> None:
    texter = TexterWhoseTaskIsGivenUp()
    office.sender = MessageActivities(office.database, now, replace(office.outside, texter=texter))
    (key,) = office.queue(Purpose.CODE, 1)
    async with office.working():
        sending = await hand_over(office, key)
        await eventually(texter.is_asked.is_set, "the provider has it in hand")
        await sending.terminate(reason="taken for lost")
        await eventually(lambda: office.message(key).state != MessageState.SENDING, "its sender is done")
    assert (office.message(key).state, office.message(key).reason) == (MessageState.SENT, None)


class TexterWhoseTaskIsGivenUp:
    """A provider that answers only when Temporal has told the worker that nobody waits for the task any more."""

    provider = "fake"

    def __init__(self) -> None:
        self.is_asked = threading.Event()

    def send(self, message: TextMessage) -> str:
        self.is_asked.set()
        activity.wait_for_cancelled_sync(timeout=60)
        assert activity.is_cancelled()
        return "taken"


async def eventually_heard_of(sending: ActivityHandle[None], *, later_than: timedelta) -> None:
    """Wait for a sign of life so late that silence would have ended the attempt before."""
    seen: list[ActivityExecutionDescription] = []

    async def is_late() -> bool:
        seen[:] = [await sending.describe()]
        started_at, heard_at = seen[0].last_started_time, seen[0].last_heartbeat_time
        return bool(started_at and heard_at and heard_at - started_at > later_than)

    await eventually(is_late, lambda: f"a late sign of life comes: {seen}")
