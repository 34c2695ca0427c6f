"""A backup is put back while Temporal and the providers remember more: what is said then, and that nothing stops."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.messages import MessageActivities, Outside
from domain.facts import Channel, Milestone
from domain.messages.messages import MessageState, Purpose, Template
from domain.messages.sent_names import named
from offramp.relay import restores as telling
from services.messages import restores
from store import Database, invariants
from store.engine import epochs
from store.messages import hand_overs, inserts, lanes
from store.messages.hand_overs import HANDED_LIFETIME
from store.messages.messages import Message, NewMessage
from store.people import accounts
from tests import backups
from tests.fakes import FakeMailer, FakeTexter, FakeWriter
from tests.offramp.relay.test_relay import ORIGIN, SEAL, Station, now, running
from tests.temporal import end_journeys, journey_worker
from tests.waiting import eventually
from workflows import running_journeys
from workflows.migration import MigrationWorkflow

OPEN = (MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING)
A_WHILE_AGO = 2 * HANDED_LIFETIME


@dataclass
class Post(Station):
    """A station whose letters are kept, too, and whose workers run while a test lets them."""

    mailer: FakeMailer = field(default_factory=FakeMailer)

    def names(self) -> list[str]:
        """The names under which the providers were given messages."""
        return [letter.key for letter in self.mailer.taken] + [text.key for text in self.texter.taken]

    def hand(self, account_id: str, key: str, purpose: Purpose) -> str:
        """Put an e-mail into the database that Temporal was given a while ago; returns its key."""
        is_nudge = purpose is Purpose.NUDGE
        with self.database.transaction() as session:
            new = NewMessage(
                key=f"{account_id}:{key}",
                account_id=account_id,
                purpose=purpose,
                template=Template.NUDGE_EMAIL_VERIFIED if is_nudge else Template.PASSKEY_BOUND,
                channel=Channel.EMAIL,
                recipient=accounts.get(session, account_id).email or "",
                locale="en",
                milestone=Milestone.EMAIL_VERIFIED if is_nudge else None,
            )
            inserts.insert_row(session, new, at=now() - A_WHILE_AGO)
            hand_overs.mark_handed(session, [new.key], at=now() - A_WHILE_AGO)
        return new.key

    @contextlib.asynccontextmanager
    async def everything(self) -> AsyncIterator[None]:
        """Relay, journeys and senders, until the block ends."""
        with ThreadPoolExecutor(max_workers=4) as threads:
            async with contextlib.AsyncExitStack() as stack:
                await stack.enter_async_context(journey_worker(self.client, self.database))
                for queue in lanes.LANES:
                    sender = Worker(
                        self.client,
                        task_queue=queue,
                        activities=[self.sender.send_message],
                        activity_executor=threads,
                    )
                    await stack.enter_async_context(sender)
                await stack.enter_async_context(running(self.relay()))
                yield


@pytest.fixture
async def post(environment: WorkflowEnvironment, database: Database) -> AsyncIterator[Post]:
    mailer, texter = FakeMailer(), FakeTexter()
    outside = Outside(mailer=mailer, texter=texter, writer=FakeWriter(), seal=SEAL, origin=ORIGIN)
    sender = MessageActivities(database, now, outside)
    yield Post(database, environment.client, texter, sender, mailer)
    async with journey_worker(environment.client, database):
        await end_journeys(environment.client, database)


async def test_after_a_restore_everybody_goes_on_and_no_name_is_handed_over_twice(
    post: Post, tmp_path: Path
) -> None:
    people = [post.begin_journey() for _ in range(3)]
    reminders = [post.hand(account_id, "reminder", Purpose.NUDGE) for account_id in people[:2]]
    notice = post.hand(people[0], "notice", Purpose.NOTICE)
    invitation = f"migration:{people[2]}:{Milestone.EMAIL_VERIFIED}:1"
    backup = backups.take(post.database, tmp_path)
    async with post.everything():
        await said(post, {*reminders, notice, invitation})
        post.verify_email(people[0])
        await all_know(post, people)
    epoch = put_back(post.database, backup)
    async with post.everything():
        await telling.tell(post.client, post.database, now)
        await said(post, {named(notice, epoch), named(invitation, epoch)})
        post.verify_email(people[0])
        await all_know(post, people)
        await eventually(lambda: open_messages(post.database) == [], "no message waits")
    assert len(set(post.names())) == len(post.names())
    assert not {named(key, epoch) for key in reminders} & set(post.names())
    assert [post.state(key) for key in reminders] == [MessageState.UNKNOWN, MessageState.UNKNOWN]
    check(post.database)


async def test_what_temporal_was_given_in_vain_is_given_to_it_again_and_sent_once(post: Post) -> None:
    key = post.hand(post.begin_journey(), "lost", Purpose.NOTICE)
    async with post.everything():
        await eventually(lambda: post.state(key) == MessageState.SENT, "the notice is sent")
    assert post.names().count(key) == 1


async def test_a_closed_activity_is_no_hand_over_of_a_row_that_waits_again(post: Post) -> None:
    key = post.hand(post.begin_journey(), "again", Purpose.NOTICE)
    async with post.everything():
        await eventually(lambda: post.state(key) == MessageState.SENT, "the notice is sent")
    with post.database.transaction() as session:  # as in a backup of the time before
        message = session.get_one(Message, key)
        message.state, message.claimed_at, message.settled_at = MessageState.QUEUED, None, None
    async with post.everything():
        await eventually(lambda: post.state(key) == MessageState.SENT, "the notice is sent again")


def put_back(database: Database, backup: Path) -> int:
    """Put a backup back; returns the epoch that begins."""
    backups.put_back(database, backup)
    with database.transaction() as session:
        return restores.begin(session, by="ada", now=now())


async def said(post: Post, names: set[str]) -> None:
    """Wait until the providers have been given these."""
    await eventually(lambda: names <= set(post.names()), lambda: f"{names - set(post.names())} are said")


async def all_know(post: Post, account_ids: list[str]) -> None:
    """Wait until each journey goes by what the database knows."""
    for account_id in account_ids:
        await eventually(knows(post, account_id), f"the journey of {account_id} has heard")


def knows(post: Post, account_id: str) -> Callable[[], Awaitable[bool]]:
    async def has_heard() -> bool:
        journey = post.client.get_workflow_handle(running_journeys.workflow_id(account_id))
        return await journey.query(MigrationWorkflow.heard) == post.facts(account_id).edition

    return has_heard


def open_messages(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.exec(select(Message.key).where(col(Message.state).in_(OPEN))))


def check(database: Database) -> None:
    """No promise is broken, no lane stands still, and everybody has been told."""
    with database.reading() as session:
        broken = [breach.invariant for breach in invariants.breaches(session, now=now()) if breach.count]
        still = [lane.queue for lane in lanes.look(session, now=now()) if lane.stands_still(now())]
        assert (broken, still, epochs.untold(session)) == ([], [], None)
