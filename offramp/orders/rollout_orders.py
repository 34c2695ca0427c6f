"""Carries operators' orders to rollouts, from the console and from the command line."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from domain.ports import Clock
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Order, Standing
from offramp.relay.presence import TemporalAway
from offramp.relay.readiness import answering_client
from services.container import NobodyThere
from store import Database
from workflows import rollouts

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class RolloutOrders:
    """Orders to rollouts, each over a connection of its own.

    All methods raise Refused and NobodyThere. The cohort's log keeps a command that its rollout has refused.
    """

    connect: Callable[[], Awaitable[Client]]
    database: Database
    clock: Clock

    def launch(self, cohort: Cohort, *, by: str, reason: str) -> str:
        """Launch a cohort; returns its id."""
        return self._ordered(
            lambda client: rollouts.launch(
                client, self.database, cohort, by=by, reason=reason, now=self.clock()
            )
        )

    def give(self, cohort_id: str, order: Order) -> Standing:
        """Give a cohort's rollout a command; returns the rollout's new standing."""
        return self._ordered(
            lambda client: rollouts.command(client, self.database, cohort_id, order, now=self.clock())
        )

    def edit(self, cohort_id: str, edit: Edit) -> Standing:
        """Change the description of a launched cohort; returns the rollout's new standing."""
        return self._ordered(
            lambda client: rollouts.edit(client, self.database, cohort_id, edit, now=self.clock())
        )

    def _ordered(self, order: Callable[[Client], Awaitable[_T]]) -> _T:
        return asyncio.run(self._over_one_connection(order))

    async def _over_one_connection(self, order: Callable[[Client], Awaitable[_T]]) -> _T:
        try:
            # Checked first, because a call to an absent server would wait for its whole timeout.
            client = await answering_client(self.connect)
        except TemporalAway as away:
            raise NobodyThere(str(away), is_taken=False) from away
        try:
            return await order(client)
        except TimeoutError as error:
            raise NobodyThere(
                "no worker answered in time; is one running? `offramp cohort status` shows what has become of it",
                is_taken=True,
            ) from error
        except RPCError as error:
            problem = f"Temporal does not answer: {error.message}. Is `offramp up` running?"
            raise NobodyThere(problem, is_taken=True) from error
