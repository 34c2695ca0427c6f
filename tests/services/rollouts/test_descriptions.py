"""Descriptions that are written from cohorts: they read back as the same cohort, whatever the host's keys are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.presets import FIRM, STANDARD
from domain.rollouts.cohorts import Cohort
from domain.rollouts.end_moves import moved
from domain.safety.end_dates import EndDate
from services.rollouts.cohort_files import parse
from services.rollouts.descriptions import tables, written
from services.rollouts.durations import parse_duration, written_duration
from services.rollouts.toml_tables import read_toml
from services.rollouts.toml_texts import value_text, write
from tests.domain import described_cohorts
from tests.factories import make_cohort

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-cohort.toml"


@given(described_cohorts.cohorts(), st.booleans())
@settings(max_examples=60)
def test_what_is_written_reads_back_as_the_same_cohort(cohort: Cohort, host_has_keys: bool) -> None:
    assume(described_cohorts.is_read(cohort))
    assert parse(written(cohort), host_confirms=host_has_keys) == cohort


@given(st.timedeltas(timedelta(), timedelta(days=3650)))
def test_a_length_of_time_reads_back_as_the_same(span: timedelta) -> None:
    assert parse_duration(written_duration(span)) == span


@given(described_cohorts.TEXTS, described_cohorts.TEXTS)
def test_any_text_and_any_key_read_back(key: str, text: str) -> None:
    content = {key: text, f"{key} inside": {key: {key: [text, {key: 1}]}}}
    assert read_toml(write(content)) == content


def test_only_the_rules_that_differ_from_the_preset_are_written() -> None:
    changed = replace(FIRM, name="firm for spring", notice=timedelta(days=10))
    assert tables(make_cohort(policy=changed))["policy"] == {
        "preset": "firm",
        "notice": "10 days",
        "host_confirms": False,
    }
    whole = tables(make_cohort(policy=changed), is_whole=True)["policy"]
    assert whole["skips_allowed"] == 3
    assert whole["mandatory_after"] == "21 days"


def test_a_copy_under_another_name_has_a_policy_that_is_called_after_it() -> None:
    spring = make_cohort(policy=replace(STANDARD, name="standard for spring", notice=timedelta(days=10)))
    copy = parse(written(spring, name="summer"))
    assert (copy.name, copy.policy.name) == ("summer", "standard for summer")
    assert replace(copy, name="spring", policy=spring.policy) == spring


@pytest.mark.parametrize("hour", [0, 1])
def test_an_end_in_the_hour_that_comes_twice_keeps_its_moment(hour: int) -> None:
    sample = parse(SAMPLE.read_text())
    ends = moved(sample, EndDate(at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC)))
    assert parse(written(ends)) == ends


def test_the_sample_is_written_as_one_would_write_it() -> None:
    text = written(parse(SAMPLE.read_text()))
    for line in ('notice = "10 days"', 'limit = "2%"', "percent = 1", 'opens = "09:00"'):
        assert line in text.splitlines()
    assert "begins = 2026-12-14, ends = 2027-01-07" in text
    assert parse(text) == parse(SAMPLE.read_text())


def test_what_toml_has_no_word_for_is_not_written() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        value_text(None)
