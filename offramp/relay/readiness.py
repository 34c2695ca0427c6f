"""Says whether Offramp can do its work: database, relay and Temporal, each by name."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from domain.ports import Clock
from offramp.relay.lag import relay_problem
from offramp.relay.presence import TemporalAway
from services.container import Readiness
from store import Database

_PATIENCE = timedelta(seconds=1)


async def answering_client(connect: Callable[[], Awaitable[Client]]) -> Client:
    """A client whose server has just answered. Raises TemporalAway."""
    try:
        client = await connect()
        is_healthy = await asyncio.wait_for(
            client.service_client.check_health(timeout=_PATIENCE), 2 * _PATIENCE.seconds
        )
    except (RPCError, RuntimeError, TimeoutError, ValueError) as error:
        away = f"Temporal does not answer ({type(error).__name__}); is `offramp up` running?"
        raise TemporalAway(away) from error
    if not is_healthy:
        raise TemporalAway("Temporal answers, but does not serve")
    return client


async def temporal_problem(connect: Callable[[], Awaitable[Client]]) -> str:
    """Says why Temporal cannot be used; empty if it answers."""
    try:
        await answering_client(connect)
    except TemporalAway as away:
        return str(away)
    return ""


@dataclass(kw_only=True)
class Readings:
    """Answers `/readyz`. It keeps Temporal's answer for a second, so that many requests cost one call."""

    database: Database
    clock: Clock
    connect: Callable[[], Awaitable[Client]]
    _temporal: tuple[datetime, str] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> list[Readiness]:
        """The readiness of database, relay and Temporal, in the order in which an operator mends them."""
        problems = {"database": self._database(), "relay": self._relay(), "temporal": self._temporal_answer()}
        return [Readiness(name=name, ready=not why, detail=why) for name, why in problems.items()]

    def _database(self) -> str:
        return _answer_problem(self.database.ping)

    def _relay(self) -> str:
        try:
            with self.database.reading() as session:
                return relay_problem(session, now=self.clock())
        except Exception as error:
            return f"the database did not answer ({type(error).__name__})"

    def _temporal_answer(self) -> str:
        with self._turn:
            now = self.clock()
            if self._temporal is None or now - self._temporal[0] > _PATIENCE:
                self._temporal = (now, asyncio.run(temporal_problem(self.connect)))
            return self._temporal[1]


def _answer_problem(ask: Callable[[], None]) -> str:
    try:
        ask()
    except Exception as error:
        return f"the database did not answer ({type(error).__name__})"
    return ""
