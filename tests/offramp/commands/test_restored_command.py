"""`offramp restored`, as it is typed."""

import json
from datetime import timedelta

import pytest

from offramp.commands import restored
from store import Database
from store.engine import epochs
from store.engine.heartbeats import Heartbeat
from tests import factories
from tests.clocks import START
from tests.offramp.conftest import Run


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restored, "BEATS_WITHIN", timedelta())


def current(database: Database) -> int:
    with database.reading() as session:
        epoch = epochs.current(session)
    database.engine.dispose()  # the command is alone with the database
    return epoch


@pytest.fixture
def database(home_database: Database) -> Database:
    """A database with one journey, which nobody is connected to."""
    with home_database.transaction() as session:
        account_id = factories.make_account(session).account_id
        factories.make_journey(session, account_id)
    home_database.engine.dispose()
    return home_database


def test_without_yes_it_says_what_it_comes_to_and_changes_nothing(offramp: Run, database: Database) -> None:
    ran = offramp("restored")
    assert (ran.code, "1 journeys go on from here" in ran.out, "Nothing has changed" in ran.err) == (
        1,
        True,
        True,
    )
    assert current(database) == epochs.FIRST


def test_with_yes_another_epoch_begins(offramp: Run, database: Database) -> None:
    ran = offramp("restored", "--yes", "--json", "--by", "ada")
    answer = json.loads(ran.out)
    assert (ran.code, answer["restore"]["journeys"]) == (0, 1)
    assert answer["epoch"] == current(database) > epochs.FIRST


def test_it_is_refused_while_anything_is_connected(offramp: Run, database: Database) -> None:
    with database.reading() as session:
        session.connection()
        ran = offramp("restored", "--yes")
        assert (ran.code, "stop everything first" in ran.err) == (1, True)
    assert current(database) == epochs.FIRST


def test_it_is_refused_while_a_process_gives_signs_of_life(
    offramp: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beat(_seconds: float) -> None:
        with database.transaction() as session:
            session.merge(Heartbeat(name="a worker", at=START))
        database.engine.dispose()

    monkeypatch.setattr("time.sleep", beat)
    ran = offramp("restored", "--yes")
    assert (ran.code, "a worker" in ran.err) == (1, True)
    assert current(database) == epochs.FIRST


def test_the_doctor_says_that_not_everybody_has_heard(offramp: Run, database: Database) -> None:
    offramp("restored", "--yes")
    findings = json.loads(offramp("doctor", "--json").out)["findings"]
    assert [finding["verdict"] for finding in findings if finding["name"] == "restored"] == ["note"]
