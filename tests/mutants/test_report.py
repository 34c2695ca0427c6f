"""Survivors are told with their place and their change, and too many of them are a failure."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import report
from tests.mutants.mutations import Mutation
from tests.mutants.reach import Reach
from tests.mutants.trials import Fate, plan

pytest.importorskip("cosmic_ray", reason="`make mutants` installs Cosmic Ray")

PATH = "domain/safety/guessing.py"


def some(operator: str = "ReplaceAndWithOr") -> list[Mutation]:
    from tests.mutants.mutations import mutations

    return [mutation for mutation in mutations(PATH) if mutation.operator == operator]


def test_a_mutation_changes_one_line_and_the_mutant_can_be_compiled() -> None:
    for mutation in some():
        assert mutation.diff().count("\n") == 1
        compile(mutation.source(), PATH, "exec")
    assert len({mutation.key for mutation in some()}) == len(some()) > 0


@pytest.mark.parametrize(("threshold", "code"), [(0.0, 1), (1.0, 0)])
def test_survivors_are_told_and_counted(tmp_path: Path, threshold: float, code: int) -> None:
    killed, alive, *_ = some()
    fates = {killed.key: Fate.KILLED, alive.key: Fate.SURVIVED}
    told = tmp_path / "report.md"
    assert report.write([killed, alive], fates, threshold=threshold, to=told) == code
    assert f"{PATH}:{alive.start[0]} " in told.read_text()
    assert alive.diff() in told.read_text()
    assert "2 tried, 1 killed, 0 without an end, 0 equivalent, 1 survived" in told.read_text()


def test_what_nobody_has_tried_yet_counts_for_nothing(tmp_path: Path) -> None:
    assert report.write(some(), {}, threshold=0.0, to=tmp_path / "report.md") == 0


def test_a_mutant_that_no_test_reaches_gets_none(tmp_path: Path) -> None:
    assert plan(some()[0], Reach(tmp_path)).tests == ()


def test_a_place_in_a_sample_is_each_mutants_own_and_is_another_one_for_another_seed() -> None:
    from tests.mutants.mutations import mutations

    made = mutations("domain/codes.py")
    ranks = [mutation.rank(1) for mutation in made]
    assert len(set(ranks)) == len(made)
    assert not set(ranks) & {mutation.rank(2) for mutation in made}
    moved = replace(made[0], occurrence=made[0].occurrence + 7)
    assert moved.rank(1) == made[0].rank(1)
