"""`offramp journeys start`: wants journeys; the worker starts what is wanted."""

from collections.abc import Iterator

import typer
from rich.progress import Progress

from domain.presets import PRESETS
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.orders.journey_starts import Start, Started
from offramp.relay.lag import relay_problem
from offramp.views.terminal import Exit, err, fail, note, out, print_json
from store import Database
from store.people import accounts


def start(external_ids: list[str], *, everyone: bool, policy: str, as_json: bool) -> None:
    """Want a journey for each account that has none."""
    if everyone == bool(external_ids):
        fail("say who: either --all, or the external ids of accounts", Exit.USAGE)
    started = Started()
    with opened_database(runnable_settings()) as database:
        starting = Start(database=database, clock=clock, policy=PRESETS[policy])
        total = len(external_ids) if external_ids else _count(database)
        _watch(starting.everyone(started) if everyone else starting.some(external_ids, started), total)
        problem = _relay_problem(database)
    _answer(started, problem, as_json=as_json)
    raise typer.Exit(Exit.NOT_WELL if started.unknown else Exit.OK)


def _count(database: Database) -> int:
    with database.reading() as session:
        return accounts.count(session)


def _watch(seen: Iterator[int], total: int) -> None:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Starting", total=total)
        for count in seen:
            progress.update(task, completed=count)


def _relay_problem(database: Database) -> str:
    with database.reading() as session:
        return relay_problem(session, now=clock())


def _answer(started: Started, problem: str, *, as_json: bool) -> None:
    if as_json:
        print_json(started)
        return
    out.print(
        f"{started.started} started, {started.already} had one already, "
        f"{started.no_phone} cannot take part (no phone number)"
    )
    for external_id in started.unknown:
        note(f"No account is called {external_id}.")
    if started.started and problem:
        note(f"They begin as soon as the worker runs: {problem}.")
