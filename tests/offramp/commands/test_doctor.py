"""`offramp doctor`: every trouble is found, named, and makes the exit code 1."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.facts import Channel, SmsState
from domain.messages.messages import MessageState, Purpose, Template
from offramp.clock import clock
from offramp.views.terminal import moment
from services.messages.fates import PassedOver
from store import Database
from store.engine import heartbeats
from store.engine.heartbeats import ProcessKind
from store.invariants import Invariant
from store.messages import callback_counts, messages
from store.messages.fates import Noted
from store.messages.messages import NewMessage
from store.people import imports
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import make_account
from tests.offramp.conftest import Run


def findings(offramp: Run) -> dict[str, dict[str, Any]]:
    ran = offramp("doctor", "--json")
    answer = json.loads(ran.out)
    assert ran.code == (0 if answer["well"] else 1)
    return {finding["name"]: finding for finding in answer["findings"]}


def make(database: Database, **changes: Any) -> Account:
    with database.transaction() as session:
        return make_account(session, **changes)


def test_a_fresh_home_has_no_worker_and_no_temporal(offramp: Run, home_database: Database) -> None:
    report = findings(offramp)
    unwell = {name for name, finding in report.items() if finding["verdict"] == "unwell"}
    assert unwell == {"relay", "temporal"}
    assert report["relay"]["detail"].startswith("the worker has never run")
    assert report["temporal"]["detail"].startswith("Temporal does not answer")


def test_people_get_signs_and_reasons(offramp: Run, home_database: Database) -> None:
    ran = offramp("doctor")
    assert ran.code == 1
    assert "✓ database: it answers, at revision" in ran.out
    assert "✗ relay: the worker has never run" in ran.out


def test_files_that_others_may_read_are_named_with_what_to_do(
    offramp: Run, home_database: Database, home: Path
) -> None:
    database = home / "offramp.db"
    database.chmod(0o600)
    assert findings(offramp)["files"]["verdict"] == "well"
    database.chmod(0o644)
    finding = findings(offramp)["files"]
    assert finding["verdict"] == "unwell"
    assert f"chmod go= {database}" in finding["detail"]


def test_a_living_relay_is_well(offramp: Run, home_database: Database) -> None:
    with home_database.transaction() as session:
        heartbeats.beat(session, "worker", ProcessKind.WORKER, at=clock())
    assert findings(offramp)["relay"]["verdict"] == "well"


def test_an_empty_database_is_told_to_migrate_and_is_left_alone(offramp: Run) -> None:
    for _ in range(2):
        assert "run `offramp migrate`" in findings(offramp)["database"]["detail"]


def test_a_database_that_is_away_is_the_reason(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/offramp")
    assert findings(offramp)["database"]["detail"].startswith("it does not answer")


def test_unsafe_settings_are_named(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_MODE", "production")
    assert findings(offramp)["configuration"]["verdict"] == "unwell"


def test_a_mistyped_setting_is_noted(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_ORIGN", "https://example.com")
    assert findings(offramp)["configuration"]["detail"] == "OFFRAMP_ORIGN is no setting; is it mistyped?"


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        (
            {"sms": SmsState.SUSPENDED, "sms_since": START, "on_proof": False},
            {Invariant.SMS_OFF_ON_PROOF, Invariant.SOME_PROVEN_ROUTE, Invariant.SMS_OFF_IN_A_JOURNEY},
        ),
        (
            {"sms": SmsState.REMOVED, "sms_since": START, "on_proof": False},
            {Invariant.SMS_OFF_ON_PROOF, Invariant.SOME_PROVEN_ROUTE, Invariant.SMS_OFF_IN_A_JOURNEY},
        ),
        ({"sms": SmsState.NOTICE, "sms_since": START}, {Invariant.SMS_OFF_IN_A_JOURNEY}),
        ({"phone": None}, {Invariant.SOME_PROVEN_ROUTE}),
        ({"facts_version": 3}, {Invariant.FACTS_JOURNALED}),
    ],
)
def test_a_broken_promise_is_found(
    offramp: Run, home_database: Database, changes: dict[str, Any], broken: set[Invariant]
) -> None:
    make(home_database, **changes)
    report = findings(offramp)
    assert {name for name in Invariant if report[name]["verdict"] == "unwell"} == broken
    assert all(report[name]["detail"].endswith(": 1") for name in broken)


def test_messages_that_nobody_knows_of_are_listed_and_no_fault(offramp: Run, home_database: Database) -> None:
    account = make(home_database)
    new = NewMessage(
        key="lost",
        account_id=account.account_id,
        purpose=Purpose.NOTICE,
        template=Template.PASSKEY_BOUND,
        channel=Channel.EMAIL,
        recipient="a@example.com",
        locale="en",
    )
    with home_database.transaction() as session:
        messages.add(session, new, at=START)
        messages.claim(session, "lost", now=START)
    assert findings(offramp)[Invariant.SENDINGS_SETTLED]["verdict"] == "unwell"
    with home_database.transaction() as session:
        messages.claim(session, "lost", now=clock())
    with home_database.reading() as session:
        lost = messages.find(session, "lost")
        assert lost is not None
        assert lost.state == MessageState.UNKNOWN
    report = findings(offramp)
    assert report[Invariant.SENDINGS_SETTLED]["verdict"] == "well"
    assert (report["unknown_messages"]["verdict"], "lost" in report["unknown_messages"]["detail"]) == (
        "note",
        True,
    )


def test_what_providers_told_is_noted(offramp: Run, home_database: Database) -> None:
    assert "callbacks" not in findings(offramp)
    with home_database.transaction() as session:
        callback_counts.count(session, "sendgrid", Noted.NEWS, times=4, at=START)
    well = findings(offramp)["callbacks"]
    assert (well["verdict"], "since the beginning" in well["detail"]) == ("well", False)
    with home_database.transaction() as session:
        callback_counts.count(session, "sendgrid", Noted.NO_SUCH_MESSAGE, times=2, at=START)
        callback_counts.count(
            session, "sendgrid", PassedOver.NOT_OURS, times=3, at=START + timedelta(hours=1)
        )
    noted = findings(offramp)["callbacks"]
    assert noted["verdict"] == "note"
    assert noted["detail"] == (
        f"sendgrid last told something at {moment(START + timedelta(hours=1))}; since the beginning "
        "2 about messages that are not here, 3 about messages of somebody else"
    )


def test_accounts_that_share_a_contact_are_counted_and_no_fault(
    offramp: Run, home_database: Database
) -> None:
    assert findings(offramp)["shared_contacts"]["verdict"] == "well"
    sharers = [make(home_database, phone="+442079460101").account_id for _ in range(2)]
    make(home_database)
    report = findings(offramp)["shared_contacts"]
    assert (report["verdict"], report["detail"].startswith("2 accounts")) == ("note", True)
    assert report["detail"].endswith(f"among them {', '.join(sharers)}")


def test_accounts_that_came_without_a_number_are_counted_and_no_fault(
    offramp: Run, home_database: Database
) -> None:
    assert "no_phone" not in findings(offramp)
    with home_database.transaction() as session:
        imports.take(session, [ImportedAccount(external_id="ada", phone=None)], at=START)
    report = findings(offramp)
    assert (report["no_phone"]["verdict"], report["no_phone"]["detail"][:10]) == ("note", "1 accounts")
    assert report[Invariant.SOME_PROVEN_ROUTE]["verdict"] == "well"


def test_accounts_whose_addresses_differ_in_spelling_only_are_named(
    offramp: Run, home_database: Database
) -> None:
    make(home_database, email="Bilal@example.com")
    assert "spelled_apart" not in findings(offramp)
    sharers = [
        make(home_database, email=email).account_id for email in ("Ada@example.com", "ada@example.com")
    ]
    report = findings(offramp)["spelled_apart"]
    assert (report["verdict"], report["detail"].startswith("2 accounts")) == ("note", True)
    assert all(account_id in report["detail"] for account_id in sharers)
