"""The list of equivalent mutants stays true: what it names is there, and each says why it changes nothing."""

from tests.mutants.mutations import ROOT
from tests.mutants.report import listed


def test_every_equivalent_mutant_is_one_of_code_that_is_there_and_says_why() -> None:
    for each in listed():
        lines = [" ".join(line.split()) for line in (ROOT / each["path"]).read_text().splitlines()]
        assert " ".join(each["was"].split()) in lines, each
        assert each["is"] != each["was"]
        assert len(each["because"]) > 20, each


def test_no_mutant_is_listed_twice() -> None:
    named = [(each["path"], each["was"], each["is"]) for each in listed()]
    assert len(named) == len(set(named))
