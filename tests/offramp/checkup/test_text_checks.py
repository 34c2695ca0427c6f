"""`offramp doctor` says how many text messages went out today, and whether a ceiling is reached or close."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.facts import Channel
from domain.messages.messages import Fate, Purpose, Template
from domain.messages.text_limits import OTHERS, TextLimits
from offramp.checkup.findings import Diagnosis
from offramp.checkup.text_checks import text_findings, withheld_findings
from offramp.config.settings import Mode, Settings
from offramp.metrics import live_series
from store import Database, Session
from store.figures import live_figures
from store.messages import fates, messages, text_counts
from store.messages.messages import NewMessage
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import make_account, make_ready_account

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


def test_what_nobody_carried_is_unwell_with_code_and_country_and_passes_within_a_day(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = TextLimits(country_of=lambda phone: "FR")
    monkeypatch.setitem(sqlite_database.notes, text_counts.LIMITS, limits)
    with sqlite_database.transaction() as session:
        account = make_account(session)
        for number, reason in enumerate(("twilio_21408", "twilio_21408", "twilio_30450")):
            queue(session, account, f"m{number}")
            fates.note(session, f"m{number}", Fate.WITHHELD, reason=reason, at=START)
    assert checked(sqlite_database, at=START) == [
        (
            Diagnosis.UNWELL,
            "not carried within a day, and no contact is to blame: 2 × twilio_21408 to FR, "
            "1 × twilio_30450 to FR; see the runbook",
        )
    ]
    with sqlite_database.reading() as session:
        ((labels, times),) = [
            (sample.labels, sample.value)
            for family in live_series.series(live_figures.read(session, now=START), sms_price=0.05)
            for sample in family.samples
            if sample.name == "offramp_messages_withheld" and sample.labels["reason"] == "twilio_21408"
        ]
    assert (labels["country"], times) == ("FR", 2)
    ((verdict, _),) = checked(sqlite_database, at=START + timedelta(days=2))
    assert verdict is Diagnosis.WELL


def test_people_who_have_shut_themselves_out_by_stop_are_counted(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        for account in (make_account(session), make_ready_account(session)):
            queue(session, account, f"{account.account_id}:m")
            fates.note(session, f"{account.account_id}:m", Fate.STOPPED, reason="twilio_21610", at=START)
    (_, (verdict, detail)) = checked(sqlite_database, at=START)
    assert verdict is Diagnosis.NOTE
    assert detail.startswith("1 people have answered STOP")


def queue(session: Session, account: Account, key: str) -> None:
    text = NewMessage(
        key=key,
        account_id=account.account_id,
        purpose=Purpose.NOTICE,
        template=Template.PASSKEY_BOUND,
        channel=Channel.SMS,
        recipient=account.phone or "",
        locale="en",
    )
    messages.add(session, text, at=START)


def checked(database: Database, *, at: datetime) -> list[tuple[Diagnosis, str]]:
    with database.reading() as session:
        return [(found.verdict, found.detail) for found in withheld_findings(session, now=at)]
