"""The page about odd input shows each of its rules by a test that exists."""

import pytest

from tests.named_tests import NAMED_TEST, ROOT, missing_tests, table_rows

PAGE = ROOT / "docs" / "odd-input.md"
RULES = list(table_rows(PAGE, "| what comes in | what Offramp does | shown by |"))


@pytest.mark.parametrize("cells", RULES, ids=lambda cells: cells[0])
def test_every_rule_is_told_in_a_line_and_shown_by_a_test(cells: list[str]) -> None:
    assert len(cells) == 3
    comes_in, does, shown_by = cells
    assert comes_in
    assert does
    assert NAMED_TEST.findall(shown_by)


def test_every_test_that_the_page_names_exists() -> None:
    assert missing_tests(PAGE) == []
