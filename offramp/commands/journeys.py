"""`offramp journeys start`: orders journeys, which the worker starts."""

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
    """Order a journey for each of the accounts that has none."""
    if everyone == bool(external_ids):
        fail("say who: either --all, or the external ids of accounts", Exit.USAGE)
    counts = Started()
    with opened_database(runnable_settings()) as database:
        starting = Start(database=database, clock=clock, policy=PRESETS[policy])
        total = len(external_ids) if external_ids else _count(database)
        _watch(starting.everyone(counts) if everyone else starting.some(external_ids, counts), total)
        problem = _relay_problem(database)
    _answer(counts, problem, as_json=as_json)
    raise typer.Exit(Exit.NOT_WELL if counts.unknown else Exit.OK)


def _count(database: Database) -> int:
    with database.reading() as session:
        return accounts.count(session)


def _watch(done_counts: Iterator[int], total: int) -> None:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Starting", total=total)
        for done_count in done_counts:
            progress.update(task, completed=done_count)


def _relay_problem(database: Database) -> str:
    with database.reading() as session:
        return relay_problem(session, now=clock())


def _answer(counts: Started, problem: str, *, as_json: bool) -> None:
    if as_json:
        print_json(counts)
        return
    out.print(
        f"{counts.started} started, {counts.already} had one already, "
        f"{counts.no_phone} cannot take part (no phone number)"
    )
    for external_id in counts.unknown:
        note(f"No account is called {external_id}.")
    if counts.started and problem:
        note(f"They begin as soon as the worker runs: {problem}.")
