"""`offramp retiring`, as it is typed."""

import json

from domain.staff.staff import AuditKind
from store import Database
from store.staff import audit
from store.staff.audit import Sought
from tests.factories import make_account
from tests.offramp.conftest import Run

WHY = ("--reason", "a look at something", "--by", "ada")


def test_it_is_on_stopped_and_on_again(offramp: Run, home_database: Database) -> None:
    ran = offramp("retiring", "status")
    assert (ran.code, ran.out) == (0, "retiring is on\n")
    ran = offramp("retiring", "stop", *WHY)
    assert (ran.code, "stopped for everybody" in ran.out, "by ada: a look at something" in ran.out) == (
        0,
        True,
        True,
    )
    assert offramp("retiring", "status").code == 1
    assert offramp("retiring", "stop", *WHY).code == 1
    assert offramp("retiring", "resume", *WHY).code == 0
    assert offramp("retiring", "status").code == 0
    with home_database.reading() as session:
        kinds = [entry.kind for entry in audit.latest(session, Sought(), limit=9)]
    assert kinds == [AuditKind.RETIRING_RESUMED, AuditKind.RETIRING_STOPPED]


def test_machines_read_it_too(offramp: Run, home_database: Database) -> None:
    answer = json.loads(offramp("retiring", "stop", *WHY, "--json").out)
    assert (answer["is_stopped"], answer["by"], answer["reason"]) == (True, "ada", "a look at something")
    assert json.loads(offramp("retiring", "status", "--json").out) == answer


def test_both_want_a_reason(offramp: Run, home_database: Database) -> None:
    assert offramp("retiring", "stop").code == 2
    assert offramp("retiring", "resume", "--reason", " ").code == 2


def test_it_is_not_resumed_while_a_promise_is_broken_unless_anyway(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        make_account(session, facts_version=2)
    offramp("retiring", "stop", *WHY)
    ran = offramp("retiring", "resume", *WHY)
    assert (ran.code, "facts_journaled (1)" in ran.err) == (1, True)
    assert offramp("retiring", "resume", *WHY, "--anyway").code == 0


def test_the_doctor_says_that_it_is_stopped(offramp: Run, home_database: Database) -> None:
    offramp("retiring", "stop", *WHY)
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    [finding] = [finding for finding in findings if finding["name"] == "retiring"]
    assert (finding["verdict"], "a look at something" in finding["detail"]) == ("note", True)
