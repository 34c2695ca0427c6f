"""`offramp stop`, `offramp resume` and `offramp stops`, as they are typed."""

import json

from domain.staff.staff import AuditKind
from store import Database
from store.staff import audit
from store.staff.audit import Sought
from tests.factories import make_account
from tests.offramp.conftest import Run

WHY = ("--reason", "a look at something", "--by", "ada")


def test_something_is_stopped_listed_and_goes_on(offramp: Run, home_database: Database) -> None:
    ran = offramp("stops")
    assert (ran.code, ran.out) == (0, "nothing is stopped\n")
    ran = offramp("stop", "prompts", "--browser", "chrome 131", *WHY)
    assert (ran.code, ran.out.startswith("prompts are stopped for browser Chrome 131 since ")) == (0, True)
    assert ran.out.endswith(", by ada: a look at something\n")
    assert (offramp("stops").code, offramp("stops").out) == (1, ran.out)
    ran = offramp("resume", "prompts", "--browser", "Chrome 131", *WHY)
    assert (ran.code, ran.out.startswith("prompts go on for browser Chrome 131 since ")) == (0, True)
    assert offramp("stops").code == 0
    assert "prompts go on for browser Chrome 131" in offramp("stops", "--all").out
    with home_database.reading() as session:
        kinds = [entry.kind for entry in audit.latest(session, Sought(), limit=9)]
    assert kinds == [AuditKind.SWITCH_RESUMED, AuditKind.SWITCH_STOPPED]


def test_machines_read_it_too(offramp: Run, home_database: Database) -> None:
    answer = json.loads(offramp("stop", "nudges", "--country", "DE", *WHY, "--json").out)
    assert (answer["switch"], answer["slice"]) == ("nudges", {"by": "country", "value": "DE"})
    assert json.loads(offramp("stops", "--json").out) == {"is_stopped": True, "stops": [answer]}


def test_a_slice_that_makes_no_sense_is_refused_and_changes_nothing(
    offramp: Run, home_database: Database
) -> None:
    ran = offramp("stop", "launches", "--browser", "Chrome", *WHY)
    assert (ran.code, "only for everybody, or by country" in ran.err) == (1, True)
    assert offramp("stop", "prompts", "--country", "DE", "--platform", "ios", *WHY).code == 2
    assert offramp("stop", "weather", *WHY).code == 2
    assert offramp("stop", "prompts").code == 2
    assert offramp("stops").code == 0


def test_it_is_the_same_switch_as_that_of_retiring(offramp: Run, home_database: Database) -> None:
    offramp("stop", "retiring", *WHY)
    assert "stopped for everybody" in offramp("retiring", "status").out
    assert offramp("retiring", "stop", *WHY).code == 1
    assert offramp("retiring", "resume", *WHY).code == 0
    assert offramp("stops").code == 0


def test_retiring_does_not_go_on_while_a_promise_is_broken_unless_anyway(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        make_account(session, facts_version=2)
    offramp("stop", "retiring", *WHY)
    ran = offramp("resume", "retiring", *WHY)
    assert (ran.code, "facts_journaled (1)" in ran.err) == (1, True)
    assert offramp("resume", "retiring", *WHY, "--anyway").code == 0


def test_the_doctor_says_what_is_stopped(offramp: Run, home_database: Database) -> None:
    offramp("stop", "launches", *WHY)
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    [finding] = [finding for finding in findings if finding["name"] == "switches"]
    assert (finding["verdict"], "a look at something" in finding["detail"]) == ("note", True)
