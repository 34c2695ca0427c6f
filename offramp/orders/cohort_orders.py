"""Carries what operators order to the rollouts, and says clearly when nobody is there to take it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client

from domain.ports import Clock
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import Order, Standing
from offramp.views.cohort_portraits import find
from store import Database
from workflows import rollouts

_T = TypeVar("_T")


class NobodyAnswers(Exception):
    """Temporal took an order, and no worker answered it in time."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Who orders, and why."""

    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Orders to rollouts. All raise Refused, RPCError when Temporal is away, and NobodyAnswers."""

    connect: Callable[[], Awaitable[Client]]
    database: Database
    clock: Clock

    def launch(self, cohort: Cohort, operator: Operator) -> str:
        """Launch a cohort; returns its id."""
        return self._run(
            lambda client: rollouts.launch(
                client, self.database, cohort, by=operator.by, reason=operator.reason, now=self.clock()
            )
        )

    def give(self, name: str, order: Order) -> Standing:
        """Give a rollout a command; returns where it stands then."""
        cohort_id = self._cohort_id(name)
        return self._run(
            lambda client: rollouts.command(client, self.database, cohort_id, order, now=self.clock())
        )

    def edit(self, cohort: Cohort, operator: Operator) -> None:
        """Describe the launched cohort of that name anew."""
        cohort_id = self._cohort_id(cohort.name)
        self._run(
            lambda client: rollouts.edit(
                client,
                self.database,
                cohort_id,
                cohort,
                by=operator.by,
                reason=operator.reason,
                now=self.clock(),
            )
        )

    def _cohort_id(self, name: str) -> str:
        with self.database.reading() as session:
            return find(session, name).cohort_id

    def _run(self, order: Callable[[Client], Awaitable[_T]]) -> _T:
        async def ordered() -> _T:
            return await order(await self.connect())

        try:
            return asyncio.run(ordered())
        except TimeoutError:
            raise NobodyAnswers(
                "no worker answered in time; is one running? `offramp cohort status` shows what has become of it"
            ) from None
