"""Looks every minute whether the host's list is due, where its address is set."""

import asyncio
from datetime import timedelta
from functools import partial
from threading import Event

import structlog

from domain.ports import Clock
from offramp.config.settings import Settings
from providers.host_lists import opened_list
from services.host.nightly_comparing import NightlyComparison
from store import Database
from store.engine.absences import DatabaseAway

log = structlog.get_logger()

LOOK_EVERY = timedelta(minutes=1)


async def compare_nightly(settings: Settings, database: Database, *, clock: Clock) -> None:
    """Compare each night, until cancelled; at once if it never was. An error is logged, and the next look follows."""
    if not settings.host_list_url:
        return
    stopping = Event()
    nightly = NightlyComparison(
        database=database,
        clock=clock,
        address=settings.host_list_url,
        open_list=partial(opened_list, settings.host_list_url, token=settings.host_list_token),
        is_stopping=stopping.is_set,
    )
    try:
        while True:
            try:
                await asyncio.to_thread(nightly.do_if_due)
            except DatabaseAway:
                pass  # the log has it already
            except Exception:
                log.exception("host_list_not_compared")
            await asyncio.sleep(LOOK_EVERY.total_seconds())
    finally:
        stopping.set()
