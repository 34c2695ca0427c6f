"""`offramp api`, `offramp worker`, `offramp metrics`: the processes that `offramp up` runs, one by one."""

import signal
import threading

import structlog
import typer
import uvicorn

from api.app import create_app
from api.web.request_logs import RequestLogs
from offramp import worker
from offramp.config import logs, tracing
from offramp.config.private_files import keep_private
from offramp.config.settings import NotConfigured
from offramp.config.tracing import TracedApp
from offramp.metrics import exporting
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.measuring import MeasuredApp
from offramp.metrics.snapshots import Snapshot
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit
from offramp.wiring import make_services, make_snapshot

log = structlog.get_logger()

_GRACE_SECONDS = 5


def api() -> None:
    """Serve the pages."""
    settings = runnable_settings()
    keep_private(settings)
    logs.configure(settings.log_format, debug=settings.debug)
    with opened_database(settings):
        services = make_services(settings)
    tracing.configure(settings, "api")
    log.info("api_started", host=settings.api_host, port=settings.api_port)
    with exporting.served(settings, MetricsSource.PAGES):
        uvicorn.run(
            MeasuredApp(TracedApp(RequestLogs(create_app(services)))),
            host=settings.api_host,
            port=settings.api_port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the pages trust as many proxies as OFFRAMP_TRUSTED_PROXIES says, and no more
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    tracing.flush()


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
        with exporting.served(settings, MetricsSource.DATABASE, snapshot):
            log.info("metrics_started", host=settings.metrics_host, port=settings.metrics_port)
            _read_until_stopped(snapshot)


def _read_until_stopped(snapshot: Snapshot) -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    snapshot.start()
    stopped.wait()
    snapshot.stop()
