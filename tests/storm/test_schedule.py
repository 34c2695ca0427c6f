"""The schedule of a storm: the same for the same seed, and never two faults that could not be told apart."""

from itertools import pairwise

import pytest

from tests.storm.schedule import LANES, FaultKind, draw

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_schedule(seed: int) -> None:
    assert draw(seed, seconds=600) == draw(seed, seconds=600)


def test_another_seed_gives_another_schedule() -> None:
    assert len({tuple(draw(seed, seconds=600)) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_fault_has_its_turn_in_ten_minutes(seed: int) -> None:
    assert {blow.kind for blow in draw(seed, seconds=600)} == set(FaultKind)


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_of_one_lane_never_overlap(seed: int) -> None:
    blows = draw(seed, seconds=600)
    for lane in LANES:
        for earlier, later in pairwise(blow for blow in blows if blow.kind in lane):
            assert earlier.ends < later.at


def test_faults_of_two_lanes_do_overlap() -> None:
    blows = draw(1, seconds=600)
    assert any(earlier.ends > later.at for earlier, later in pairwise(blows))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_begins_and_ends_without_faults(seed: int) -> None:
    blows = draw(seed, seconds=600)
    assert min(blow.at for blow in blows) > 5
    assert max(blow.ends for blow in blows) <= 0.85 * 600


def test_faults_that_cannot_be_made_here_are_left_out_and_leave_the_others_as_they_are() -> None:
    without = draw(1, seconds=600, kinds=set(FaultKind) - {FaultKind.PROVIDER_TROUBLE})
    assert without == [blow for blow in draw(1, seconds=600) if blow.kind is not FaultKind.PROVIDER_TROUBLE]


def test_a_schedule_reads_as_sentences() -> None:
    told = {str(blow).split("  ")[-1] for blow in draw(1, seconds=600)}
    assert any(line.startswith("wrong_clock of worker by ") for line in told)
    assert any(line.startswith("freeze of ") and line.endswith(" s") for line in told)
