"""Says whether Offramp can do its work: database, clocks, relay and Temporal, each by name."""

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from domain.ports import Clock
from offramp.relay.clocks import clock_problems
from offramp.relay.lag import relay_problem
from offramp.relay.presence import TemporalAway
from services.container import Readiness
from store import Database, Session
from store.engine import small_writes
from store.engine.absences import DatabaseAway

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
    """Answers `/readyz`. It keeps an answer for a second, so that many requests cost one call, and one write."""

    database: Database
    clock: Clock
    connect: Callable[[], Awaitable[Client]]
    _answers: dict[str, tuple[float, str]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> list[Readiness]:
        """The readiness of database, clocks, relay and Temporal, in the order in which an operator mends them."""
        problems = {
            "database": self._kept("database", self._database),
            "clocks": self._clocks(),
            "relay": self._relay(),
            "temporal": self._kept("temporal", self._temporal),
        }
        return [Readiness(name=name, ready=not why, detail=why) for name, why in problems.items()]

    def _database(self) -> str:
        """By a small write: a database that can only be read, or whose disk is full, answers every question."""
        try:
            small_writes.try_one(self.database, "pages", at=self.clock())
        except Exception as error:
            return _in_words(error)
        return ""

    def _clocks(self) -> str:
        return self._read(lambda session: "; ".join(clock_problems(session, now=self.clock())))

    def _relay(self) -> str:
        return self._read(lambda session: relay_problem(session, now=self.clock()))

    def _read(self, problem: Callable[[Session], str]) -> str:
        try:
            with self.database.reading() as session:
                return problem(session)
        except Exception as error:
            return _in_words(error)

    def _temporal(self) -> str:
        return asyncio.run(temporal_problem(self.connect))

    def _kept(self, name: str, ask: Callable[[], str]) -> str:
        with self._turn:
            asked_at, answer = self._answers.get(name, (-math.inf, ""))
            if time.monotonic() - asked_at > _PATIENCE.total_seconds():
                answer = ask()
                self._answers[name] = (time.monotonic(), answer)
            return answer


def _in_words(error: Exception) -> str:
    """What a stranger may read: nothing of what the driver said."""
    return str(error) if isinstance(error, DatabaseAway) else f"it did not answer ({type(error).__name__})"
