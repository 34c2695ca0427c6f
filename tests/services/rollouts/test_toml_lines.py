"""On which line of a description a mistake is: whatever form of TOML it is written in."""

from typing import Any

import pytest
from hypothesis import given

from domain.rollouts.cohorts import Cohort, InvalidCohort
from services.rollouts.cohort_files import parse
from services.rollouts.descriptions import written
from services.rollouts.edit_previews import mistakes
from services.rollouts.toml_lines import lines_of
from services.rollouts.toml_tables import read_toml
from tests.domain import described_cohorts

FORMS = '''# a remark with [brackets] and "quotes
name = "a # b"  # and a remark
include.countries = [
  "DE", # one
  'XX',
]
text = """two
lines \\""" = 1 """

[policy]
cadence = [{after = "3 days", channel = "email"}, {after = 1, channel = "pigeon"}]
"odd key" = { inner = [1,
  2] }

[[waves]]
percent = 1
[[waves]]
bake = 'x'
[[windows.freezes]]
begins = 2026-12-14 09:00:00
[[windows.freezes]]
ends = 2027-01-07
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("name", 2),
        ("include.countries[1]", 5),
        ("text", 7),
        ("policy", 10),
        ("policy.cadence[1].channel", 11),
        ("policy.odd key.inner[1]", 13),
        ("waves[0].percent", 16),
        ("waves[1].bake", 18),
        ("windows.freezes[1].ends", 22),
        ("line 14, column 3", 14),
    ],
)
def test_a_place_is_on_its_line(place: str, line: int) -> None:
    assert lines_of(FORMS, [place]) == [line]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("waves[1].percent", 17),
        ("include.countries[7]", 3),
        ("policy.notice", 10),
        ("colour", 1),
        ("file", 1),
    ],
)
def test_what_is_missing_is_on_the_line_of_its_table(place: str, line: int) -> None:
    assert lines_of(FORMS, [place]) == [line]


@given(described_cohorts.cohorts())
def test_every_key_of_a_description_is_on_a_line_that_names_it(cohort: Cohort) -> None:
    text = written(cohort)
    places = list(_places(read_toml(text), ""))
    rows = text.split("\n")
    for (_, key), line in zip(places, lines_of(text, [place for place, _ in places]), strict=True):
        assert key in rows[line - 1]


def _places(table: dict[str, Any], path: str) -> Any:
    for key, value in table.items():
        if key.isidentifier():
            place = f"{path}.{key}" if path else key
            if not isinstance(value, list):
                yield place, key
            if isinstance(value, dict):
                yield from _places(value, place)


def test_mistakes_come_in_the_order_of_their_lines_with_what_is_written_there() -> None:
    wrong = 'name = "a b"\ncolour = "red"\n[[waves]]\npercent = 200\n[include]\ncountries = ["XX"]\n'
    with pytest.raises(InvalidCohort) as refusal:
        parse(wrong)
    marked = [(each.line, each.place, each.text) for each in mistakes(wrong, refusal.value)]
    assert marked == [
        (1, "name", 'name = "a b"'),
        (2, "colour", 'colour = "red"'),
        (4, "waves[0].percent", "percent = 200"),
        (6, "include.countries[0]", 'countries = ["XX"]'),
    ]
