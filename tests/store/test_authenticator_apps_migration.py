"""Whoever had said that they have no device lacks one after the migration, and what was there stays as it was."""

import pytest
from sqlalchemy.exc import DBAPIError

from domain.facts import SmsState
from domain.prompts import CannotReason
from store import Database, schema
from store.people import accounts, authenticator_apps, passkeys, recovery_codes, sessions
from tests.clocks import START
from tests.factories import (
    make_account,
    make_app,
    make_passkey,
    make_recovery_codes,
    make_web_session,
    put_sms,
)
from tests.store.test_schema import downgrade


def test_reasons_from_before_say_who_lacks_a_device_and_everything_else_stays(database: Database) -> None:
    with database.transaction() as session:
        said = make_account(session, cannot_reason=CannotReason.NO_DEVICE, cannot_since=START).account_id
        busy = make_account(session, cannot_reason=CannotReason.NO_TIME, cannot_since=START).account_id
        passkey_id = make_passkey(session, said, used_on=[START.date()]).passkey_id
        make_recovery_codes(session, said)
        session_id = make_web_session(session, "token", account_id=said, set_id="a set").session_id
        make_app(session, busy)
    downgrade(database, to="0041")
    schema.migrate(database)
    with database.reading() as session:
        assert accounts.get(session, said).lacks_device_since == START
        assert accounts.get(session, busy).lacks_device_since is None
        assert passkeys.get(session, said, passkey_id).last_used_at == START
        assert recovery_codes.left(session, said) == (8, True)
        kept = sessions.get(session, session_id)
        assert (kept.set_id, kept.app_id) == ("a set", None)
        assert not authenticator_apps.working(session, busy)


def test_the_guards_of_before_are_back_after_a_downgrade_and_of_now_after_the_migration(
    database: Database,
) -> None:
    with database.transaction() as session:
        account = make_account(session)
        account_id = account.account_id
        passkey_id = make_passkey(session, account_id, used_on=[START.date()]).passkey_id
        put_sms(session, account, SmsState.REMOVED)
    downgrade(database, to="0041")
    schema.migrate(database)
    with database.transaction() as session:
        app_id = make_app(session, account_id).app_id
        passkeys.remove(session, passkeys.get(session, account_id, passkey_id), at=START)
    with pytest.raises(DBAPIError, match="the last proven way in stays"):
        take_away(database, app_id)


def take_away(database: Database, app_id: str) -> None:
    with database.transaction() as session:
        app = authenticator_apps.look_up(session, app_id)
        assert app
        authenticator_apps.remove(session, app, at=START)
