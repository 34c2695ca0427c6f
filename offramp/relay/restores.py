"""Tells journeys and rollouts of a restored database, as soon as a worker and Temporal are there."""

import asyncio
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from domain.ports import Clock
from store import Database
from store.engine.absences import DatabaseAway
from workflows import reconciling, restoring

log = structlog.get_logger()

TRIES_EVERY = timedelta(seconds=5)


async def tell(client: Client, database: Database, clock: Clock) -> None:
    """Tell everybody of the present epoch, unless that is done; whatever goes wrong is tried again."""
    while True:
        try:
            epoch = await asyncio.to_thread(reconciling.untold, database)
            if epoch is None:
                return
            reconciled = await restoring.tell_everybody(client, database, epoch, now=clock())
        except DatabaseAway:
            pass  # the log has it already
        except RPCError as error:
            log.warning("restore_not_told", reason=str(error))
        except Exception:
            log.exception("restore_not_told")
        else:
            log.info(
                "restore_told",
                epoch=epoch,
                journeys=reconciled.running,
                ended=reconciled.ended,
                rollouts=reconciled.rollouts,
            )
            continue
        await asyncio.sleep(TRIES_EVERY.total_seconds())
