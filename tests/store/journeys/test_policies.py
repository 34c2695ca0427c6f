"""A stored policy means the same for ever; a change is a new version."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from domain.errors import Unknown
from domain.policy import Policy
from domain.presets import PRESETS
from store import Database
from store.journeys import policies
from store.journeys.policies import StoredPolicy
from tests.clocks import START
from tests.domain.strategies import policies as any_policy
from tests.factories import make_policy


def store(database: Database, policy: Policy) -> str:
    with database.transaction() as session:
        return policies.store(session, policy, at=START)


def version(database: Database, policy_id: str) -> int:
    with database.reading() as session:
        row = session.get(StoredPolicy, policy_id)
    assert row is not None
    return row.version


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_comes_back_as_it_went_in(database: Database, name: str) -> None:
    policy_id = store(database, PRESETS[name])
    with database.reading() as session:
        assert policies.get(session, policy_id) == PRESETS[name]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(any_policy())
def test_any_policy_comes_back_as_it_went_in(sqlite_database: Database, policy: Policy) -> None:
    policy_id = store(sqlite_database, policy)
    with sqlite_database.reading() as session:
        assert policies.get(session, policy_id) == policy


def test_the_same_policy_again_is_the_same_row(database: Database) -> None:
    assert store(database, make_policy()) == store(database, make_policy())


def test_a_change_is_a_new_version_and_the_old_one_stays(database: Database) -> None:
    old = store(database, make_policy())
    new = store(database, make_policy(notice=timedelta(days=9)))
    again = store(database, make_policy())
    assert len({old, new, again}) == 3
    assert [version(database, each) for each in (old, new, again)] == [1, 2, 3]
    with database.reading() as session:
        assert policies.get(session, old) == make_policy()
        assert policies.get(session, new).notice == timedelta(days=9)


def test_versions_are_counted_by_name(database: Database) -> None:
    store(database, make_policy())
    assert version(database, store(database, make_policy(name="another"))) == 1


def test_a_policy_that_was_never_stored_is_unknown(database: Database) -> None:
    with database.reading() as session, pytest.raises(Unknown):
        policies.get(session, "none")
