"""Debian's Prometheus on loopback, scraping a site and judging by the rules that Offramp ships."""

import json
import random
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import yaml

from tests.dashboards.asked import DASHBOARDS
from tests.journeys.site import free_port
from tests.waiting import wait_until

PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
MISSING = "Prometheus is not installed: apt-get install prometheus"

_BLOCK = 5


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    port: int

    def knows(self, expression: str) -> bool:
        """Whether a query returns any number."""
        answer = self._ask("query", query=expression)
        return any(not isnan(float(each["value"][1])) for each in answer["result"])

    def targets(self) -> dict[str, str]:
        """The health of what is scraped, by job."""
        return {target["labels"]["job"]: target["health"] for target in self._ask("targets")["activeTargets"]}

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _ask(self, what: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{what}?{query}", timeout=10) as got:
            return json.load(got)["data"]


@contextmanager
def watching(first_port: int, home: Path) -> Iterator[Prometheus]:
    """Prometheus as `dashboards/prometheus.local.yml` sets it up, on other ports and in more of a hurry."""
    home.mkdir(parents=True)
    assert PROMETHEUS
    for name in ("rules.yml", "alerts.yml"):
        shutil.copy(DASHBOARDS / name, home / name)
    (home / "prometheus.yml").write_text(yaml.safe_dump(_configuration(first_port)))
    made = Prometheus(free_port())
    process = subprocess.Popen(
        [
            PROMETHEUS,
            f"--config.file={home / 'prometheus.yml'}",
            f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{made.port}",
            "--log.level=error",
        ],
    )
    try:
        wait_until(made.is_ready, "Prometheus answers")
        yield made
    finally:
        process.terminate()
        process.wait(30)


def free_block() -> int:
    """The first of five free ports in a row, below those that outgoing connections take."""
    while True:
        first = random.randrange(20_000, 30_000)
        if all(_is_free(first + place) for place in range(_BLOCK)):
            return first


def _configuration(first_port: int) -> dict[str, Any]:
    configuration: dict[str, Any] = yaml.safe_load((DASHBOARDS / "prometheus.local.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for job in configuration["scrape_configs"]:
        (target,) = job["static_configs"][0]["targets"]
        place = int(target.rpartition(":")[2]) - 8410
        job["static_configs"][0]["targets"] = [f"127.0.0.1:{first_port + place}"]
    return configuration


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
