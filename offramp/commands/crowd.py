"""`offramp crowd`: plays people with software authenticators against a running development instance."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from domain.policy import Policy
from domain.presets import PRESETS
from domain.rollouts.cohorts import Cohort
from offramp.clock import clock
from offramp.config.settings import NotConfigured, Settings
from offramp.crowd import gathering, pictures
from offramp.crowd.addresses import Addresses
from offramp.crowd.counting import LifeReport, Summary
from offramp.crowd.environment import Scenery
from offramp.crowd.instance_checks import require_development, require_instance
from offramp.crowd.plan import draw
from offramp.crowd.running import Begin, Crowd
from offramp.opening import opened_database, runnable_settings
from offramp.orders.journey_starts import Start
from offramp.orders.rollout_orders import RolloutOrders
from offramp.views.terminal import Exit, err, out, print_json
from offramp.wiring import connect, make_inbox, make_services
from services.container import Services


def crowd(people: int, *, policy: str, cohort: str | None, seed: int, pace: float, as_json: bool) -> None:
    """Play the stories of this many people, and compare their counts with the database."""
    settings = runnable_settings()
    require_development(settings)
    inbox = make_inbox(settings)
    if inbox is None:
        raise NotConfigured("there is no development inbox to read codes from")
    require_instance(settings, inbox)
    rules = PRESETS[policy]
    with _opened_services(settings) as services, _progress(people) as tell:
        first_number = gathering.first_number(services.database)
        begin = _starting(services, rules)
        if cohort:
            cohort_of_crowd = gathering.describe(cohort, rules, first=first_number, pace=pace)
            begin = _launching(settings, services, cohort_of_crowd)
        play = Crowd(
            services=services,
            inbox=inbox,
            scenery=_scenery(settings, rules),
            characters=draw(people, seed=seed, first=first_number, pace=pace),
            tell=tell,
        )
        summary = asyncio.run(_until_stopped(play.live(begin)))
    _answer(summary, as_json=as_json)
    raise typer.Exit(Exit.OK if summary.is_well else Exit.NOT_WELL)


async def _until_stopped(story: Coroutine[Any, Any, Summary]) -> Summary:
    """Play a crowd to its end, or until Ctrl-C. After Ctrl-C the counts are still compared."""
    life = asyncio.ensure_future(story)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, life.cancel)
    return await life


@contextmanager
def _opened_services(settings: Settings) -> Iterator[Services]:
    with opened_database(settings):
        services = make_services(settings)
    try:
        yield services
    finally:
        services.database.close()


def _scenery(settings: Settings, policy: Policy) -> Scenery:
    return Scenery(origin=settings.origin, rp_id=settings.rp_id, policy=policy, addresses=Addresses(settings))


def _starting(services: Services, policy: Policy) -> Begin:
    return partial(gathering.start_all, Start(database=services.database, clock=clock, policy=policy))


def _launching(settings: Settings, services: Services, cohort: Cohort) -> Begin:
    orders = RolloutOrders(connect=lambda: connect(settings), database=services.database, clock=clock)
    return partial(gathering.launch_waves, orders, cohort)


@contextmanager
def _progress(people: int) -> Iterator[Callable[[LifeReport], None]]:
    """Show a bar that counts people whose story has ended; no bar without a terminal."""
    columns = (
        TextColumn("Living"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    ends: Counter[str] = Counter()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=people)

        def tell(report: LifeReport) -> None:
            ends[report.end] += 1
            description = ", ".join(f"{times} {end}" for end, times in sorted(ends.items()))
            progress.update(task, advance=1, description=description)
            if report.trouble:
                progress.console.print(Text(f"{report.external_id}, {report.kind}: {report.trouble}", "red"))

        yield tell


def _answer(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        print_json(summary)
    else:
        out.print(pictures.picture(summary))
