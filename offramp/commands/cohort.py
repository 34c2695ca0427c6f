"""`offramp cohort`: plans, launches, watches and commands staged cohorts."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live

from domain.rollouts.cohorts import Cohort, InvalidCohort
from domain.rollouts.rollout import Command, Order
from domain.words.cohort_captions import headline
from offramp.opening import opened_database, runnable_settings
from offramp.orders.cohort_orders import Operator, Orders, os_user
from offramp.relay.readiness import temporal_problem
from offramp.views import cohort_pictures, cohort_portraits, plan_pictures
from offramp.views.cohort_portraits import CohortPortrait
from offramp.views.terminal import Exit, fail, out, print_json
from offramp.wiring import clock, connect
from services.rollouts import cohort_plans
from services.rollouts.cohort_files import parse
from services.rollouts.durations import parse_duration
from store import Database
from store.rollouts import cohorts

_LOOK_AGAIN_SECONDS = 1.0
_FEW = 12
_LARGEST_FILE = 1 << 20
_STANDARD_INPUT = "-"

app = typer.Typer(no_args_is_help=True)


def _said(reason: str) -> str:
    if not reason.strip():
        raise typer.BadParameter("say why; it goes into the cohort's journal")
    return reason.strip()


Name = Annotated[str, typer.Argument(help="The cohort's name.")]
File = Annotated[str, typer.Argument(help="Its description in TOML; - reads standard input.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=_said)]
By = Annotated[
    str,
    typer.Option(
        "--by",
        "--who",
        help="Who, if not the user of this machine.",
        show_default=False,
        default_factory=os_user,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


@app.callback()
def cohort() -> None:
    """Cohorts: people who are moved together, in waves that guardrails watch."""


@app.command()
def plan(file: File, *, as_json: AsJson = False) -> None:
    """Say what a launch would come to, and change nothing: people, waves, messages a day, times, overlaps.

    Example: `offramp cohort plan cohort.toml`
    """
    described = _described(file)
    with opened_database(runnable_settings()) as database, database.reading() as session:
        drawn = cohort_plans.draw(session, described, now=clock())
    if as_json:
        print_json(drawn)
    else:
        out.print(plan_pictures.picture(drawn))


@app.command()
def launch(file: File, *, reason: Reason, by: By) -> None:
    """Launch a cohort: its members are written down, and its first wave begins.

    Example: `offramp cohort launch cohort.toml --reason "first one percent"`
    """
    described = _described(file)
    with _orders() as orders:
        orders.launch(described, Operator(by=by, reason=reason))
    out.print(
        f"{described.name} is launched; `offramp cohort status {described.name} --watch` shows how it goes"
    )


@app.command()
def edit(file: File, *, reason: Reason, by: By) -> None:
    """Describe a launched cohort anew: policy, waves, pace, windows, guardrails. Who is in it stays.

    Example: `offramp cohort edit cohort.toml --reason "slower"`
    """
    described = _described(file)
    with _orders() as orders:
        orders.edit(described, Operator(by=by, reason=reason))
    out.print(f"{described.name} is described anew")


@app.command()
def pause(name: Name, *, reason: Reason, by: By) -> None:
    """Stop starting and nudging people, until resume.

    Example: `offramp cohort pause spring --reason "the help desk is full"`
    """
    _give(name, Order(command=Command.PAUSE, by=by, reason=reason))


@app.command()
def resume(name: Name, *, reason: Reason, by: By) -> None:
    """Go on after a pause, from where it was.

    Example: `offramp cohort resume spring --reason "the help desk is back"`
    """
    _give(name, Order(command=Command.RESUME, by=by, reason=reason))


@app.command()
def advance(name: Name, *, reason: Reason, by: By) -> None:
    """Begin the next wave now, whatever the guardrails say.

    Example: `offramp cohort advance spring --reason "looked at every case by hand"`
    """
    _give(name, Order(command=Command.ADVANCE, by=by, reason=reason))


@app.command()
def abort(name: Name, *, reason: Reason, by: By) -> None:
    """End the rollout: no more is asked of anybody, passkeys stay, SMS is restored where it was unproven since.

    Example: `offramp cohort abort spring --reason "a new sign-in comes first"`
    """
    _give(name, Order(command=Command.ABORT, by=by, reason=reason))


@app.command()
def rollback(name: Name, *, reason: Reason, by: By) -> None:
    """End the rollout, and restore SMS to everyone of the wave who is still in probation.

    Example: `offramp cohort rollback spring --reason "too many lock-outs"`
    """
    _give(name, Order(command=Command.ROLLBACK, by=by, reason=reason))


@app.command()
def extend(
    name: Name,
    *,
    span: Annotated[str, typer.Option("--by", help='How much longer, like "2 days".')],
    reason: Reason,
    who: Annotated[
        str,
        typer.Option(
            "--who", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
        ),
    ],
) -> None:
    """Watch the wave for longer before the next.

    Example: `offramp cohort extend spring --by "2 days" --reason "a holiday in between"`
    """
    try:
        longer = parse_duration(span)
    except ValueError as error:
        fail(f"--by {error}", Exit.USAGE)
    _give(name, Order(command=Command.EXTEND, by=who, reason=reason, extend_by=longer))


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """List all cohorts, the newest first.

    Example: `offramp cohort list`
    """
    with opened_database(runnable_settings()) as database, database.reading() as session:
        found = cohort_portraits.lines(session)
    if as_json:
        print_json(found)
    elif found:
        out.print(cohort_pictures.listing(found))
    else:
        out.print("no cohort has been launched yet")


@app.command()
def status(
    name: Name,
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until it is over.")] = False,
) -> None:
    """Show where a cohort stands: waves, rates, guardrails with their samples, what it waits for, who did what.

    Examples: `offramp cohort status spring --watch`, `offramp cohort status spring --json | jq .standing`
    """
    with opened_database(runnable_settings()) as database:
        if as_json:
            print_json(_portrait(database, name))
        elif watch:
            _watch(database, name)
        else:
            out.print(cohort_pictures.picture(_portrait(database, name)))


def _described(file: str) -> Cohort:
    try:
        return parse(_content(file))
    except InvalidCohort as invalid:
        mistakes = [f"  {place}: {problem}" for place, problem in invalid.problems]
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        fail("\n".join([f"{file} describes no cohort, for {count}:", *mistakes]), Exit.USAGE)


def _content(file: str) -> str:
    try:
        if file == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_LARGEST_FILE + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            fail(f"{file} is larger than 1 MiB", Exit.USAGE)
        return content.decode("utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", Exit.USAGE)
    except UnicodeDecodeError as error:
        fail(f"{file} is not UTF-8 (byte {error.start + 1})", Exit.USAGE)


@contextmanager
def _orders() -> Iterator[Orders]:
    settings = runnable_settings()
    with opened_database(settings) as database:
        if problem := asyncio.run(temporal_problem(lambda: connect(settings))):
            fail(problem, Exit.UNREACHABLE)
        yield Orders(connect=lambda: connect(settings), database=database, clock=clock)


def _give(name: str, order: Order) -> None:
    with _orders() as orders:
        where = orders.give(name, order)
        with orders.database.reading() as session:
            described = cohorts.description(cohort_portraits.find(session, name))
    out.print(f"{name}: {headline(where, described)}", markup=False)


def _portrait(database: Database, name: str) -> CohortPortrait:
    with database.reading() as session:
        return cohort_portraits.draw(session, name, now=clock())


def _watch(database: Database, name: str) -> None:
    portrait = _portrait(database, name)
    with Live(
        cohort_pictures.picture(portrait, few=_FEW),
        console=out,
        auto_refresh=False,
        vertical_overflow="visible",
    ) as live:
        while not portrait.is_over:
            time.sleep(_LOOK_AGAIN_SECONDS)
            portrait = _portrait(database, name)
            live.update(cohort_pictures.picture(portrait, few=_FEW), refresh=True)
