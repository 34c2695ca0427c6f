"""`offramp cohort launch`, `edit`, and the commands to a rollout."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from domain.rollouts.rollout import Order
from domain.words.cohort_captions import headline
from offramp.clock import clock
from offramp.commands.cohort_descriptions import described
from offramp.opening import opened_database, runnable_settings
from offramp.orders.rollout_orders import RolloutOrders
from offramp.views import cohort_portraits
from offramp.views.terminal import Exit, fail, out
from offramp.wiring import connect
from services.rollouts.durations import parse_duration
from store.rollouts import cohorts


def launch(file: str, *, reason: str, by: str) -> None:
    """Launch a cohort from its description."""
    cohort = described(file)
    with _orders() as orders:
        orders.launch(cohort, by=by, reason=reason)
    out.print(f"{cohort.name} is launched; `offramp cohort status {cohort.name} --watch` shows how it goes")


def edit(file: str, *, reason: str, by: str) -> None:
    """Change the description of a launched cohort."""
    cohort = described(file)
    with _orders() as orders:
        orders.edit(cohort, by=by, reason=reason)
    out.print(f"{cohort.name} is described anew")


def longer(span: str) -> timedelta:
    """The length of time in `span`. Ends the command as wrong usage if `span` is not a length of time."""
    try:
        return parse_duration(span)
    except ValueError as error:
        fail(f"--by {error}", Exit.USAGE)


def give(name: str, order: Order) -> None:
    """Give a cohort's rollout a command, and print its new standing."""
    with _orders() as orders:
        where = orders.give_named(name, order)
        with orders.database.reading() as session:
            cohort = cohorts.description(cohort_portraits.get_by_name(session, name))
    out.print(f"{name}: {headline(where, cohort)}", markup=False)


@contextmanager
def _orders() -> Iterator[RolloutOrders]:
    settings = runnable_settings()
    with opened_database(settings) as database:
        yield RolloutOrders(connect=lambda: connect(settings), database=database, clock=clock)
