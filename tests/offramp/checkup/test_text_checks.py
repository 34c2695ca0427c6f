"""`offramp doctor` says how many text messages went out today, and whether a ceiling is reached or close."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.messages.text_limits import OTHERS, TextLimits
from offramp.checkup.findings import Diagnosis
from offramp.checkup.text_checks import text_findings
from offramp.config.settings import Mode, Settings
from store import Database
from store.messages import text_counts
from tests.clocks import START

Check = Callable[..., list[tuple[Diagnosis, str]]]


@pytest.fixture
def check(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Check:
    """The findings under some ceilings, after so many texts."""

    def found(limits: TextLimits, texts: int, **changes: object) -> list[tuple[Diagnosis, str]]:
        monkeypatch.setitem(sqlite_database.notes, text_counts.LIMITS, limits)
        with sqlite_database.transaction() as session:
            for _ in range(texts):
                text_counts.count(session, "+4915112345602", at=START)
        settings = Settings().model_copy(update={"sms_per_day": limits.per_day} | changes)
        with sqlite_database.reading() as session:
            findings = list(text_findings(session, settings, now=START))
        assert {finding.name for finding in findings} == {"text_messages"}
        return [(finding.verdict, finding.detail) for finding in findings]

    return found


def test_a_quiet_day_is_well(check: Check, home: Path) -> None:
    assert check(TextLimits(per_day=10), 7) == [(Diagnosis.WELL, "7 today")]


def test_a_ceiling_that_is_close_is_worth_knowing(check: Check, home: Path) -> None:
    assert check(TextLimits(per_day=10), 8) == [
        (Diagnosis.NOTE, "8 of at most 10 in all today: the ceiling is close")
    ]


def test_a_ceiling_that_is_reached_is_unwell(check: Check, home: Path) -> None:
    limits = TextLimits(per_day=100, by_country={OTHERS: 3}, country_of=lambda phone: "DE")
    ((verdict, detail),) = check(limits, 3)
    assert verdict is Diagnosis.UNWELL
    assert detail == "3 of at most 3 to DE today: no more codes and reminders go out until midnight UTC"


def test_production_without_a_ceiling_is_told_to_set_one(check: Check, home: Path) -> None:
    ((verdict, detail),) = check(TextLimits(), 0, mode=Mode.PRODUCTION)
    assert verdict is Diagnosis.NOTE
    assert "OFFRAMP_SMS_PER_DAY" in detail
