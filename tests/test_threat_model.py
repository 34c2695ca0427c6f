"""The threat model names a rule and a test for everything that it calls stopped, and all of them exist."""

import re

import pytest

from tests.named_tests import NAMED_TEST, ROOT, missing_tests, table_rows

PAGE = ROOT / "docs" / "threat-model.md"
HEADER = "| attack | what stops it | rule | shown by |"
ATTACKS = list(table_rows(PAGE, HEADER))


@pytest.mark.parametrize("cells", ATTACKS, ids=lambda cells: cells[0])
def test_every_attack_has_a_rule_and_a_test_that_exist(cells: list[str]) -> None:
    assert len(cells) == 4
    attack, stop, rules, shown_by = cells
    assert attack
    assert stop
    modules = re.findall(r"`([\w/]+\.py)`", rules)
    assert modules
    assert [module for module in modules if not (ROOT / module).is_file()] == []
    assert NAMED_TEST.findall(shown_by)


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED_TEST.findall(PAGE.read_text())) >= len(ATTACKS)
    assert missing_tests(PAGE) == []


def test_every_attacker_has_a_table_and_what_is_not_defended_has_none() -> None:
    *parts, undefended = re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]
    assert undefended.startswith("What is not defended")
    assert HEADER not in undefended
    assert [part.splitlines()[0] for part in parts if HEADER not in part] == []
