"""`offramp api`, `offramp worker`, `offramp metrics`: the processes that `offramp up` runs, one by one."""

import atexit
import signal
import threading
from contextlib import AbstractContextManager, ExitStack

import structlog
import typer
from starlette.types import ASGIApp

from api.app import create_app
from api.web.request_logs import RequestLogs
from offramp import serving, worker
from offramp.clock import clock
from offramp.config import logs, tracing
from offramp.config.private_files import keep_private
from offramp.config.settings import NotConfigured
from offramp.config.tracing import TracedApp
from offramp.heart import beating
from offramp.metrics import exporting
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.measuring import MeasuredApp
from offramp.metrics.snapshots import Snapshot
from offramp.opening import opened_database, runnable_settings
from offramp.relay.database_news import by_writing, follow, news_of
from offramp.views.terminal import Exit
from offramp.wiring import make_services, make_snapshot
from providers import platforms
from services.container import Services
from store.engine.absences import DatabaseAway
from store.engine.heartbeats import ProcessKind

log = structlog.get_logger()


def api(processes: int | None) -> None:
    """Serve the pages, by one process or by several side by side."""
    settings = runnable_settings()
    keep_private(settings)
    logs.configure(settings.log_format, debug=settings.debug)
    with opened_database(settings):
        services = make_services(settings)
    tracing.configure(settings, "api")
    count = processes or settings.api_processes
    log.info("api_started", host=settings.api_host, port=settings.api_port, processes=count)
    if count == 1:
        with exporting.served(settings, MetricsSource.PAGES), _beating(services):
            serving.serve(_watched(services), host=settings.api_host, port=settings.api_port)
    else:
        with exporting.gathered(settings, MetricsSource.PAGES):
            serving.serve_side_by_side(
                f"{__name__}:{one_of_several.__name__}",
                processes=count,
                host=settings.api_host,
                port=settings.api_port,
            )
    tracing.flush()


def one_of_several() -> ASGIApp:
    """The application of one process among several that serve the pages. The one that started it serves its metrics."""
    serving.end_with_parent()
    settings = runnable_settings()
    logs.configure(settings.log_format, debug=settings.debug)
    tracing.configure(settings, "api")
    try:
        with opened_database(settings):
            services = make_services(settings)
    except DatabaseAway as absence:
        log.warning("api_not_started", reason=str(absence))
        raise SystemExit(Exit.NOT_WELL) from None  # another one is started in its place; by 3, none would be
    for_life = ExitStack()
    for_life.enter_context(_beating(services))
    atexit.register(for_life.close)
    return _watched(services)


def _beating(services: Services) -> AbstractContextManager[None]:
    return beating(services.database, ProcessKind.API, clock)


def _watched(services: Services) -> ASGIApp:
    follow(services.database, by_writing(services.database, "pages"))
    app = MeasuredApp(TracedApp(RequestLogs(create_app(services))))
    platforms.read_patterns()
    serving.spare_collections()
    return app


def run_worker() -> None:
    """Run journeys and the relay."""
    settings = runnable_settings()
    keep_private(settings)
    logs.configure(settings.log_format, debug=settings.debug)
    with opened_database(settings):
        pass
    tracing.configure(settings, "worker")
    try:
        worker.run(settings)
    except Exception:
        log.exception("worker_failed")
        raise typer.Exit(Exit.NOT_WELL) from None


def serve_figures() -> None:
    """Serve the database's figures to Prometheus."""
    settings = runnable_settings()
    keep_private(settings)
    logs.configure(settings.log_format, debug=settings.debug)
    if exporting.port(settings, MetricsSource.DATABASE) is None:
        raise NotConfigured("OFFRAMP_METRICS_PORT is 0, so there is nowhere to serve them")
    with opened_database(settings) as database:
        snapshot = make_snapshot(settings, database)
        with (
            exporting.served(settings, MetricsSource.DATABASE, snapshot),
            # It reads figures, perhaps from a replica, where no sign of life can be left.
            news_of(database, database.ping),
            beating(database, ProcessKind.METRICS, clock),
        ):
            log.info("metrics_started", host=settings.metrics_host, port=settings.metrics_port)
            _read_until_stopped(snapshot)


def _read_until_stopped(snapshot: Snapshot) -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    snapshot.start()
    stopped.wait()
    snapshot.stop()
