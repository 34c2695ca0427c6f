"""The migration that lets ways in live with the host keeps what is here, and the guard of the last way in."""

import pytest
from sqlalchemy.exc import DBAPIError

from domain.facts import SmsState
from domain.host.ceremonies import Ceremonies
from domain.host.events import HostEventKind
from store import Database, schema
from store.people import accounts, host_routes, passkeys
from store.people.host_routes import CEREMONIES
from tests.clocks import START
from tests.factories import make_account, make_ready_account, put_sms
from tests.host_events import hear
from tests.store.test_schema import difference, downgrade


def remove_all(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        for passkey in passkeys.kept(session, account_id):
            passkeys.remove(session, passkey, at=START)


def test_a_passkey_of_before_lives_here_and_stays_guarded_down_and_up_again(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
    downgrade(database, to="0022")
    schema.migrate(database)
    assert difference(database) == []
    with database.reading() as session:
        assert [passkey.host_id for passkey in passkeys.kept(session, account_id)] == [None, None]
    with pytest.raises(DBAPIError, match="the last proven way in stays"):
        remove_all(database, account_id)


def test_the_guard_spares_what_lives_with_the_host_and_nothing_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.notes, CEREMONIES, Ceremonies.ORCHESTRATED)
    with database.transaction() as session:
        account_id = make_account(session).account_id
    for kind in (HostEventKind.PASSKEY_BOUND, HostEventKind.PASSKEY_USED):
        hear(database, account_id, kind, at=START, passkey_id="k1", rooted_in="host")
    with database.transaction() as session:
        put_sms(session, accounts.lock(session, account_id), SmsState.REMOVED, at=START)
    remove_all(database, account_id)
    with database.reading() as session:
        assert host_routes.count_kept(session).at_host == 0
