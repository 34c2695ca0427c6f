"""`offramp journeys start`, as it is typed."""

import json

import pytest

from domain.presets import FAST
from offramp.orders import journey_starts
from store import Database
from store.journeys import journeys
from store.people import accounts
from tests.factories import make_account
from tests.offramp.conftest import Run


def people(database: Database, *external_ids: str, phone: bool = True) -> None:
    with database.transaction() as session:
        for external_id in external_ids:
            make_account(session, external_id=external_id, **({} if phone else {"phone": None}))


def test_everyone_starts_once(offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey_starts, "BATCH", 2)
    people(home_database, "a", "b", "c", "d", "e")
    people(home_database, "no-phone", phone=False)
    first, second = offramp("journeys", "start", "--all"), offramp("journeys", "start", "--all")
    assert first.code == second.code == 0
    assert first.out == "5 started, 0 had one already, 1 cannot take part (no phone number)\n"
    assert second.out == "0 started, 5 had one already, 1 cannot take part (no phone number)\n"
    assert "the worker has never run" in first.err
    with home_database.reading() as session:
        assert len(journeys.running(session)) == 5


def test_some_start_by_the_hosts_ids(offramp: Run, home_database: Database) -> None:
    people(home_database, "ada", "bilal")
    ran = offramp("journeys", "start", "ada", "ada", "nobody", "--policy", "fast")
    assert ran.code == 1
    assert ran.out.startswith("1 started, 0 had one already")
    assert "No account is called nobody." in ran.err
    with home_database.reading() as session:
        ada = accounts.by_external_id(session, "ada")
        assert ada is not None
        assert journeys.policy_of(session, ada.account_id) == FAST


def test_machines_get_the_counts(offramp: Run, home_database: Database) -> None:
    people(home_database, "ada")
    answer = json.loads(offramp("journeys", "start", "ada", "nobody", "--json").out)
    assert answer == {"started": 1, "already": 0, "no_phone": 0, "unknown": ["nobody"]}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "say who"),
        (("ada", "--all"), "say who"),
        (("ada", "--policy", "brutal"), "no policy is called brutal"),
    ],
)
def test_wrong_usage_says_what_to_do(offramp: Run, arguments: tuple[str, ...], reason: str) -> None:
    ran = offramp("journeys", "start", *arguments)
    assert ran.code == 2
    assert reason in ran.err
