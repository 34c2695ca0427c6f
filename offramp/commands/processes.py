"""`offramp api`, `offramp worker`, `offramp migrate`: the processes that `offramp up` runs, one by one."""

import structlog
import typer
import uvicorn

from api.app import create_app
from offramp import logs, worker
from offramp.opening import opened_database, runnable_settings
from offramp.terminal import Exit, note
from offramp.wiring import make_database, make_services
from store import schema

log = structlog.get_logger()

_GRACE_SECONDS = 5


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(api)
    app.command(name="worker")(run_worker)
    app.command()(migrate)


def api() -> None:
    """Serve the pages, until it is stopped.

    Example: `OFFRAMP_API_PORT=8500 offramp api`
    """
    settings = runnable_settings()
    logs.configure(settings.log_format, debug=settings.debug)
    with opened_database(settings):
        services = make_services(settings)
    log.info("api_started", host=settings.api_host, port=settings.api_port)
    uvicorn.run(
        create_app(services),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the pages trust as many proxies as OFFRAMP_TRUSTED_PROXIES says, and no more
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def run_worker() -> None:
    """Run journeys, hand messages on and tell journeys of new facts, until it is stopped.

    Example: `TEMPORAL_ADDRESS=temporal.internal:7233 offramp worker`
    """
    settings = runnable_settings()
    logs.configure(settings.log_format, debug=settings.debug)
    with opened_database(settings):
        pass
    try:
        worker.run(settings)
    except Exception:
        log.exception("worker_failed")
        raise typer.Exit(Exit.NOT_WELL) from None


def migrate() -> None:
    """Bring the database to the revision that this Offramp needs.

    Example: `OFFRAMP_DATABASE_URL=postgresql+psycopg://offramp@db/offramp offramp migrate`
    """
    database = make_database(runnable_settings())
    before = schema.revision(database)
    schema.migrate(database)
    after = schema.revision(database)
    database.close()
    note(
        f"The database is at revision {after}."
        if before == after
        else f"Revision {before or 'none'} → {after}."
    )
