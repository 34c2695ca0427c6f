"""Passkeys stay on record for ever, and their days are counted once each."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import CeremonyRejected, Unknown
from domain.passkeys import Assertion
from store import Database
from store.people import passkeys
from tests.clocks import START
from tests.factories import make_account, make_passkey
from tests.store.racing import at_once

DAY = timedelta(days=1)


def test_active_passkeys_come_oldest_first_and_removed_ones_stay_on_record(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        young = make_passkey(session, account_id, bound_at=START + DAY)
        gone = make_passkey(session, account_id, bound_at=START - DAY)
        old = make_passkey(session, account_id, bound_at=START)
        passkeys.remove(session, gone, at=START + 2 * DAY)
        assert [each.passkey_id for each in passkeys.active(session, account_id)] == [
            old.passkey_id,
            young.passkey_id,
        ]
        assert [each.passkey_id for each in passkeys.ever_bound(session, account_id)] == [
            gone.passkey_id,
            old.passkey_id,
            young.passkey_id,
        ]


def test_a_removed_passkey_no_longer_signs_in_and_is_never_bound_again(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        passkey = make_passkey(session, account_id, credential_id="once")
        row = passkeys.by_credential(session, "once")
        assert row is not None
        assert row.passkey_id == passkey.passkey_id
        passkeys.remove(session, passkey, at=START)
        assert passkeys.by_credential(session, "once") is None
        assert passkeys.on_record(session, "once")
        with pytest.raises(Unknown):
            passkeys.get(session, account_id, passkey.passkey_id)
    assert not_bound_again(database, account_id)


def not_bound_again(database: Database, account_id: str) -> bool:
    try:
        with database.transaction() as session:
            make_passkey(session, account_id, credential_id="once")
    except CeremonyRejected as rejected:
        return rejected.reason == "already_bound"
    return False


def test_a_credential_nobody_bound_is_on_no_record(database: Database) -> None:
    with database.reading() as session:
        assert passkeys.by_credential(session, "never") is None
        assert not passkeys.on_record(session, "never")


def test_a_passkey_of_somebody_else_is_unknown(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        theirs = make_passkey(session, make_account(session).account_id).passkey_id
        with pytest.raises(Unknown):
            passkeys.get(session, account_id, theirs)


def test_days_are_counted_once_over_all_passkeys(database: Database, account_id: str) -> None:
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    with database.transaction() as session:
        make_passkey(session, account_id, used_on=[monday, monday, tuesday])
        make_passkey(session, account_id, used_on=[tuesday])
        assert passkeys.days_used(session, account_id) == {monday, tuesday}


def test_a_passkey_that_signs_in_many_times_at_once_has_had_one_day(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        passkey_id = make_passkey(session, account_id).passkey_id

    def sign_in() -> None:
        with database.transaction() as session:
            passkey = passkeys.get(session, account_id, passkey_id)
            passkeys.note_use(session, passkey, at=START, day=START.date())

    at_once(sign_in)
    with database.reading() as session:
        assert passkeys.days_used(session, account_id) == {START.date()}
        assert passkeys.get(session, account_id, passkey_id).last_used_at == START


def test_a_counter_that_goes_back_is_kept_at_its_highest(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        passkey = make_passkey(session, account_id)
        for sign_count in (7, 3):
            passkeys.note_state(session, passkey, assertion(sign_count=sign_count))
        assert (passkey.sign_count, passkey.backed_up) == (7, True)


def test_whether_a_passkey_is_synced_follows_what_it_says_and_the_right_to_it_stays(
    database: Database, account_id: str
) -> None:
    says = [
        (assertion(backup_eligible=True, backed_up=False), False),
        (assertion(), True),
        (assertion(), False),
        (assertion(backup_eligible=False, backed_up=False), True),
    ]
    with database.transaction() as session:
        passkey = make_passkey(session, account_id)
        assert [passkeys.note_state(session, passkey, said) for said, _ in says] == [
            is_changed for _, is_changed in says
        ]
        assert (passkey.backup_eligible, passkey.backed_up) == (True, False)


def assertion(**changes: Any) -> Assertion:
    says: dict[str, Any] = {
        "credential_id": "",
        "sign_count": 0,
        "backup_eligible": True,
        "backed_up": True,
    }
    return Assertion(**(says | changes))


def test_a_passkey_goes_by_the_name_its_owner_gives_it(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        passkey = make_passkey(session, account_id)
        passkeys.rename(session, passkey, "The old tablet")
    with database.reading() as session:
        assert [each.name for each in passkeys.active(session, account_id)] == ["The old tablet"]
