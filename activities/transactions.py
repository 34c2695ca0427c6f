"""Runs a piece of database work from an asynchronous activity, in a thread and a transaction of its own."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from activities.refusals import beyond_retrying
from store import Database

_T = TypeVar("_T")


async def in_transaction(database: Database, work: Callable[..., _T], *arguments: Any) -> _T:
    """Call `work(session, *arguments)` and commit. A refusal in it is not retried."""

    def run() -> _T:
        with beyond_retrying(), database.transaction() as session:
            return work(session, *arguments)

    return await asyncio.to_thread(run)
