"""Small storms over a whole Offramp, with the same faults every time; `make storm` lets larger ones blow."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Unavailable
from tests.storm.schedule import FaultKind
from tests.storm.storms import blow_over

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3000)]

SEED, SECONDS, PEOPLE = 223, 90, 12


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder into which PostgreSQL may look, which runs as another user than root."""
    with tempfile.TemporaryDirectory(prefix="offramp-storm-") as made_for_it:
        folder = Path(made_for_it)
        folder.chmod(0o711)
        yield folder


async def test_a_small_storm_is_weathered(place: Path) -> None:
    said: list[str] = []
    report = await blow_over(place, seed=SEED, seconds=SECONDS, people=PEOPLE, say=said.append)
    assert report.verdict.is_weathered, "\n".join([*said, str(report)])
    assert report.blows[FaultKind.PROVIDER_TROUBLE]
    assert report.blows[FaultKind.KILL] + report.blows[FaultKind.FREEZE] >= 2
    assert report.deliveries >= PEOPLE
    assert report.acknowledged >= 5 * PEOPLE // 2


@pytest.mark.postgres
async def test_dumps_are_put_back_under_a_whole_offramp_on_postgresql(place: Path) -> None:
    said: list[str] = []
    without = [kind for kind in FaultKind if kind is not FaultKind.RESTORE]
    try:
        report = await blow_over(
            place,
            seed=SEED,
            seconds=SECONDS,
            people=PEOPLE,
            on_postgresql=True,
            without=without,
            say=said.append,
        )
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert report.verdict.is_weathered, "\n".join([*said, str(report)])
    assert report.blows.keys() == {FaultKind.RESTORE}
    assert report.acknowledged >= 5 * PEOPLE // 2
