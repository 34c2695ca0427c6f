"""Carries what operators order in the console to the rollouts, in the console's own terms."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from domain.ports import Clock
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import Order, Standing
from offramp.orders.cohort_orders import NobodyAnswers, Operator, Orders
from offramp.relay.readiness import temporal_problem
from services.container import NobodyThere
from store import Database

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class ConsoleOrders:
    """The console's way to the rollouts; nothing is ordered when Temporal is away."""

    connect: Callable[[], Awaitable[Client]]
    database: Database
    clock: Clock

    def launch(self, cohort: Cohort, *, by: str, reason: str) -> str:
        """Launch a cohort; returns its id."""
        return self._ordered(lambda orders: orders.launch(cohort, Operator(by=by, reason=reason)))

    def give(self, name: str, order: Order) -> Standing:
        """Give a cohort's rollout a command; returns where it stands then."""
        return self._ordered(lambda orders: orders.give(name, order))

    def edit(self, cohort: Cohort, *, by: str, reason: str) -> None:
        """Describe the launched cohort of that name anew."""
        self._ordered(lambda orders: orders.edit(cohort, Operator(by=by, reason=reason)))

    def _ordered(self, order: Callable[[Orders], _T]) -> _T:
        # Asked first, because a call on a connection that was never made waits for its whole patience.
        if asyncio.run(temporal_problem(self.connect)):
            raise NobodyThere(
                "Temporal does not answer, so nothing was ordered. Please try again when it does."
            )
        orders = Orders(connect=self.connect, database=self.database, clock=self.clock)
        try:
            return order(orders)
        except (RPCError, NobodyAnswers) as error:
            raise NobodyThere(
                "No worker answered in time. The order may be carried out when one is back: "
                "the log below shows what has become of it."
            ) from error
