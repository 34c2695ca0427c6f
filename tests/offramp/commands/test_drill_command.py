"""`offramp drill`: who would get in after a loss, by which way, and who would not."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.facts import SmsState
from domain.inventory import OtherMethod
from services.upkeep import drills
from store import Database, Session
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_member, make_passkey, make_recovery_codes
from tests.offramp.conftest import Run

PHONE = {"platform": "Android phone"}


def make_person(session: Session, cohort_id: str, name: str, *, codes: bool = False, **changes: Any) -> None:
    """Somebody of the cohort, without text-message codes; `passkey` says what is different about the only one."""
    passkey = changes.pop("passkey", PHONE)
    account = make_account(
        session, **({"external_id": name, "sms": SmsState.REMOVED, "sms_since": START} | changes)
    )
    make_passkey(session, account.account_id, last_used_at=START, **passkey)
    if codes:
        make_recovery_codes(session, account.account_id)
    make_member(session, cohort_id, account.account_id)


@pytest.fixture
def spring(home_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A cohort in which the loss of the phone needs support for Eve, and leaves nothing to Zoe, who has no contact."""
    monkeypatch.setenv("OFFRAMP_RESCUE_DELAY_HOURS", "24")
    with home_database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_person(session, cohort_id, "ada", passkey={"backed_up": True})
        make_person(session, cohort_id, "ben", passkey={"platform": "Windows PC"}, codes=True)
        make_person(session, cohort_id, "cid", other_methods=[OtherMethod.PASSWORD])
        make_person(session, cohort_id, "eve")
        make_person(session, cohort_id, "zoe", phone=None, email=None)
        make_person(session, cohort_id, "gone", deactivated_at=START)
        make_member(session, cohort_id, held_out=True)
    return home_database


def test_everybody_is_counted_by_their_first_way_and_by_all_of_them(offramp: Run, spring: Database) -> None:
    assert spring
    ran = offramp("drill", "--cohort", "spring", "--lose", "phone")
    assert ran.code == 1
    assert "5 people of spring, if everybody lost their phone:" in ran.out
    assert re.search(r"a synced passkey +at once +1 +1\n", ran.out)
    assert re.search(r"a passkey on another device +at once +1 +1\n", ran.out)
    assert re.search(r"a recovery code +at once +0 +1\n", ran.out)
    assert re.search(r"the host's own login +at once +1 +1\n", ran.out)
    assert re.search(r"a rescue pass from support +1 d +1 +4\n", ran.out)
    assert "3 get in by themselves, 1 with support's help alone, and 1 not at all" in ran.out
    assert ran.out.endswith("eve: with support's help\nzoe: not at all\n")


def test_nobody_needs_help_where_only_a_mailbox_is_lost(offramp: Run, spring: Database) -> None:
    assert spring
    ran = offramp("drill", "--cohort", "spring", "--lose", "mailbox")
    assert ran.code == 0
    assert "5 get in by themselves, 0 with support's help alone, and 0 not at all" in ran.out


def test_machines_get_the_same_with_the_first_who_need_help(offramp: Run, spring: Database) -> None:
    assert spring
    ran = offramp("drill", "--cohort", "spring", "--lose", "both", "--limit", "1", "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["people"], answer["alone"]) == (1, 5, 3)
    assert (answer["with_help"], answer["not_at_all"]) == (1, 1)
    assert answer["ways"][-1] == {"way": "rescue", "wait_seconds": 86400.0, "first": 1, "have": 4}
    assert [(each["external_id"], each["way"]) for each in answer["would_need_help"]] == [("eve", "rescue")]


def test_more_than_are_shown_are_said_to_be_more(offramp: Run, spring: Database) -> None:
    assert spring
    ran = offramp("drill", "--cohort", "spring", "--lose", "phone", "--limit", "1")
    assert "zoe" not in ran.out
    assert "and 1 more; --list writes all of them into a file" in ran.err


def test_a_file_holds_everybody_who_needs_help_however_many_there_are(
    offramp: Run, spring: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spring
    monkeypatch.setattr(drills, "BATCH", 2)
    into = tmp_path / "locked-out.csv"
    ran = offramp("drill", "--cohort", "spring", "--lose", "phone", "--list", str(into))
    with into.open(newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["external_id", "account_id", "sms", "way"]
    assert [(line[0], line[2], line[3]) for line in lines] == [
        ("eve", "removed", "rescue"),
        ("zoe", "removed", "none"),
    ]
    assert "people looked at" in ran.err
    assert "eve:" not in ran.out


def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(
    offramp: Run, spring: Database
) -> None:
    assert spring
    ran = offramp("drill", "--cohort", "spring", "--lose", "phone", "--list", "/nowhere/at/all.csv")
    assert (ran.code, ran.out) == (2, "")
    assert "/nowhere/at/all.csv cannot be written" in ran.err


def test_a_cohort_that_is_not_there_is_told(offramp: Run, home_database: Database) -> None:
    assert home_database
    ran = offramp("drill", "--cohort", "autumn", "--lose", "phone")
    assert ran.code == 1
    assert "no cohort is called autumn" in ran.err


def test_a_cohort_that_has_launched_nobody_is_counted_as_nobody(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        keep_cohort(session)
    ran = offramp("drill", "--cohort", "spring", "--lose", "phone")
    assert ran.code == 0
    assert "0 people of spring" in ran.out
