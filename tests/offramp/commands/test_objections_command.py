"""`offramp account objections` and `settle`, as they are typed."""

import json
from datetime import UTC, datetime

import pytest

from domain.journal import EventKind
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.staff.staff import AuditKind
from services.safety import objections
from store import Database
from store.messages import notices
from store.people import accounts, journal
from store.people.accounts import Account
from store.staff import audit
from store.staff.audit import Sought
from tests.factories import by_sms, make_account, make_passkey
from tests.offramp.conftest import Run


@pytest.fixture
def ada(home_database: Database) -> Account:
    with home_database.transaction() as session:
        return make_account(session, external_id="ada")


@pytest.fixture
def objection_id(home_database: Database, ada: Account) -> str:
    """Ada says that she has not added a passkey."""
    now = datetime.now(UTC)
    with home_database.transaction() as session:
        passkey_id = make_passkey(session, ada.account_id, bound_at=now, **by_sms(now)).passkey_id
        values = {"device": "iPhone", "passkey_id": passkey_id}
        notices.tell(session, ada, Template.PASSKEY_BOUND, event=passkey_id, at=now, values=values)
        key = f"{notices.event_key(ada.account_id, Template.PASSKEY_BOUND, passkey_id)}:email"
        return objections.make(session, key, at=now).objection_id


def test_open_ones_are_listed_for_people_and_machines(offramp: Run, objection_id: str) -> None:
    ran = offramp("account", "objections")
    assert ran.code == 0
    assert all(word in ran.out for word in (objection_id, "ada", "passkey_bound", "open"))
    [line] = json.loads(offramp("account", "objections", "--json").out)
    assert (line["objection_id"], line["external_id"], line["outcome"]) == (objection_id, "ada", None)


def test_the_account_shows_that_it_is_disputed_and_which_passkey_is_on_hold(
    offramp: Run, objection_id: str
) -> None:
    shown = offramp("account", "show", "ada")
    assert "offramp account objections" in " ".join(shown.out.replace("│", " ").split())
    assert "on hold since" in shown.out
    assert json.loads(offramp("account", "show", "ada", "--json").out)["passkeys"][0]["frozen_at"]


def test_settling_closes_it_and_the_account_goes_on(
    offramp: Run, home_database: Database, ada: Account, objection_id: str
) -> None:
    why = ("--reason", "they called", "--by", "sam", "--with", "sue")
    ran = offramp("account", "settle", objection_id, "--outcome", "upheld", *why)
    assert (ran.code, ran.out) == (0, "settled for ada: upheld\n")
    assert offramp("account", "objections").out == "no open objections\n"
    assert "upheld by sam: they called" in offramp("account", "objections", "--all").out
    with home_database.reading() as session:
        assert accounts.get(session, ada.account_id).disputed_since is None
    again = offramp("account", "settle", objection_id, "--outcome", "dismissed", *why)
    assert (again.code, f"settled: {Outcome.UPHELD}" in again.err) == (1, True)


def test_settling_and_settling_again_are_in_the_audit(
    offramp: Run, home_database: Database, ada: Account, objection_id: str
) -> None:
    for outcome in ("upheld", "dismissed"):
        why = ("--reason", "they called", "--by", "sam", "--with", "sue")
        offramp("account", "settle", objection_id, "--outcome", outcome, *why)
    with home_database.reading() as session:
        done, refused = audit.read(session, Sought(account_id=ada.account_id))
    detail = {"act": "settle_objection", "objection_id": objection_id}
    assert (done.kind, done.by, done.came_from) == (AuditKind.CASE_ACTED_ON, "sam", "this machine")
    assert (done.reason, done.detail) == (
        "they called",
        detail | {"outcome": "upheld", "together_with": "sue"},
    )
    assert (refused.kind, refused.by) == (AuditKind.ACT_REFUSED, "sam")
    assert refused.detail == detail | {
        "refusal": "this objection is settled: upheld",
        "together_with": "sue",
    }


def test_both_names_are_in_the_journal(
    offramp: Run, home_database: Database, ada: Account, objection_id: str
) -> None:
    why = ("--reason", "they called", "--by", "sam", "--with", " sue ")
    assert offramp("account", "settle", objection_id, "--outcome", "upheld", *why).code == 0
    with home_database.reading() as session:
        entries = journal.of_account(session, ada.account_id)
    (settled,) = (entry for entry in entries if entry.kind == EventKind.OBJECTION_SETTLED)
    assert (settled.detail["by"], settled.detail["together_with"]) == ("sam", "sue")


@pytest.mark.parametrize("second", [(), ("--with", ""), ("--with", "sam"), ("--with", " Sam")])
def test_nobody_settles_alone_and_the_answer_says_what_to_do(
    offramp: Run, home_database: Database, ada: Account, objection_id: str, second: tuple[str, ...]
) -> None:
    why = ("--outcome", "upheld", "--reason", "they called", "--by", "sam")
    ran = offramp("account", "settle", objection_id, *why, *second)
    assert (ran.code, "--with" in ran.err, "name the colleague" in plain(ran.err)) == (2, True, True)
    with home_database.reading() as session:
        assert accounts.get(session, ada.account_id).disputed_since


def plain(framed: str) -> str:
    """What is written inside a frame, with single spaces."""
    return " ".join(framed.replace("│", " ").split())


def test_a_reason_that_holds_somebodys_number_settles_nothing(
    offramp: Run, home_database: Database, ada: Account, objection_id: str
) -> None:
    why = ("--reason", "called +49 151 1234567", "--by", "sam", "--with", "sue")
    assert offramp("account", "settle", objection_id, "--outcome", "upheld", *why).code == 1
    with home_database.reading() as session:
        assert accounts.get(session, ada.account_id).disputed_since
        assert list(audit.read(session, Sought())) == []


def test_an_unknown_one_is_refused_and_so_is_a_reason_that_says_nothing(
    offramp: Run, home_database: Database
) -> None:
    two = ("--by", "sam", "--with", "sue")
    ran = offramp("account", "settle", "nothing", "--outcome", "upheld", "--reason", "why", *two)
    assert (ran.code, "no objection nothing" in ran.err) == (1, True)
    assert offramp("account", "settle", "nothing", "--outcome", "upheld", "--reason", " ", *two).code == 2
    assert offramp("account", "objections", "--all").out == "no objections\n"
