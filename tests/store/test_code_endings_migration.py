"""A set of recovery codes from before endings were asked for works as it did, and is asked for a whole code."""

from store import Database, schema
from store.people import recovery_codes
from tests.clocks import START
from tests.factories import make_account, make_recovery_codes
from tests.store.test_schema import downgrade


def test_a_set_from_before_works_and_no_ending_of_it_is_asked_for(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        digests = make_recovery_codes(session, account_id, proven=False)
    downgrade(database, to="0038")
    schema.migrate(database)
    with database.transaction() as session:
        assert recovery_codes.find_asked(session, account_id) is None
        assert recovery_codes.left(session, account_id) == (8, False)
        code = recovery_codes.find(session, account_id, digests[2])
        assert code
        recovery_codes.prove(session, code, at=START)
        assert recovery_codes.left(session, account_id) == (8, True)
