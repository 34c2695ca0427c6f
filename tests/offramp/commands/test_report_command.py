"""`offramp report` writes what the Adoption page shows, for people, for spreadsheets, and for the printer."""

import csv
import re
from pathlib import Path

import pytest

from domain.attempts import AttemptEnd
from domain.facts import Method
from domain.journal import EventKind
from offramp.clock import clock
from store import Database
from tests.adoption import happen, make_town
from tests.attempts import SAFARI, sign_in, try_ceremony
from tests.factories import keep_cohort, make_account, make_cohort, make_member
from tests.offramp.conftest import Run


@pytest.fixture
def town(home_database: Database) -> Database:
    with home_database.transaction() as session:
        make_town(session, people=20)
        keep_cohort(session)
    return home_database


def test_markdown_has_a_table_for_everything_that_there_is(offramp: Run, town: Database) -> None:
    ran = offramp("report", "--days", "7")
    assert ran.code == 0
    assert "20 of 20 accounts are on the way to passkeys." in ran.out
    assert re.search(r"^\| Passkey enrolled \| \d+ \| [\d.]+ % \| \d+ \|$", ran.out, re.MULTILINE)
    for title in ("How far people are", "Text-message codes", "Stuck, for each reason", "Day by day"):
        assert f"## {title}" in ran.out
    assert len(re.findall(r"^\| \d{4}-\d\d-\d\d \|", ran.out, re.MULTILINE)) == 2 * 7
    for section in ran.out.split("\n## ")[1:]:
        assert re.match(r".+\n\nOf 20 (accounts|people on the way)\.\n\n\|", section), section


def test_csv_is_one_number_a_row(offramp: Run, town: Database) -> None:
    rows = list(csv.DictReader(offramp("report", "--format", "csv").out.splitlines()))
    values = {(row["figure"], row["name"]): row["value"] for row in rows}
    assert values["accounts", "started"] == "20"
    whose = {row["figure"]: row["of"] for row in rows}
    assert (whose["steps"], whose["sign_ins"], whose["people"]) == (
        "people on the way",
        "accounts",
        "people on the way",
    )
    assert int(values["accounts", "stuck_people"]) > 0
    assert sum(int(row["value"]) for row in rows if row["figure"] == "sms") == 20
    assert all(re.fullmatch(r"[\d.]+", row["value"]) for row in rows)
    assert len({row["day"] for row in rows if row["figure"] == "sign_ins"}) == 30


def test_what_failed_where_is_in_both(offramp: Run, town: Database) -> None:
    with town.transaction() as session:
        account_id = make_account(session).account_id
        try_ceremony(session, account_id, SAFARI, AttemptEnd.FAILED, at=clock())
        sign_in(session, account_id, SAFARI, Method.SMS, at=clock())
    told = offramp("report").out
    assert "## What failed, and where: by browser" in told
    assert "## Text-message codes of people who have a passkey: by system" in told
    names = {row["name"] for row in csv.DictReader(offramp("report", "--format", "csv").out.splitlines())}
    assert any(name.startswith("browser:Safari for iOS 18:") for name in names)
    assert "platform:ios" in names


def test_html_is_one_file_that_needs_nothing_else(offramp: Run, town: Database, tmp_path: Path) -> None:
    target = tmp_path / "adoption.html"
    ran = offramp("report", "--format", "html", "--output", str(target))
    assert (ran.code, ran.out) == (0, "")
    assert "Wrote" in ran.err
    page = target.read_text()
    assert page.startswith("<!doctype html>")
    assert not re.search(r"<link|<script|\ssrc=|url\((?!data:)|@import", page)
    assert "20 of 20 accounts" in page


def test_a_cohort_is_named(offramp: Run, town: Database) -> None:
    with town.transaction() as session:
        make_account(session)
    assert "cohort spring" in offramp("report", "--cohort", "spring").out
    ran = offramp("report", "--cohort", "autumn")
    assert ran.code == 1
    assert "no cohort autumn" in ran.err


def test_the_holdout_is_told_apart_in_every_format(offramp: Run, town: Database) -> None:
    with town.transaction() as session:
        held_out = make_member(session, keep_cohort(session, make_cohort(name="autumn")), held_out=True)
        happen(session, held_out, EventKind.SIGNED_IN, at=clock(), method=Method.SMS)
    words = "1 is held out to compare with"
    assert f"Of 21 accounts, {words}" in offramp("report").out
    assert f"of 21 accounts, {words}" in offramp("report", "--format", "html").out
    rows = list(csv.DictReader(offramp("report", "--format", "csv").out.splitlines()))
    counts = {row["name"]: (row["value"], row["of"]) for row in rows if row["figure"] == "accounts"}
    assert (counts["accounts"], counts["held_out"]) == (("21", "accounts"), ("1", "accounts"))
    assert (
        sum(int(row["value"]) for row in rows if (row["figure"], row["name"]) == ("sign_ins", "by_sms")) == 1
    )


def test_a_file_that_cannot_be_written_is_told(offramp: Run, town: Database, tmp_path: Path) -> None:
    ran = offramp("report", "--output", str(tmp_path / "nowhere" / "report.md"))
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_nothing_is_said_to_be_there_that_is_not(offramp: Run, home_database: Database) -> None:
    out = offramp("report").out
    assert "0 of 0 accounts" in out
    assert "## Stuck" not in out
    assert "From asking" not in out
    assert offramp("report", "--format", "html").code == 0
