"""`offramp api`, `offramp worker`, `offramp metrics`, `offramp migrate`."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage

app = Usage()


@app.command()
def api(
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="How many processes share the work; else what OFFRAMP_API_PROCESSES says."),
    ] = None,
) -> None:
    """Serve the pages, until it is stopped.

    Examples: `OFFRAMP_API_PORT=8500 offramp api`, `offramp api --processes 4`
    """
    from offramp.commands import processes as command

    command.api(processes)


@app.command()
def worker() -> None:
    """Run journeys, hand messages on and tell journeys of new facts, until it is stopped.

    Example: `TEMPORAL_ADDRESS=temporal.internal:7233 offramp worker`
    """
    from offramp.commands import processes as command

    command.run_worker()


@app.command()
def metrics() -> None:
    """Serve the database's figures to Prometheus, until it is stopped. One is enough, however many workers there are.

    Example: `OFFRAMP_METRICS_HOST=10.0.0.5 offramp metrics`
    """
    from offramp.commands import processes as command

    command.serve_figures()


@app.command()
def migrate() -> None:
    """Bring the database to the revision that this Offramp needs.

    Example: `OFFRAMP_DATABASE_URL=postgresql+psycopg://offramp@db/offramp offramp migrate`
    """
    from offramp.commands import migrate as command

    command.migrate()
