"""`offramp secrets`, as it is typed; and what `offramp doctor` says of keys."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from domain.safety.secret_keys import LINKS_LAST, key_id
from offramp.clock import clock
from offramp.wiring import secret_ring
from providers.sealing import FernetSeal
from store import Database
from store.engine import heartbeats, secret_keys
from store.engine.heartbeats import ProcessKind
from store.people import door_notes, recovery_codes
from store.people.recovery_codes import RecoveryCode
from tests.clocks import START
from tests.factories import make_account, vouched
from tests.offramp.conftest import Run
from tests.rings import NEW, OLD

OLD_ID, NEW_ID = key_id(OLD), key_id(NEW)


@pytest.fixture(autouse=True)
def _clock_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "follow", lambda _: None)


def give(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS", ",".join(keys))


def fill(database: Database, key: str) -> None:
    """Eight recovery codes, and one row that lies sealed."""
    with database.transaction() as session:
        account_id = make_account(session).account_id
        recovery_codes.make(
            session, account_id, [f"{place}" for place in range(8)], vouched(), key_id=key_id(key)
        )
        sealed = FernetSeal(key).close("code")
        door_notes.code_asked(session, account_id, code_id="none", sealed=sealed, at=START)


def lines(offramp: Run) -> dict[str, dict[str, Any]]:
    answer = json.loads(offramp("secrets", "status", "--json").out)
    return {line["key_id"]: line for line in answer["keys"]}


def finding(offramp: Run) -> list[tuple[str, str]]:
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    return [(found["verdict"], found["detail"]) for found in findings if found["name"] == "secret_keys"]


def test_the_whole_way_from_one_key_to_the_next(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OFFRAMP_SECRET_KEY", OLD)
    fill(home_database, OLD)
    assert finding(offramp) == [("well", f"1 in the ring; nothing hangs on any but the newest, {OLD_ID}")]
    ring = tmp_path / "ring"
    assert offramp("secrets", "rotate", "--to", str(ring)).code == 0
    monkeypatch.delenv("OFFRAMP_SECRET_KEY")
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS_FILE", str(ring))
    new, old = ring.read_text().splitlines()
    assert (old, ring.stat().st_mode & 0o777) == (OLD, 0o600)
    ((verdict, detail),) = finding(offramp)
    assert verdict == "note"
    assert f"8 recovery codes, 1 note of the door hang on former key {OLD_ID}" in detail
    assert offramp("secrets", "status", OLD_ID).code == 1
    resealed = offramp("secrets", "reseal", "--json")
    assert resealed.code == 0
    counts = {kind["kind"]: kind["closed_again"] for kind in json.loads(resealed.out)["kinds"]}
    assert counts["door_note"] == 1
    assert lines(offramp)[OLD_ID]["hanging"] == {"recovery_code": 8}
    assert lines(offramp)[key_id(new)]["place"] == "newest"


def test_a_key_that_nothing_hangs_on_may_go_when_its_links_are_over(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, NEW, OLD)
    long_ago = clock() - LINKS_LAST - timedelta(days=1)
    with home_database.transaction() as session:
        secret_keys.note(session, [OLD_ID], at=long_ago)
        secret_keys.note(session, [NEW_ID, OLD_ID], at=long_ago + timedelta(hours=1))
    ran = offramp("secrets", "status", OLD_ID)
    assert (ran.code, "yes" in ran.out) == (0, True)
    assert offramp("secrets", "status", NEW_ID).code == 1
    assert offramp("secrets", "status", "ffffffff").code == 2


def test_what_hangs_on_a_key_that_was_taken_out_is_not_well(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home_database, OLD)
    give(monkeypatch, NEW)
    assert offramp("secrets", "status").code == 1
    details = dict.fromkeys(finding(offramp))
    assert all(verdict == "unwell" for verdict, _ in details)
    told = " ".join(detail for _, detail in details)
    assert f"key {OLD_ID} is in no ring, and 8 recovery codes hang on it" in told
    assert "a key is in no ring, and 1 note of the door hang on it" in told
    resealed = offramp("secrets", "reseal", "--json")
    assert (resealed.code, json.loads(resealed.out)["well"]) == (1, False)
    give(monkeypatch, NEW, OLD)
    assert offramp("secrets", "status").code == 0


def test_a_rotation_shows_no_key_and_needs_a_place_for_it(
    offramp: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del home
    give(monkeypatch, OLD)
    assert offramp("secrets", "rotate").code == 2
    ring = tmp_path / "ring"
    for arguments in ((), ("--json",), ("--behind",)):
        ran = offramp("secrets", "rotate", "--to", str(ring), *arguments)
        keys = ring.read_text().splitlines()
        assert ran.code == 0
        assert not any(key in ran.out + ran.err for key in keys)
        assert keys.index(OLD) == (0 if "--behind" in arguments else 1)
        ring.unlink()


def test_a_file_that_is_there_already_is_left_alone(
    offramp: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del home
    give(monkeypatch, OLD)
    (tmp_path / "ring").write_text("somebody's")
    assert offramp("secrets", "rotate", "--to", str(tmp_path / "ring")).code == 2
    assert (tmp_path / "ring").read_text() == "somebody's"


def test_the_ring_goes_to_the_standard_output_only_when_that_is_named(
    offramp: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    give(monkeypatch, OLD)
    ran = offramp("secrets", "rotate", "--to", "-")
    new, old = ran.out.strip().split(",")
    assert old == OLD
    assert new not in ran.err
    assert offramp("secrets", "rotate", "--to", "-", "--json").code == 2


def test_a_key_that_cannot_stand_in_a_list_is_not_put_into_one(
    offramp: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del home
    monkeypatch.setenv("OFFRAMP_SECRET_KEY", "a key with, a comma in it, and long enough")
    ran = offramp("secrets", "rotate", "--to", str(tmp_path / "ring"))
    assert ran.code == 2
    assert "comma" in ran.err
    assert not (tmp_path / "ring").exists()


def test_development_keeps_the_new_key_at_home(offramp: Run, home_database: Database, home: Path) -> None:
    from offramp.config.settings import Settings

    assert offramp("secrets", "rotate").code == 2
    (old,) = secret_ring(Settings()).keys
    fill(home_database, old)
    assert offramp("secrets", "rotate", "--to", "x").code == 2
    ran = offramp("secrets", "rotate", "--json")
    new, kept = (home / "secret").read_text().splitlines()
    assert kept == old
    assert json.loads(ran.out)["key_id"] == key_id(new)
    assert new not in ran.out + ran.err
    assert offramp("secrets", "reseal").code == 0
    assert lines(offramp)[key_id(old)]["hanging"] == {"recovery_code": 8}


def test_nothing_is_closed_again_while_a_worker_runs_that_does_not_know_the_newest_key(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home_database, OLD)
    give(monkeypatch, NEW, OLD)
    with home_database.transaction() as session:
        secret_keys.note(session, [OLD_ID], at=clock())
        heartbeats.beat(session, "worker-1", ProcessKind.WORKER, at=clock())
    ran = offramp("secrets", "reseal")
    assert (ran.code, NEW_ID in ran.err) == (1, True)
    assert lines(offramp)[OLD_ID]["hanging"] == {"recovery_code": 8, "door_note": 1}
    with home_database.transaction() as session:
        secret_keys.note(session, [NEW_ID, OLD_ID], at=clock())
    assert offramp("secrets", "reseal").code == 0


def test_a_key_that_has_leaked_finds_codes_and_may_go_with_the_last_of_them(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home_database, OLD)
    give(monkeypatch, NEW, OLD)
    assert offramp("secrets", "reseal").code == 0
    give(monkeypatch, NEW)
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS_FOR_CODES", OLD)
    line = lines(offramp)[OLD_ID]
    assert (line["place"], line["hanging"], line["may_go"]) == ("for_codes", {"recovery_code": 8}, False)
    assert [verdict for verdict, _ in finding(offramp)] == ["note"]
    assert "for codes" in offramp("secrets", "status").out
    with home_database.transaction() as session:
        session.execute(update(RecoveryCode).values(used_at=START))
    assert offramp("secrets", "status", OLD_ID).code == 0


def test_asking_makes_no_key(offramp: Run, home_database: Database, home: Path) -> None:
    for command in (("secrets", "status"), ("secrets", "reseal"), ("doctor",)):
        offramp(*command)
        assert not (home / "secret").exists()
