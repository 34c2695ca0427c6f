"""`offramp evidence`: packs are files of their owner alone, and are verified where nothing else is."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.journal import Actor
from offramp.clock import clock
from services.evidence.sealing_days import DaySealer
from store import Database
from store.people.journal import JournalEntry
from store.staff import audit
from store.staff.audit import Sought
from tests.offramp.conftest import Run
from tests.services.evidence.packing import contents, zipped
from tests.unguarded import unguarded
from tests.whole_persons import EXTERNAL_ID, make_whole_person


@pytest.fixture
def ada(home_database: Database) -> str:
    account_id = make_whole_person(home_database)
    DaySealer(home_database, clock).seal_due()
    return account_id


@pytest.fixture
def pack(offramp: Run, ada: str, tmp_path: Path) -> Path:
    path = tmp_path / "spring.zip"
    ran = offramp(
        "evidence", "--cohort", "spring", "--out", str(path), "--reason", "yearly audit", "--by", "sam"
    )
    assert (ran.code, "1 accounts" in ran.out, "1 accounts written" in ran.err) == (0, True, True)
    return path


@pytest.fixture
def key(offramp: Run, pack: Path, tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    assert offramp("evidence", "key", "--to", str(path)).code == 0
    assert path.read_text() == offramp("evidence", "key").out
    return path


def test_a_pack_is_its_owners_alone_and_the_audit_keeps_it(
    home_database: Database, ada: str, pack: Path
) -> None:
    assert stat.S_IMODE(pack.stat().st_mode) == 0o600
    assert [path.name for path in pack.parent.glob("*.part")] == []
    with home_database.reading() as session:
        *_, entry = audit.read(session, Sought(by="sam"))
    assert (entry.kind, entry.reason) == ("evidence_made", "yearly audit")


def test_a_pack_is_verified_without_settings_or_a_database(
    offramp: Run, pack: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", "no database at all")
    monkeypatch.setenv("OFFRAMP_MODE", "nonsense")
    ran = offramp("evidence", "verify", str(pack), "--key", str(key), "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["genuine"], answer["faults"]) == (0, True, [])
    assert answer["about"]["subject"]["name"] == "spring"
    assert "is genuine" in offramp("evidence", "verify", str(pack), "--key", str(key)).out


def test_a_changed_pack_is_named_with_its_file_and_the_exit_code_says_so(
    offramp: Run, pack: Path, key: Path
) -> None:
    files = contents(pack.read_bytes())
    zipped(pack, files | {"accounts.ndjson": b"{}\n"})
    ran = offramp("evidence", "verify", str(pack), "--key", str(key), "--json")
    [fault] = json.loads(ran.out)["faults"]
    assert (ran.code, fault["flaw"], fault["file"]) == (1, "changed", "accounts.ndjson")
    words = offramp("evidence", "verify", str(pack), "--key", str(key)).out
    assert words.startswith("accounts.ndjson: it is not what was signed (changed)\n")
    assert "is not genuine" in words


def test_what_cannot_be_read_is_wrong_usage(offramp: Run, pack: Path, key: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    assert offramp("evidence", "verify", missing, "--key", str(key)).code == 2
    assert offramp("evidence", "verify", str(pack), "--key", missing).code == 2
    ran = offramp("evidence", "verify", str(pack), "--key", str(pack))
    assert (ran.code, "this is no text" in ran.err) == (2, True)
    key.write_text("no key")
    ran = offramp("evidence", "verify", str(pack), "--key", str(key))
    assert (ran.code, "this is no public key in PEM" in ran.err) == (2, True)


def test_a_pack_is_about_one_thing_and_goes_somewhere(offramp: Run, ada: str, tmp_path: Path) -> None:
    out = str(tmp_path / "pack.zip")
    for options in (
        ("--out", out),
        ("--cohort", "spring", "--account", EXTERNAL_ID, "--out", out),
        ("--cohort", "spring"),
        ("--cohort", "spring", "--out", str(tmp_path / "nowhere" / "pack.zip")),
    ):
        assert offramp("evidence", *options).code == 2
    ran = offramp("evidence", "--cohort", "autumn", "--out", out)
    assert (ran.code, "no cohort is called autumn" in ran.err) == (1, True)
    ran = offramp("evidence", "--account", "nobody", "--out", out)
    assert (ran.code, "no account is called nobody" in ran.err) == (1, True)


@pytest.mark.parametrize("is_ours", [False, True])
def test_an_account_is_named_by_the_hosts_id_or_by_ours(
    offramp: Run, ada: str, tmp_path: Path, is_ours: bool
) -> None:
    out = tmp_path / "ada.zip"
    name = ada if is_ours else EXTERNAL_ID
    ran = offramp("evidence", "--account", name, "--out", str(out), "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["file"], answer["accounts"]) == (0, str(out), 1)
    assert "accounts-0001.html" in contents(out.read_bytes())


def test_a_rotated_key_signs_and_the_former_one_is_still_shown(
    offramp: Run, pack: Path, key: Path, tmp_path: Path
) -> None:
    ran = offramp("evidence", "rotate-key", "--reason", "an admin has left", "--by", "sam")
    shown = json.loads(offramp("evidence", "key", "--all", "--json").out)["keys"]
    assert [each["public"] for each in shown] == [ran.out, key.read_text()]
    assert offramp("evidence", "verify", str(pack), "--key", str(key)).code == 0


def test_the_days_are_compared_and_a_change_is_named(
    offramp: Run, home_database: Database, ada: str, tmp_path: Path
) -> None:
    ran = offramp("evidence", "check", "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["well"], answer["faults"]) == (0, True, [])
    assert answer["newest_digest"] in offramp("evidence", "check").out
    with home_database.transaction() as session, unguarded(session):
        session.execute(update(JournalEntry).values(actor=Actor.SYSTEM))
    ran = offramp("evidence", "check")
    assert ran.code == 1
    assert "2026-03-02: an entry is not what it was when the day was sealed" in ran.out
    out = tmp_path / "pack.zip"
    ran = offramp("evidence", "--cohort", "spring", "--out", str(out))
    assert (ran.code, "is not what it was" in ran.err, out.exists()) == (1, True, False)
