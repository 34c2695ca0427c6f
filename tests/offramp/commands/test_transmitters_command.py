"""`offramp transmitters`, as it is typed."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from store import Database
from store.staff import audit
from store.staff.audit import Sought
from tests.offramp.conftest import Run

ISSUER = "https://id.example.com"


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """A file with one public key."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}))
    return str(file)


def test_a_transmitter_is_added_listed_and_ended_and_the_audit_knows(
    offramp: Run, home_database: Database, keys: str
) -> None:
    assert offramp("transmitters", "list").out == "no transmitter is registered\n"
    assert (
        offramp("transmitters", "add", ISSUER, "--audience", "us", "--keys", keys, "--by", "olga").code == 0
    )
    (line,) = json.loads(offramp("transmitters", "list", "--json").out)
    assert (line["issuer"], line["audience"], line["keys_url"], line["ended_at"]) == (
        ISSUER,
        "us",
        None,
        None,
    )
    assert "from a file" in offramp("transmitters", "list").out
    assert offramp("transmitters", "end", ISSUER, "--by", "olga").code == 0
    (line,) = json.loads(offramp("transmitters", "list", "--json").out)
    assert line["ended_at"]
    assert offramp("transmitters", "end", ISSUER).code == 1
    with home_database.reading() as session:
        kinds = [entry.kind for entry in audit.read(session, Sought())]
    assert sorted(kinds) == ["transmitter_added", "transmitter_ended"]


def test_one_added_again_takes_the_place_of_the_one_before(
    offramp: Run, home_database: Database, keys: str
) -> None:
    for audience in ("us", "them"):
        offramp("transmitters", "add", ISSUER, "--audience", audience, "--keys", keys)
    lines = json.loads(offramp("transmitters", "list", "--json").out)
    assert [(line["audience"], line["ended_at"] is None) for line in lines] == [("them", True), ("us", False)]


@pytest.mark.parametrize("keys_at", ["nowhere.json", "http://id.example.com/jwks"])
def test_keys_that_cannot_be_used_are_refused_with_the_reason(
    offramp: Run, home_database: Database, keys_at: str
) -> None:
    answer = offramp("transmitters", "add", ISSUER, "--audience", "us", "--keys", keys_at)
    assert answer.code == 1
    assert "https" in answer.err or "cannot be read" in answer.err
