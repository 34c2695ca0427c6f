"""`offramp doctor` sees ways in that nobody can use, and whom the host has left without one."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.facts import SmsState
from domain.host.ceremonies import Ceremonies
from domain.host.events import HostEventKind
from offramp.checkup.findings import Diagnosis
from offramp.checkup.host_checks import host_findings
from offramp.config.settings import Settings
from store import Database
from store.people import accounts
from store.people.host_routes import CEREMONIES
from tests.clocks import START
from tests.factories import make_account, make_passkey, put_sms
from tests.host_events import hear

DAY = timedelta(days=1)


@pytest.fixture
def account_id(sqlite_database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account of an instance whose host runs the ceremonies, with one proven passkey there."""
    monkeypatch.setitem(sqlite_database.notes, CEREMONIES, Ceremonies.ORCHESTRATED)
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
    for kind in (HostEventKind.PASSKEY_BOUND, HostEventKind.PASSKEY_USED):
        hear(sqlite_database, account_id, kind, at=START, passkey_id="k1", rooted_in="host")
    return account_id


def findings(database: Database, ceremonies: Ceremonies) -> list[tuple[str, Diagnosis]]:
    settings = Settings().model_copy(update={"ceremonies": ceremonies})
    with database.reading() as session:
        return [(finding.name, finding.verdict) for finding in host_findings(session, settings)]


def test_an_instance_that_goes_one_way_is_well(sqlite_database: Database, account_id: str) -> None:
    assert findings(sqlite_database, Ceremonies.ORCHESTRATED) == [("ceremonies", Diagnosis.WELL)]


def test_passkeys_of_the_host_are_of_no_use_where_our_pages_run_the_ceremonies(
    sqlite_database: Database, account_id: str
) -> None:
    assert findings(sqlite_database, Ceremonies.HOSTED) == [("ceremonies", Diagnosis.UNWELL)]


def test_passkeys_of_ours_are_of_no_use_where_the_host_runs_the_ceremonies(
    sqlite_database: Database, account_id: str
) -> None:
    with sqlite_database.transaction() as session:
        make_passkey(session, account_id)
    assert findings(sqlite_database, Ceremonies.ORCHESTRATED) == [("ceremonies", Diagnosis.UNWELL)]


def test_whom_the_host_has_left_without_a_way_in_is_told_of(
    sqlite_database: Database, account_id: str
) -> None:
    with sqlite_database.transaction() as session:
        put_sms(session, accounts.lock(session, account_id), SmsState.REMOVED, at=START)
    hear(sqlite_database, account_id, HostEventKind.PASSKEY_REMOVED, at=START + DAY, passkey_id="k1")
    assert ("gone_at_host", Diagnosis.NOTE) in findings(sqlite_database, Ceremonies.ORCHESTRATED)
