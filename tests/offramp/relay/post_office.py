"""A relay and its senders on a real Temporal server, with a stand-in for both providers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from activities.messages import MessageActivities, Outside
from activities.webhooks import WebhookActivities
from domain.facts import Channel, Milestone
from domain.messages.messages import SEND_TIMEOUT, Purpose, Template
from domain.presets import FAST
from offramp.config.settings import Settings
from offramp.relay.relay import Relay
from offramp.worker import make_pace, make_sending_workers
from providers.sealing import FernetSeal
from store import Database
from store.messages import messages
from store.messages.messages import Message, NewMessage
from store.people import accounts
from tests import factories
from tests.fakes import FakeCourier, FakeWriter
from tests.providers.letters import sendgrid_at, twilio_at
from tests.providers.standins import StandIn

SEAL = FernetSeal("a secret key for tests")
PATIENCE = SEND_TIMEOUT - timedelta(seconds=3)
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
        self.outside = Outside(
            mailer=sendgrid_at(self.providers.url, patience=self.patience),
            texter=twilio_at(self.providers.url, patience=self.patience),
            writer=FakeWriter(),
            seal=SEAL,
            origin="https://accounts.example.org",
        )
        self.sender = MessageActivities(self.database, now, self.outside)

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
