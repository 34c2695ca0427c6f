"""Debian's Prometheus, a running Offramp and everything that can happen: every query that is asked returns numbers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.messages.messages import Queue
from tests.dashboards.asked import Asked, everything
from tests.dashboards.lives import Lives
from tests.dashboards.prometheus import MISSING, PROMETHEUS, Prometheus, free_block, watching
from tests.journeys.site import LONG_NOTICE, Site, make_site
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(240),
    pytest.mark.skipif(PROMETHEUS is None, reason=MISSING),
]

EVENTS = {
    "alert OfframpFiguresMissing": "`offramp metrics` is killed: what is missing cannot be known to be there",
}
"""Queries that return data only after something that this test does at its end, one by one."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """`offramp up` with its metrics, for a host whose list cannot be had: how old that list is, is asked for."""
    made = make_site(tmp_path / "home", settings={"OFFRAMP_HOST_LIST_URL": "http://127.0.0.1:9/accounts"})
    made.metrics_port = free_block()
    try:
        made.up()
        yield made
    finally:
        made.stop()


def visit(site: Site) -> None:
    """Ask for some pages, and for one that is not there."""
    for path in ("/sign-in", "/static/offramp.css", "/nowhere"):
        site.answers(path)


async def start_what_no_worker_knows(site: Site) -> None:
    """As after a deployment that was put back: its workflow tasks fail, again and again."""
    client = await Client.connect(f"127.0.0.1:{site.temporal_port}")
    await client.start_workflow("FromTheFuture", id="from-the-future", task_queue=Queue.JOURNEYS)


def test_every_query_returns_numbers(site: Site, tmp_path: Path) -> None:
    lives = Lives(site.database)
    lives.begin()
    with watching(site.metrics_port, tmp_path / "prometheus") as prometheus:
        wait_until(
            lambda: set(prometheus.targets().values()) == {"up"},
            lambda: f"all are scraped: {prometheus.targets()}",
            within=150,
        )
        asyncio.run(start_what_no_worker_knows(site))
        pending = [query for query in everything() if query.place not in EVENTS]
        wait_until(lambda: not _still(pending, prometheus, site, lives), lambda: _told(pending), within=150)
        site.kill("metrics")
        for query in everything():
            if query.place in EVENTS:
                wait_until(lambda query=query: prometheus.knows(query.expression), query.place)  # type: ignore[misc]


def _still(pending: list[Asked], prometheus: Prometheus, site: Site, lives: Lives) -> list[Asked]:
    lives.go_on()
    visit(site)
    site.begin_journey(LONG_NOTICE)
    pending[:] = [query for query in pending if not prometheus.knows(query.expression)]
    return pending


def _told(pending: list[Asked]) -> str:
    return "".join(f"\n{query.place}: {query.expression}" for query in pending)
