"""`offramp journeys start`: wants journeys; the worker starts what is wanted."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import Progress

from domain.presets import PRESETS, STANDARD
from offramp.opening import opened_database, runnable_settings
from offramp.orders.journey_starts import Start, Started
from offramp.relay import readiness
from offramp.views.terminal import Exit, err, fail, note, out, print_json
from offramp.wiring import clock
from store import Database
from store.people import accounts

app = typer.Typer(no_args_is_help=True)


def _known(name: str) -> str:
    if name not in PRESETS:
        raise typer.BadParameter(f"no policy is called {name}; there are {', '.join(PRESETS)}")
    return name


@app.callback()
def journeys() -> None:
    """Journeys, the way of an account from text-message codes to passkeys."""


@app.command()
def start(
    external_ids: Annotated[list[str] | None, typer.Argument(help="Accounts, by the host's ids.")] = None,
    *,
    everyone: Annotated[bool, typer.Option("--all", help="Every account that has no journey.")] = False,
    policy: Annotated[
        str,
        typer.Option(
            help="How people are moved; see `offramp policies`.", metavar="|".join(PRESETS), callback=_known
        ),
    ] = STANDARD.name,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with JSON.")] = False,
) -> None:
    """Start one journey per account; an account that has one keeps it, and its policy.

    Temporal may be away meanwhile: the worker starts journeys when it is back.

    Examples: `offramp journeys start --all --policy gentle`, `offramp journeys start u-1001 u-1002`
    """
    if everyone == bool(external_ids):
        fail("say who: either --all, or the external ids of accounts", Exit.USAGE)
    started = Started()
    with opened_database(runnable_settings()) as database:
        starting = Start(database=database, clock=clock, policy=PRESETS[policy])
        total = len(external_ids) if external_ids else _count(database)
        _watch(starting.everyone(started) if everyone else starting.some(external_ids or [], started), total)
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
        return readiness.relay_problem(session, now=clock())


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
