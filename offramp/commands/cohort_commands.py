"""`offramp cohort launch`, `edit`, and the commands to a rollout."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.end_moves import require_launchable
from domain.rollouts.rollout import Order
from domain.words.cohort_captions import headline
from offramp.clock import clock
from offramp.commands.cohort_descriptions import description_of
from offramp.opening import opened_database, runnable_settings
from offramp.orders.rollout_orders import RolloutOrders
from offramp.views.terminal import Exit, fail, out
from offramp.wiring import connect
from services.rollouts import cohort_portraits, described_cohorts
from services.rollouts.durations import parse_duration
from store import Database
from store.rollouts import cohorts


def launch(file: str, *, reason: str, by: str) -> None:
    """Launch a cohort from its description."""
    description = description_of(file)
    with opened_orders() as orders:
        cohort = _cohort(orders.database, description)
        require_launchable(cohort, now=clock())
        orders.launch(cohort, by=by, reason=reason)
    out.print(f"{cohort.name} is launched; `offramp cohort status {cohort.name} --watch` shows how it goes")


def edit(file: str, *, reason: str, by: str, seen: int | None) -> None:
    """Change the description of a launched cohort, if it still stands at the version that was looked at."""
    description = description_of(file)
    with opened_orders() as orders:
        cohort = _cohort(orders.database, description)
        cohort_id, version = _seen(orders.database, cohort.name)
        described_anew = Edit(cohort=cohort, by=by, reason=reason, seen=seen or version)
        where = orders.edit(cohort_id, described_anew)
    out.print(f"{cohort.name} is edited: {headline(where, cohort)}", markup=False)


def _cohort(database: Database, description: str) -> Cohort:
    with database.reading() as session:
        return described_cohorts.read(session, description, now=clock())


def longer(span: str) -> timedelta:
    """The length of time in `span`. Ends the command as wrong usage if `span` is not a length of time."""
    try:
        return parse_duration(span)
    except ValueError as error:
        fail(f"--by {error}", Exit.USAGE)


def give(name: str, order: Order) -> None:
    """Give a cohort's rollout a command, and print its new standing.

    The order names the version of the standing that it was decided on: by its author, or the one of this moment.
    """
    with opened_orders() as orders:
        cohort_id, version = _seen(orders.database, name)
        where = orders.give(cohort_id, replace(order, seen=order.seen or version))
        with orders.database.reading() as session:
            cohort = cohorts.description(cohorts.get(session, cohort_id))
    out.print(f"{name}: {headline(where, cohort)}", markup=False)


def _seen(database: Database, name: str) -> tuple[str, int]:
    """The cohort's id, and the version of its standing."""
    with database.reading() as session:
        row = cohort_portraits.get_by_name(session, name)
        return row.cohort_id, cohorts.standing(row).version


@contextmanager
def opened_orders() -> Iterator[RolloutOrders]:
    """The way to the rollouts, and the database, until the end of the block."""
    settings = runnable_settings()
    with opened_database(settings) as database:
        yield RolloutOrders(connect=lambda: connect(settings), database=database, clock=clock)
