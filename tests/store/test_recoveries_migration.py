"""The revision that adds recoveries, tried on both databases with people in them."""

from datetime import timedelta

from domain.recovery import RecoveryStage
from store import Database, schema
from store.people import accounts
from store.safety import recoveries
from tests.clocks import START
from tests.factories import make_ready_account
from tests.store.test_schema import downgrade

HOUR = timedelta(hours=1)


def test_people_of_before_get_back_in(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        before = accounts.get(session, account_id).model_dump()
    downgrade(database, to="0043")
    schema.migrate(database)
    with database.transaction() as session:
        assert accounts.get(session, account_id).model_dump() == before
        first, second = (recoveries.begin(session, account_id, at=START) for _ in range(2))
        recoveries.begin_waiting(session, second, HOUR, at=START)
        assert (first.number, second.number) == (1, 2)
    with database.reading() as session:
        [waiting] = recoveries.under_way(session, account_id)
        assert (waiting.number, waiting.stage) == (2, RecoveryStage.WAITING)
    downgrade(database, to="0043")
    schema.migrate(database)
    with database.reading() as session:
        assert not recoveries.of_account(session, account_id)
        assert accounts.get(session, account_id).model_dump() == before
