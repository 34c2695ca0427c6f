"""A small storm over a whole Offramp, with the same faults every time; `make storm` lets larger ones blow."""

from pathlib import Path

import pytest

from tests.storm.schedule import FaultKind
from tests.storm.storms import blow_over

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3000)]

SEED, SECONDS, PEOPLE = 223, 90, 12


async def test_a_small_storm_is_weathered(tmp_path: Path) -> None:
    said: list[str] = []
    report = await blow_over(tmp_path, seed=SEED, seconds=SECONDS, people=PEOPLE, say=said.append)
    assert report.verdict.is_weathered, "\n".join([*said, str(report)])
    assert report.blows[FaultKind.PROVIDER_TROUBLE]
    assert report.blows[FaultKind.KILL] + report.blows[FaultKind.FREEZE] >= 2
    assert report.deliveries >= PEOPLE
    assert report.acknowledged >= 5 * PEOPLE // 2
