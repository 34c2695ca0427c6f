"""`offramp crowd`: plays people with software authenticators against a running development instance."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from domain.host.ceremonies import Ceremonies
from domain.policy import Policy
from domain.presets import PRESETS
from domain.rollouts.cohorts import Cohort
from offramp.clock import clock
from offramp.config.settings import NotConfigured, Settings
from offramp.crowd import gathering, hosts, pictures
from offramp.crowd.addresses import Addresses
from offramp.crowd.counting import LifeReport, Summary
from offramp.crowd.drillers import play_losses
from offramp.crowd.environment import Scenery
from offramp.crowd.instance_checks import require_development, require_instance
from offramp.crowd.patron_lives import lives_at
from offramp.crowd.plan import draw
from offramp.crowd.running import Begin, Crowd
from offramp.opening import opened_database, runnable_settings
from offramp.orders.journey_starts import Start
from offramp.orders.rollout_orders import RolloutOrders
from offramp.views.terminal import Exit, err, out, print_json
from offramp.wiring import connect, make_inbox, make_services
from services.container import Services


def crowd(
    people: int,
    *,
    policy: str,
    cohort: str | None,
    seed: int,
    pace: float,
    host: str | None,
    as_json: bool,
) -> None:
    """Play the stories of this many people, and compare their counts with the database."""
    settings = runnable_settings()
    require_development(settings, at_host=bool(host))
    inbox = make_inbox(settings)
    if inbox is None:
        raise NotConfigured("there is no development inbox to read codes from")
    require_instance(settings, inbox)
    rules = PRESETS[policy]
    with _opened_services(settings) as services, _progress(people) as tell:
        stage = partial(Crowd, services=services, inbox=inbox, tell=tell)
        if host:
            origin = host.rstrip("/")
            summary = _play_at(origin, stage, services, settings, rules, people=people, seed=seed, pace=pace)
        else:
            first_number = gathering.first_number(services.database)
            begin = _starting(services, rules)
            if cohort:
                cohort_of_crowd = gathering.describe(cohort, rules, first=first_number, pace=pace)
                begin = _launching(settings, services, cohort_of_crowd)
            characters = draw(people, seed=seed, first=first_number, pace=pace)
            play = stage(scenery=_scenery(settings, rules), characters=characters)
            summary = asyncio.run(_until_stopped(play.live(begin)))
            if cohort:
                summary = replace(summary, losses=play_losses(services, cohort))
    _answer(summary, as_json=as_json)
    raise typer.Exit(Exit.OK if summary.is_well else Exit.NOT_WELL)


def _play_at(
    host: str,
    stage: Callable[..., Crowd],
    services: Services,
    settings: Settings,
    policy: Policy,
    *,
    people: int,
    seed: int,
    pace: float,
) -> Summary:
    """Play customers of a sample host, the way of this instance, and ask the host's own database in the end, too."""
    way = settings.ceremonies
    play = stage(
        scenery=_scenery(settings, policy, host=host),
        characters=hosts.cast_customers(services.database, host, people, way=way, seed=seed, pace=pace),
        lives=lives_at(host, way),
        bring_in=lambda database, _clock, characters: gathering.find(database, characters),
        hears_within=hosts.TELLS_WITHIN,
    )
    begin = _starting(services, replace(policy, host_confirms=True))
    summary = asyncio.run(_until_stopped(play.live(begin)))
    return replace(summary, at_host=hosts.tally(play.reports, hosts.read_customers(host)))


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


def _scenery(settings: Settings, policy: Policy, *, host: str = "") -> Scenery:
    """Where people's devices run their ceremonies: on Offramp's pages, or on those of an orchestrated host."""
    origin, rp_id = settings.origin, settings.rp_id
    if settings.ceremonies is Ceremonies.ORCHESTRATED:
        origin, rp_id = host, urlsplit(host).hostname or ""
    return Scenery(origin=origin, rp_id=rp_id, policy=policy, addresses=Addresses(settings))


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
