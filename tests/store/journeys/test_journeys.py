"""An account has one journey, ever; it is opened once and ended once."""

import pytest

from domain.errors import Unknown
from domain.journal import EventKind
from domain.journey import JourneyOutcome
from store import Database
from store.journeys import journeys, policies
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy
from tests.store.racing import at_once


def open_(database: Database, account_id: str) -> bool:
    with database.transaction() as session:
        policy_id = policies.store(session, make_policy(), at=START)
        return journeys.open_(session, account_id, policy_id, at=START)


def end(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)


def kinds(database: Database, account_id: str) -> list[str]:
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]


def test_a_journey_is_opened_once(database: Database, account_id: str) -> None:
    assert open_(database, account_id)
    assert not open_(database, account_id)
    assert kinds(database, account_id) == [EventKind.JOURNEY_STARTED]
    with database.reading() as session:
        assert accounts.get(session, account_id).progress_at == START


def test_a_journey_opened_by_many_at_once_is_opened_once(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        policies.store(session, make_policy(), at=START)
    assert sorted(at_once(lambda: open_(database, account_id))) == [False] * 7 + [True]
    assert kinds(database, account_id) == [EventKind.JOURNEY_STARTED]


def test_who_has_no_phone_number_has_nothing_to_leave_behind(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, phone=None).account_id
    assert not open_(database, account_id)
    assert kinds(database, account_id) == []


def test_nobody_has_no_journey(database: Database) -> None:
    with pytest.raises(Unknown):
        open_(database, "nobody")


def test_a_journey_goes_by_the_policy_it_was_opened_with(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        assert journeys.policy_of(session, account_id) is None
        with pytest.raises(Unknown):
            journeys.require_policy(session, account_id)
        make_journey(session, account_id, make_policy(proving_days=4))
        policies.store(session, make_policy(proving_days=1), at=START)
        assert journeys.require_policy(session, account_id).proving_days == 4


def test_a_journey_ends_once_and_is_never_opened_again(database: Database, account_id: str) -> None:
    open_(database, account_id)
    end(database, account_id)
    end(database, account_id)
    assert kinds(database, account_id) == [EventKind.JOURNEY_STARTED, EventKind.JOURNEY_ENDED]
    assert not open_(database, account_id)
    with database.reading() as session:
        journey = journeys.find(session, account_id)
    assert journey is not None
    assert (journey.ended_at, journey.outcome) == (START, JourneyOutcome.MIGRATED)


def test_what_never_began_does_not_end(database: Database, account_id: str) -> None:
    end(database, account_id)
    assert kinds(database, account_id) == []


def test_who_runs_and_who_has_not_begun_are_listed_page_by_page(database: Database) -> None:
    with database.transaction() as session:
        everybody = sorted(make_account(session).account_id for _ in range(6))
        for account_id in everybody[:4]:
            make_journey(session, account_id)
    end(database, everybody[1])
    with database.reading() as session:
        assert list(journeys.running(session, batch=2)) == [everybody[0], everybody[2]]
        assert list(journeys.running(session, after=everybody[2])) == [everybody[3]]
        assert list(journeys.without_journey(session, batch=1)) == [everybody[4]]
        assert list(journeys.without_journey(session, after=everybody[4])) == [everybody[5]]
        assert len(journeys.running(session)) == 3
