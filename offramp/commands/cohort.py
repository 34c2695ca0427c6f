"""`offramp cohort`: plans, launches, watches and commands staged cohorts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.live import Live

from domain.rollouts.cohorts import Cohort, InvalidCohort
from domain.rollouts.rollout import Order
from domain.words.cohort_captions import headline
from offramp.opening import opened_database, runnable_settings
from offramp.orders.rollout_orders import RolloutOrders
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


def plan(file: str, *, as_json: bool) -> None:
    """Say what a launch would come to."""
    described = _described(file)
    with opened_database(runnable_settings()) as database, database.reading() as session:
        drawn = cohort_plans.draw(session, described, now=clock())
    if as_json:
        print_json(drawn)
    else:
        out.print(plan_pictures.picture(drawn))


def launch(file: str, *, reason: str, by: str) -> None:
    """Launch a cohort from its description."""
    described = _described(file)
    with _orders() as orders:
        orders.launch(described, by=by, reason=reason)
    out.print(
        f"{described.name} is launched; `offramp cohort status {described.name} --watch` shows how it goes"
    )


def edit(file: str, *, reason: str, by: str) -> None:
    """Describe a launched cohort anew."""
    described = _described(file)
    with _orders() as orders:
        orders.edit(described, by=by, reason=reason)
    out.print(f"{described.name} is described anew")


def longer(span: str) -> timedelta:
    """How much longer to watch a wave; wrong usage if that is no length of time."""
    try:
        return parse_duration(span)
    except ValueError as error:
        fail(f"--by {error}", Exit.USAGE)


def give(name: str, order: Order) -> None:
    """Give a cohort a command, and say where it stands then."""
    with _orders() as orders:
        where = orders.give_named(name, order)
        with orders.database.reading() as session:
            described = cohorts.description(cohort_portraits.find(session, name))
    out.print(f"{name}: {headline(where, described)}", markup=False)


def list_(*, as_json: bool) -> None:
    """List all cohorts."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        found = cohort_portraits.lines(session)
    if as_json:
        print_json(found)
    elif found:
        out.print(cohort_pictures.listing(found))
    else:
        out.print("no cohort has been launched yet")


def status(name: str, *, as_json: bool, watch: bool) -> None:
    """Show where a cohort stands, once or until it is over."""
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
def _orders() -> Iterator[RolloutOrders]:
    settings = runnable_settings()
    with opened_database(settings) as database:
        yield RolloutOrders(connect=lambda: connect(settings), database=database, clock=clock)


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
