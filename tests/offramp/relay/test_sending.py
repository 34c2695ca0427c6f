"""Workers that send, on a real Temporal server and stand-ins of the providers."""

import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.facts import Channel, Milestone
from domain.messages.messages import Fate, MessageState, Purpose, Template
from offramp.config.settings import Settings
from offramp.relay import dispatch
from offramp.relay.dispatch import Dispatcher
from offramp.relay.presence import Presence
from offramp.worker import SENDINGS_AT_ONCE, make_pace
from store import Database
from store.messages import hand_overs, messages
from store.messages.messages import NewMessage
from store.people import accounts
from tests import factories
from tests.offramp.relay.post_office import ANY_TIME, PostOffice, now
from tests.providers.standins import StandIn
from tests.providers.standins.troubles import status
from tests.temporal import end_journeys
from tests.waiting import eventually

LONGEST_SENDING = timedelta(seconds=200)
"""A busy machine takes its time to bring a hundred requests together."""


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
