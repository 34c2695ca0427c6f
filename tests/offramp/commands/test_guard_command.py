"""`offramp guard`, as it is typed."""

import json

import pytest

from domain.staff.staff import AuditKind
from store import Database
from store.staff import audit
from store.staff.audit import Sought
from tests.offramp.conftest import Run

WHY = ("--reason", "SIM swaps at one operator", "--by", "ada")


def test_it_goes_up_and_down_and_the_exit_code_says_whether_it_is_up(
    offramp: Run, home_database: Database
) -> None:
    assert (offramp("guard", "status").code, offramp("guard", "status").out) == (0, "the guard is down\n")
    ran = offramp("guard", "up", "--for", "6h", *WHY)
    assert (ran.code, "the guard is up until" in ran.out) == (0, True)
    assert "by ada: SIM swaps at one operator" in ran.out
    assert offramp("guard", "status").code == 1
    down = offramp("guard", "down", "--reason", "it is over", "--by", "ben")
    assert (down.code, "the guard is down" in down.out) == (0, True)
    assert "lowered by ben: it is over" in offramp("guard", "status").out
    assert offramp("guard", "down", *WHY).code == 1
    with home_database.reading() as session:
        kinds = [entry.kind for entry in audit.latest(session, Sought(), limit=9)]
    assert kinds == [AuditKind.GUARD_LOWERED, AuditKind.GUARD_RAISED]


def test_machines_read_it_too(offramp: Run, home_database: Database) -> None:
    answer = json.loads(offramp("guard", "up", "--for", "2 days", *WHY, "--json").out)
    assert (answer["is_up"], answer["up"]["by"], answer["past"]) == (True, "ada", [])
    assert json.loads(offramp("guard", "status", "--json").out) == answer


@pytest.mark.parametrize("length", ["6", "soon", "-1h", "11 years"])
def test_a_length_that_is_none_is_a_mistake_of_typing(
    offramp: Run, home_database: Database, length: str
) -> None:
    assert offramp("guard", "up", f"--for={length}", *WHY).code == 2


@pytest.mark.parametrize("length", ["14 min", "8 days"])
def test_a_length_that_is_not_allowed_is_refused_in_words(
    offramp: Run, home_database: Database, length: str
) -> None:
    ran = offramp("guard", "up", "--for", length, *WHY)
    assert (ran.code, "15 minutes at least and 7 days at most" in ran.err) == (1, True)
    assert offramp("guard", "status").code == 0


def test_it_wants_a_length_and_a_reason(offramp: Run, home_database: Database) -> None:
    assert offramp("guard", "up", "--for", "6h").code == 2
    assert offramp("guard", "up", *WHY).code == 2
    assert offramp("guard", "down").code == 2


def test_the_doctor_says_that_it_is_up(offramp: Run, home_database: Database) -> None:
    offramp("guard", "up", "--for", "6h", *WHY)
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    [finding] = [finding for finding in findings if finding["name"] == "guard"]
    assert (finding["verdict"], "SIM swaps" in finding["detail"]) == ("note", True)
