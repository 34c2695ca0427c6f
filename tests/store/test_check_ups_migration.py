"""Whoever lost text-message codes before the update is looked at for a check-up, and nobody else."""

from datetime import timedelta

from domain.facts import SmsState
from store import Database, schema
from store.journeys import check_ups
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import make_account
from tests.store.test_schema import downgrade

LATER = START + timedelta(days=400)


def test_accounts_whose_codes_were_removed_are_due_since_then(database: Database) -> None:
    with database.transaction() as session:
        removed_id = make_account(session, sms=SmsState.REMOVED, sms_since=START).account_id
        for state in (SmsState.ON, SmsState.NOTICE, SmsState.SUSPENDED):
            make_account(session, sms=state, sms_since=START)
    downgrade(database, to="0041")
    schema.migrate(database)
    with database.reading() as session:
        assert check_ups.due(session, now=LATER, limit=10) == [removed_id]
        row = check_ups.find(session, removed_id)
        assert row
        assert (row.round, row.due_at, row.invited_at, row.done_at) == (0, START, None, None)
        assert session.get(Account, removed_id)
    downgrade(database, to="0041")
    schema.migrate(database)
