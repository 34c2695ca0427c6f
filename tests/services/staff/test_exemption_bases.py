"""The operator's list of grounds: read whole, or refused with every mistake and its place."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.desk.exemptions import STANDARD_BASES, Basis
from offramp.config.settings import Settings
from services.staff.exemption_bases import BadBases, load, read

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-exemption-bases.toml"


def test_without_a_file_the_grounds_are_those_of_before() -> None:
    assert load(None) is STANDARD_BASES


def test_the_sample_is_read_as_it_says() -> None:
    bases = load(SAMPLE)
    codes = [basis.code for basis in bases]
    assert codes == ["machine_account", "no_capable_device", "accessibility", "other"]
    assert bases.find("other") == Basis(
        code="other",
        words="Another reason",
        longest=timedelta(days=90),
        reviewed_after=timedelta(days=30),
        needs_evidence=True,
        takes_two=True,
    )


def test_every_mistake_is_named_with_its_place() -> None:
    toml = """
    [[basis]]
    words = "No code"
    longest = "36 hours"
    [[basis]]
    code = "other"
    words = "Other"
    takes_to = true
    """
    with pytest.raises(BadBases) as bad:
        read(toml)
    said = "\n".join(bad.value.problems)
    for mistake in ("basis[0].code: is missing", "basis[0].longest: must be whole days", "takes_to"):
        assert mistake in said


@pytest.mark.parametrize(
    "toml", ["", "basis = 3", "[[basis]", '[[basis]]\ncode = "paused"\nwords = "A pause"']
)
def test_a_list_that_says_nothing_usable_is_refused(toml: str) -> None:
    with pytest.raises(BadBases):
        read(toml)


def test_offramp_does_not_run_with_a_list_that_cannot_be_used(tmp_path: Path) -> None:
    missing = Settings(_env_file=None, exemption_bases=tmp_path / "none.toml")
    (problem,) = missing.basis_problems()
    assert problem.startswith("OFFRAMP_EXEMPTION_BASES: ")
    assert "cannot be read" in problem
    assert Settings(_env_file=None, exemption_bases=SAMPLE).basis_problems() == []
