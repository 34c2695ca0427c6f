"""`offramp api --processes N`: several processes at one port, counted as one, of which none outlives its parent."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from offramp.metrics.exporting import MetricsSource
from tests.dashboards.prometheus import free_block
from tests.journeys.site import free_port
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

PATIENCE = 250
ASKED = 12


@dataclass
class SideBySide:
    """The process that was started, and where it and its children answer."""

    parent: psutil.Process
    port: int
    metrics_port: int

    def answers(self) -> bool:
        """Whether somebody answers at the port."""
        try:
            return self.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str) -> httpx.Response:
        """Ask on a connection of its own."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE)

    def counted(self, route: str) -> float:
        """How many answers of a route the metrics count."""
        text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=PATIENCE).text
        pattern = rf'^offramp_http_request_duration_seconds_count\{{[^}}]*route="{route}"[^}}]*\}} (\S+)$'
        return sum(float(value) for value in re.findall(pattern, text, re.MULTILINE))

    def servers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return [child for child in self.parent.children() if _serves(child)]


def _serves(child: psutil.Process) -> bool:
    """Whether it is none of the library's helpers, nor dead."""
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def side_by_side(tmp_path: Path) -> Iterator[SideBySide]:
    port, first_metrics_port = free_port(), free_block()
    settings = {
        "OFFRAMP_HOME": str(tmp_path / "home"),
        "OFFRAMP_API_PORT": str(port),
        "OFFRAMP_METRICS_PORT": str(first_metrics_port),
        "OFFRAMP_API_PROCESSES": "2",
    }
    command = [sys.executable, "-m", "offramp", "api"]
    with (tmp_path / "log").open("wb") as log:
        process = psutil.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    made = SideBySide(parent=process, port=port, metrics_port=first_metrics_port + MetricsSource.PAGES)
    try:
        wait_until(made.answers, lambda: (tmp_path / "log").read_text(), within=PATIENCE)
        yield made
    finally:
        everybody = [process, *made.servers()] if process.is_running() else []
        for one in reversed(everybody):
            one.kill()
        psutil.wait_procs(everybody, timeout=PATIENCE)


def test_they_are_counted_as_one_replaced_when_they_die_and_gone_with_their_parent(
    side_by_side: SideBySide,
) -> None:
    _assert_metrics_count_what_all_of_them_answer(side_by_side)
    _assert_one_that_is_killed_is_replaced(side_by_side)
    _assert_nobody_keeps_the_port_without_the_parent(side_by_side)


def _assert_metrics_count_what_all_of_them_answer(side_by_side: SideBySide) -> None:
    before = side_by_side.counted("/sign-in")
    assert {side_by_side.get("/sign-in").status_code for _ in range(ASKED)} == {200}
    assert side_by_side.counted("/sign-in") - before == ASKED
    assert len(side_by_side.servers()) == 2


def _assert_one_that_is_killed_is_replaced(side_by_side: SideBySide) -> None:
    [first, second] = side_by_side.servers()
    first.kill()
    wait_until(
        lambda: len({server.pid for server in side_by_side.servers()} - {first.pid, second.pid}) == 1,
        "another process takes its place",
        within=PATIENCE,
    )
    assert side_by_side.answers()


def _assert_nobody_keeps_the_port_without_the_parent(side_by_side: SideBySide) -> None:
    servers = side_by_side.servers()
    side_by_side.parent.kill()
    _, alive = psutil.wait_procs(servers, timeout=PATIENCE)
    assert alive == []
    assert not side_by_side.answers()
