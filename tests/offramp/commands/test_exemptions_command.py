"""`offramp exemptions`, as it is typed: the register is kept, listed and written out on the machine itself."""

import csv
import io
import json
from pathlib import Path

import pytest

from store import Database
from store.staff import audit
from store.staff.audit import Sought
from tests.factories import keep_cohort, make_account, make_journey, make_member
from tests.offramp.conftest import Run

SAMPLE = Path(__file__).parents[3] / "docs" / "sample-exemption-bases.toml"
GRANT = ("exemptions", "grant", "ada", "--basis", "machine_account", "--days", "90", "--reason", "a till")


@pytest.fixture
def ada(home_database: Database) -> str:
    """An account on its way."""
    with home_database.transaction() as session:
        account_id = make_account(session, external_id="ada").account_id
        make_journey(session, account_id)
        make_member(session, keep_cohort(session), account_id)
    return account_id


def test_what_is_granted_is_shown_listed_reviewed_renewed_and_ended(
    offramp: Run, home_database: Database, ada: str
) -> None:
    assert offramp("exemptions", "list").out.strip() == "no exemptions"
    assert offramp(*GRANT, "--evidence", "CRM-1234", "--by", "sam").code == 0
    listed = offramp("exemptions", "list")
    assert all(word in listed.out for word in ("ada", "A machine's account", "lasts"))
    [line] = json.loads(offramp("exemptions", "show", "ada", "--json").out)
    assert (line["external_id"], line["account_id"], line["basis"]) == ("ada", ada, "machine_account")
    assert (line["evidence"], line["asked_by"], line["approved_by"]) == ("CRM-1234", "sam", None)
    reviewed = offramp("exemptions", "review", "ada", "--reason", "it is still there")
    assert reviewed.code == 0
    assert offramp("exemptions", "renew", "ada", "--days", "120", "--reason", "it stays").code == 0
    newest, former = json.loads(offramp("exemptions", "show", "ada", "--json").out)
    assert (newest["renews"], newest["basis"]) == (former["exemption_id"], "machine_account")
    assert (former["ended_because"], bool(former["reviewed_at"])) == ("superseded", True)
    assert offramp("exemptions", "end", "ada", "--reason", "it is gone").code == 0
    assert json.loads(offramp("exemptions", "list", "--json").out) == []
    over = json.loads(offramp("exemptions", "list", "--all", "--json").out)
    assert sorted(line["ended_because"] for line in over) == ["ended", "superseded"]
    with home_database.reading() as session:
        acts = [entry.detail.get("act") for entry in audit.read(session, Sought(account_id=ada))]
    assert set(acts) == {"exempt", "review_exemption", "renew_exemption", "end_exemption"}


def test_the_list_narrows_and_is_written_as_a_file(offramp: Run, home_database: Database, ada: str) -> None:
    with home_database.transaction() as session:
        make_journey(session, make_account(session, external_id="=bob").account_id)
    offramp(*GRANT)
    offramp("exemptions", "grant", "=bob", "--basis", "other", "--days", "9", "--reason", "they called")
    rows = list(csv.DictReader(io.StringIO(offramp("exemptions", "list", "--csv").out)))
    assert [(row["external_id"], row["basis"]) for row in rows] == [
        ("'=bob", "other"),
        ("ada", "machine_account"),
    ]
    for options in (("--basis", "machine_account"), ("--cohort", "spring")):
        [line] = json.loads(offramp("exemptions", "list", *options, "--json").out)
        assert line["external_id"] == "ada"
    assert json.loads(offramp("exemptions", "list", "--due", "--json").out) == []
    assert offramp("exemptions", "list", "--cohort", "winter").code == 1


def test_the_operators_own_grounds_hold_and_one_may_take_a_colleague(
    offramp: Run, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_EXEMPTION_BASES", str(SAMPLE))
    codes = [basis["code"] for basis in json.loads(offramp("exemptions", "bases", "--json").out)]
    assert codes == ["machine_account", "no_capable_device", "accessibility", "other"]
    assert "needs evidence" in offramp("exemptions", "bases").out
    assert "needs evidence" in offramp(*GRANT).err
    alone = ("exemptions", "grant", "ada", "--basis", "accessibility", "--days", "9", "--reason", "it is so")
    assert "--with" in offramp(*alone, "--by", "sam").err
    assert offramp(*alone, "--by", "sam", "--with", "Sam").code == 2
    assert "There is no basis nonsense" in offramp(*(*alone, "--basis", "nonsense")).err
    assert offramp(*alone, "--by", "sam", "--with", "sue").code == 0
    [line] = json.loads(offramp("exemptions", "show", "ada", "--json").out)
    assert (line["asked_by"], line["approved_by"]) == ("sue", "sam")


def test_nobody_unknown_is_exempt(offramp: Run, home_database: Database) -> None:
    assert "no account is called ada" in offramp(*GRANT).err
    assert offramp("exemptions", "show", "ada").code == 1
