"""`offramp up`: runs everything on this machine: Temporal, the database's migrations, the pages and the worker."""

import asyncio
import contextlib
import shutil
import signal
import sys
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

from rich.panel import Panel
from rich.text import Text

from offramp.config.private_files import keep_private
from offramp.config.settings import Settings
from offramp.metrics.exporting import PURPOSES, MetricsSource, port
from offramp.opening import opened_database, runnable_settings
from offramp.up.children import Child, Supervisor
from offramp.up.embedded import temporal_child
from offramp.up.ports import Port, port_problems
from offramp.up.process_records import AlreadyRunning, ProcessRecord, only_one
from offramp.up.sample_hosts import SampleHost, sample_host
from offramp.views.terminal import Exit, fail, out
from offramp.wiring import names_a_temporal_server, secret_ring

_COLOURS = {
    "up": "bold",
    "temporal": "magenta",
    "api": "cyan",
    "worker": "green",
    "metrics": "yellow",
    "host": "blue",
}
_READY_WITHIN = timedelta(seconds=90)
_LOOK_EVERY = timedelta(milliseconds=300)


def up(host_folder: Path | None = None) -> None:
    """Run everything until Ctrl-C, with the sample host of a folder if one is named. Raises NotConfigured."""
    host = sample_host(host_folder) if host_folder else None
    settings = runnable_settings()
    keep_private(settings)
    try:
        with only_one(settings.home):
            _clear_the_way(settings, host)
            asyncio.run(_run(settings, host))
    except AlreadyRunning as error:
        fail(str(error), Exit.NOT_WELL)
    _say("up", "Stopped. Everything is kept in " + str(settings.home))


def _clear_the_way(settings: Settings, host: SampleHost | None) -> None:
    leftovers = _record(settings).stop_leftovers()
    if leftovers:
        _say("up", f"Stopped what the last run had left behind: {', '.join(leftovers)}")
    if problems := port_problems([*_ports(settings), *([host.port()] if host else [])]):
        fail("\n".join(problems), Exit.USAGE)
    secret_ring(settings)  # made here, so that the children do not make it at the same time
    with opened_database(settings):
        _say("up", "The database is at its newest revision")


async def _run(settings: Settings, host: SampleHost | None) -> None:
    children = [*_children(settings), *([host.child(settings)] if host else [])]
    supervisor = Supervisor(children, record=_record(settings), say=_say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    welcome = asyncio.create_task(_welcome(settings, host))
    try:
        await supervisor.run()
    finally:
        welcome.cancel()


def _children(settings: Settings) -> list[Child]:
    own = {"OFFRAMP_LOG_FORMAT": str(settings.log_format), "PYTHONUNBUFFERED": "1"}
    if out.is_terminal and not out.no_color:
        own["FORCE_COLOR"] = "1"
    offramp = (sys.executable, "-m", "offramp")
    children = [
        Child(name="api", command=(*offramp, "api"), environment=own),
        Child(name="worker", command=(*offramp, "worker"), environment=own),
    ]
    if settings.metrics_port:
        children.append(Child(name="metrics", command=(*offramp, "metrics"), environment=own))
    if names_a_temporal_server() is None:
        children.insert(0, temporal_child(settings))
    return children


def _ports(settings: Settings) -> list[Port]:
    ports = [
        Port(host=settings.api_host, number=settings.api_port, purpose="pages", setting="OFFRAMP_API_PORT")
    ]
    if names_a_temporal_server() is None:
        local = "127.0.0.1"
        ports += [
            Port(
                host=local, number=settings.temporal_port, purpose="Temporal", setting="OFFRAMP_TEMPORAL_PORT"
            ),
            Port(
                host=local,
                number=settings.temporal_ui_port,
                purpose="Temporal's pages",
                setting="OFFRAMP_TEMPORAL_UI_PORT",
            ),
        ]
    return ports + _metrics_ports(settings)


def _metrics_ports(settings: Settings) -> list[Port]:
    own_temporal = names_a_temporal_server() is None
    sources = [
        source for source in MetricsSource if source is not MetricsSource.TEMPORAL_SERVER or own_temporal
    ]
    return [
        Port(
            host=settings.metrics_host if source is not MetricsSource.TEMPORAL_SERVER else "127.0.0.1",
            number=number,
            purpose=PURPOSES[source],
            setting="OFFRAMP_METRICS_PORT",
            offset=source,
        )
        for source in sources
        if (number := port(settings, source))
    ]


async def _welcome(settings: Settings, sample: SampleHost | None) -> None:
    """Show the addresses as soon as all is ready; say that it is not ready after `_READY_WITHIN`."""
    host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
    address = f"http://{host}:{settings.api_port}/readyz"
    loop = asyncio.get_running_loop()
    patience_ends = loop.time() + _READY_WITHIN.total_seconds()
    while not await asyncio.to_thread(_is_ready, address):
        if loop.time() > patience_ends:
            _say("up", f"Still not ready; {address} says why, and `offramp doctor` says more")
            patience_ends = float("inf")
        await asyncio.sleep(_LOOK_EVERY.total_seconds())
    out.print(
        Panel(_directions(settings, sample), title="Offramp is ready", title_align="left", expand=False)
    )


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _directions(settings: Settings, host: SampleHost | None) -> str:
    lines = [f"Sample host   {host.address}"] if host else []
    lines += [f"Pages         {settings.origin}/sign-in"]
    if settings.is_development and settings.uses_inbox:
        lines.append(f"Inbox         {settings.origin}/dev/inbox")
    if names_a_temporal_server() is None:
        lines.append(f"Temporal      http://localhost:{settings.temporal_ui_port}")
    if settings.metrics_port:
        lines.append(f"Metrics       http://{settings.metrics_host}:{settings.metrics_port}/metrics")
    return "\n".join(
        [*lines, "", "Try it, in another terminal:", *(f"  {line}" for line in _first_steps(host))]
    )


def _first_steps(host: SampleHost | None) -> list[str]:
    offramp = "offramp" if shutil.which("offramp") else ".venv/bin/offramp"
    if host:
        return [
            f"{Path(offramp).with_name('python')} -m {host.module}.populate",
            f'{offramp} cohort launch examples/shop/cohort.toml --reason "the first customers"',
            f"{offramp} account show c-1 --watch",
        ]
    return [
        f"{offramp} accounts import docs/sample-accounts.csv",
        f"{offramp} journeys start --all --policy fast",
        f"{offramp} account show ada --watch",
    ]


def _record(settings: Settings) -> ProcessRecord:
    return ProcessRecord(settings.home / "up.json")


def _say(name: str, line: str) -> None:
    prefix = Text(f"{name:<8} │ ", style=_COLOURS.get(name, ""))
    # The terminal may be closed already, but the children still have to be stopped.
    with contextlib.suppress(OSError):
        out.print(prefix + Text.from_ansi(line), soft_wrap=True)
