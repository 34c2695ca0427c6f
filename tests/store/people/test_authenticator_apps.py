"""Authenticator apps in the database: a way in from the first code on, a step that counts once, secrets forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.authenticator_apps import SHOWN_FOR
from domain.safety.disputes import DISPUTE_LIFETIME
from domain.safety.objections import WINDOW
from domain.trust import Way
from store import Database, Session, hanging
from store.hanging import SEALED
from store.journeys import facts
from store.people import accounts, authenticator_apps, lineage
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from tests.clocks import START
from tests.factories import (
    make_account,
    make_app,
    make_passkey,
    make_recovery_codes,
    make_web_session,
    vouched,
)
from tests.store.racing import at_once

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def app_id(database: Database, account_id: str) -> str:
    with database.transaction() as session:
        return make_app(session, account_id).app_id


def get(session: Session, app_id: str) -> AuthenticatorApp:
    app = authenticator_apps.look_up(session, app_id)
    assert app
    return app


def test_a_secret_that_was_only_shown_is_no_way_in(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        authenticator_apps.begin(session, account_id, b"secret", vouched(), bound_in="session")
        assert authenticator_apps.find_shown(session, account_id, "session", now=START)
        assert not authenticator_apps.find_shown(session, account_id, "another session", now=START)
        assert not authenticator_apps.find_shown(session, account_id, "session", now=START + SHOWN_FOR)
        assert not authenticator_apps.working(session, account_id)
        assert not authenticator_apps.is_any_working(session, account_id)
        assert facts.read(session, account_id).authenticator_apps == 0


def test_a_session_is_shown_one_secret_at_a_time(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        for secret in (b"first", b"second"):
            authenticator_apps.begin(session, account_id, secret, vouched(), bound_in="session")
        shown = authenticator_apps.find_shown(session, account_id, "session", now=START)
        assert shown
        assert shown.sealed == b"second"


def test_a_step_is_used_once_by_many_at_once(database: Database, app_id: str) -> None:
    def claim() -> bool:
        with database.transaction() as session:
            return authenticator_apps.claim_step(session, get(session, app_id), 7, at=START)

    assert sorted(at_once(claim)) == [False] * 7 + [True]


def test_no_step_is_used_before_one_that_was_used(database: Database, app_id: str) -> None:
    with database.transaction() as session:
        app = get(session, app_id)
        assert [authenticator_apps.claim_step(session, app, step, at=START) for step in (7, 6, 7, 8)] == [
            True,
            False,
            False,
            True,
        ]


@pytest.mark.parametrize("ends", ["removed_at", "held_at"])
def test_an_app_that_was_removed_or_held_claims_no_step(database: Database, app_id: str, ends: str) -> None:
    with database.transaction() as session:
        app = get(session, app_id)
        if ends == "removed_at":
            authenticator_apps.remove(session, app, at=START)
        else:
            authenticator_apps.hold(session, app, at=START)
        assert not authenticator_apps.claim_step(session, app, 9, at=START)
        assert not authenticator_apps.working(session, app.account_id)


def test_days_are_counted_once_each(database: Database, account_id: str, app_id: str) -> None:
    with database.transaction() as session:
        app = get(session, app_id)
        today, tomorrow = START.date(), (START + DAY).date()
        counted = [authenticator_apps.note_day(session, app, day) for day in (today, tomorrow, tomorrow)]
        assert counted == [False, True, False]
        assert facts.read(session, account_id).app_days == 2


def test_the_established_app_is_the_one_that_others_may_ask_for(
    database: Database, account_id: str, app_id: str
) -> None:
    with database.transaction() as session:
        later = replace(vouched(), established_from=START + DAY)
        newer = make_app(session, account_id, new_trust=later, at=START + SECOND, bound_in="another")
        found = authenticator_apps.established(session, account_id, now=START + SECOND)
        assert found
        assert found.app_id == app_id
        authenticator_apps.remove(session, found, at=START + SECOND)
        assert authenticator_apps.established(session, account_id, now=START + SECOND) is None
        assert authenticator_apps.established(session, account_id, now=newer.bound_at + DAY) is newer


def test_what_was_bound_by_an_app_goes_back_to_it(database: Database, account_id: str, app_id: str) -> None:
    with database.transaction() as session:
        opened = make_web_session(session, "token", account_id=account_id, app_id=app_id)
        passkey = make_passkey(session, account_id, bound_in=opened.session_id)
        tree = lineage.of_app(session, get(session, app_id))
        assert tree.app_ids == {app_id}
        assert tree.session_ids == {opened.session_id}
        assert tree.passkey_ids == {passkey.passkey_id}
        assert app_id in lineage.of_session(session, account_id, "a session").app_ids


def test_secrets_are_forgotten_when_nobody_needs_them_any_more(
    database: Database, account_id: str, app_id: str
) -> None:
    with database.transaction() as session:
        unused = authenticator_apps.begin(session, account_id, b"unused", vouched(), bound_in="session")
        authenticator_apps.remove(session, get(session, app_id), at=START)
        kept = make_app(session, account_id, bound_in="another")
        ids = unused.app_id, app_id, kept.app_id
    expected = {
        START + SHOWN_FOR: 0,
        START + SHOWN_FOR + SECOND: 1,
        START + WINDOW + DISPUTE_LIFETIME: 0,
        START + WINDOW + DISPUTE_LIFETIME + SECOND: 1,
    }
    for now, forgotten in expected.items():
        with database.transaction() as session:
            assert authenticator_apps.forget_secrets(session, now=now) == forgotten
    with database.reading() as session:
        assert [get(session, each).sealed is None for each in ids] == [True, True, False]


def test_what_can_be_brought_back_still_hangs_on_its_key(database: Database, app_id: str) -> None:
    [column] = [column for column in SEALED if column.table is AuthenticatorApp]
    with database.transaction() as session:
        authenticator_apps.remove(session, get(session, app_id), at=START)
        [value] = hanging.sealed(session, column, after=None, now=START)
        assert hanging.put(session, column, value, sealed_again=b"closed again")
    with database.reading() as session:
        assert get(session, app_id).sealed == b"closed again"


def lacks_device(session: Session, account_id: str) -> Account:
    account = accounts.lock(session, account_id)
    account.lacks_device_since = START
    session.add(account)
    session.flush()
    return account


def test_the_app_is_the_evidence_where_it_may_be_in_place_of_a_passkey(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, email_verified_at=START).account_id
        until = START + DAY
        new_trust = replace(vouched(START + SECOND), way=Way.SIM_WINDOW, established_from=until)
        make_app(session, account_id, new_trust=new_trust, at=START + SECOND)
        make_recovery_codes(session, account_id)
        before = facts.read(session, account_id)
        assert (before.authenticator_apps, before.lacks_device) == (1, False)
        assert (before.passkey_bound_at, before.evidence_from, before.sms_alone) == (None, None, False)
        lacks_device(session, account_id)
        read = facts.read(session, account_id)
        assert (read.passkey_bound_at, read.evidence_from) == (START + SECOND, until)
        assert read.sms_alone
        make_passkey(session, account_id, used_on=[START.date()])
        by_passkey = facts.read(session, account_id)
        assert by_passkey.passkey_bound_at == START
        assert not by_passkey.sms_alone
