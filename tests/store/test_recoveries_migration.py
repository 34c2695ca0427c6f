"""The revision that adds recoveries, tried on both databases with people in them."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain.recovery import RecoveryStage
from store import Database, schema
from store.people import accounts
from store.safety import recoveries
from tests.clocks import START
from tests.factories import make_ready_account
from tests.store.test_schema import downgrade

HOUR = timedelta(hours=1)


def test_people_of_before_get_back_in_and_each_has_one_request_that_waits(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        before = accounts.get(session, account_id).model_dump()
    downgrade(database, to="0043")
    schema.migrate(database)
    with database.transaction() as session:
        assert accounts.get(session, account_id).model_dump() == before
        first, second = (recoveries.begin(session, account_id, at=START) for _ in range(2))
        assert (first.number, second.number) == (1, 2)
        recoveries.begin_waiting(session, first, HOUR, at=START)
        second_id = second.recovery_id
    with pytest.raises(IntegrityError), database.transaction() as session:
        recoveries.begin_waiting(session, recoveries.reread(session, second_id), HOUR, at=START)
    with database.reading() as session:
        waiting = recoveries.under_way(session, account_id)
        assert waiting
        assert (waiting.number, waiting.stage) == (1, RecoveryStage.WAITING)
