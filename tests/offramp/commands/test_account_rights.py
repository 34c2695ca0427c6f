"""`offramp account export` and `offramp account erase`: what is kept is handed out, and forgotten, by the host's id."""

import json
import stat
from pathlib import Path

import pytest

from store import Database
from store.people import accounts, journal
from store.staff import audit
from store.staff.audit import Sought
from tests.offramp.conftest import Run
from tests.whole_persons import EMAIL, EXTERNAL_ID, make_whole_person

WHY = ("--reason", "asked for by letter", "--by", "sam", "--with", "sue")


@pytest.fixture
def ada(home_database: Database) -> str:
    return make_whole_person(home_database)


def test_all_that_is_kept_comes_as_json(offramp: Run, home_database: Database, ada: str) -> None:
    ran = offramp("account", "export", EXTERNAL_ID, "--by", "sam")
    answer = json.loads(ran.out)
    assert (ran.code, answer["format"], answer["account_id"]) == (0, "offramp.account-export", ada)
    assert EMAIL in ran.out
    with home_database.reading() as session:
        *_, entry = audit.read(session, Sought(account_id=ada))
    assert (entry.kind, entry.by, entry.reason) == ("data_exported", "sam", "the person asked for it")


def test_a_file_is_its_owners_alone_even_if_it_was_there(
    offramp: Run, home_database: Database, ada: str, tmp_path: Path
) -> None:
    path = tmp_path / "ada.html"
    path.write_text("older")
    path.chmod(0o644)
    ran = offramp("account", "export", EXTERNAL_ID, "--html", "--to", str(path), "--by", "sam")
    assert (ran.code, ran.out, f"Wrote {path}" in ran.err.replace("\n", "")) == (0, "", True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("<!doctype html>")
    assert EMAIL in path.read_text()


def test_what_could_not_be_written_was_not_handed_out(
    offramp: Run, home_database: Database, ada: str, tmp_path: Path
) -> None:
    ran = offramp("account", "export", EXTERNAL_ID, "--to", str(tmp_path / "nowhere" / "ada.json"))
    assert (ran.code, "cannot be written" in ran.err) == (2, True)
    with home_database.reading() as session:
        assert "data_exported" not in {entry.kind for entry in journal.of_account(session, ada)}


def test_two_people_erase_and_the_id_is_unknown_then(offramp: Run, home_database: Database, ada: str) -> None:
    ran = offramp("account", "erase", EXTERNAL_ID, "--leave-sms", *WHY, "--yes")
    assert (ran.code, ran.out) == (0, f"erased {EXTERNAL_ID}\n")
    with home_database.reading() as session:
        assert accounts.get(session, ada).email is None
        *_, entry = audit.read(session, Sought(account_id=ada))
    assert (entry.by, entry.reason) == ("sam", "asked for by letter")
    assert entry.detail == {"act": "erase", "target": "leave_sms", "together_with": "sue"}
    again = offramp("account", "erase", EXTERNAL_ID, "--leave-sms", *WHY, "--yes")
    assert (again.code, "no account is called" in again.err) == (1, True)
    assert offramp("account", "export", EXTERNAL_ID).code == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--leave-sms", *WHY[:-1], "sam", "--yes"),
        ("--leave-sms", *WHY[:-2], "--yes"),
        (*WHY, "--yes"),
        ("--leave-sms", *WHY),
    ],
    ids=["the same person twice", "one person alone", "without a word on codes", "without a yes"],
)
def test_nobody_is_erased_halfheartedly(
    offramp: Run, home_database: Database, ada: str, options: tuple[str, ...]
) -> None:
    assert offramp("account", "erase", EXTERNAL_ID, *options).code != 0
    with home_database.reading() as session:
        assert accounts.get(session, ada).external_id == EXTERNAL_ID
