"""`offramp keys`, as it is typed."""

import json

from store import Database
from store.host import keys
from store.staff import audit
from store.staff.audit import Sought
from tests.offramp.conftest import Run

CREATE = ("keys", "create", "--name", "login", "--scope", "accounts:write", "--by", "olga")


def key_ids(database: Database) -> list[str]:
    with database.reading() as session:
        return [key.key_id for key in keys.every(session)]


def test_a_key_is_printed_once_and_listed_by_its_beginning(offramp: Run, home_database: Database) -> None:
    token = offramp(*CREATE, "--scope", "events:write").out.strip()
    listed = offramp("keys", "list").out
    assert token.startswith("ofr_")
    assert token not in listed
    assert token[:10] in listed
    assert "accounts:write, events:write" in listed
    assert "not yet" in listed


def test_machines_get_the_key_with_its_id_and_end(offramp: Run, home_database: Database) -> None:
    made = json.loads(offramp(*CREATE, "--expires", "90 days", "--json").out)
    (line,) = json.loads(offramp("keys", "list", "--json").out)
    assert made["key_id"] == line["key_id"]
    assert made["expires_at"] == line["works_until"]
    assert line["scopes"] == ["accounts:write"]
    assert "token" not in line


def test_a_rotation_prints_another_key_and_both_work(offramp: Run, home_database: Database) -> None:
    first = offramp(*CREATE).out
    (key_id,) = key_ids(home_database)
    second = offramp("keys", "rotate", key_id, "--overlap", "2 days")
    assert (second.code, second.out != first) == (0, True)
    assert len(json.loads(offramp("keys", "list", "--json").out)) == 2


def test_an_ended_key_is_listed_with_all_only(offramp: Run, home_database: Database) -> None:
    offramp(*CREATE)
    (key_id,) = key_ids(home_database)
    assert offramp("keys", "end", key_id).code == 0
    assert offramp("keys", "list").out == "no key works\n"
    (line,) = json.loads(offramp("keys", "list", "--all", "--json").out)
    assert line["state"] == "ended"
    assert offramp("keys", "end", key_id).code == 1


def test_wrong_usage_says_what_to_write(offramp: Run, home_database: Database) -> None:
    for wrong in (
        ("keys", "create", "--name", "login"),
        (*CREATE, "--scope", "everything"),
        (*CREATE, "--expires", "soon"),
        (*CREATE, "--calls-per-second", "0"),
    ):
        assert offramp(*wrong).code == 2, wrong
    assert offramp(*CREATE[:3], " ", *CREATE[4:]).code == 1
    assert key_ids(home_database) == []


def test_the_audit_says_who_made_rotated_and_ended_which(offramp: Run, home_database: Database) -> None:
    offramp(*CREATE)
    (key_id,) = key_ids(home_database)
    offramp("keys", "rotate", key_id, "--by", "olga")
    offramp("keys", "end", key_id, "--by", "olga")
    with home_database.reading() as session:
        entries = list(audit.read(session, Sought()))
    assert [entry.kind for entry in entries if entry.detail.get("host_key_id") == key_id] == [
        "host_key_made",
        "host_key_rotated",
        "host_key_ended",
    ]
