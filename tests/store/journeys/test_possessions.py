"""What an account can be opened with, read out of its rows, whoever runs the ceremonies."""

from typing import Any

import pytest

from domain.facts import Channel, SmsState
from domain.host.ceremonies import Ceremonies
from domain.inventory import OtherMethod
from domain.messages.messages import Fate
from domain.upkeep.possessions import Possessions
from store import Database
from store.journeys import possessions
from store.messages import contact_faults
from store.people import accounts
from tests.ceremonies import PagePeople, run_by
from tests.clocks import START
from tests.factories import make_account, make_passkey, make_recovery_codes


def read(database: Database, account_id: str) -> Possessions:
    with database.reading() as session:
        return possessions.of_account(session, account_id, now=START)


def add(database: Database, **changes: Any) -> str:
    with database.transaction() as session:
        return make_account(session, **changes).account_id


def test_passkeys_and_codes_are_told_alike_whoever_runs_the_ceremonies(
    database: Database, people: PagePeople
) -> None:
    account_id = add(database)
    with database.transaction() as session:
        people.make_passkey(session, account_id, used_on=[START.date()], is_synced=True)
        people.make_passkey(session, account_id)
        people.make_passkey(session, account_id, is_held=True)
        people.make_recovery_codes(session, account_id)
    own = read(database, account_id)
    assert [(passkey.is_synced, passkey.is_proven) for passkey in own.passkeys] == [
        (True, True),
        (False, False),
    ]
    assert own.codes_left > 0
    assert (own.codes_are_established, own.has_had_codes) == (True, True)


def test_codes_that_nobody_has_shown_to_keep_are_none(database: Database) -> None:
    account_id = add(database)
    with database.transaction() as session:
        make_recovery_codes(session, account_id, proven=False)
    own = read(database, account_id)
    assert (own.codes_left, own.codes_are_established, own.has_had_codes) == (0, False, False)


@pytest.mark.parametrize(
    ("changes", "signs_in"),
    [({}, True), ({"sms": SmsState.SUSPENDED}, False), ({"phone": None}, False)],
)
def test_texts_sign_in_while_they_are_on(
    database: Database, changes: dict[str, Any], *, signs_in: bool
) -> None:
    account_id = add(database, **changes)
    with database.transaction() as session:
        make_passkey(session, account_id, last_used_at=START)
    assert read(database, account_id).texts_sign_in is signs_in


@pytest.mark.parametrize(
    ("fate", "fails"), [(Fate.BOUNCED, True), (Fate.UNSUBSCRIBED, False), (Fate.WITHHELD, False)]
)
def test_an_address_fails_when_it_is_to_blame_that_nothing_arrives(
    database: Database, fate: Fate, *, fails: bool
) -> None:
    account_id = add(database)
    with database.transaction() as session:
        contact = accounts.get(session, account_id).email or ""
        contact_faults.note(
            session, account_id, Channel.EMAIL, contact=contact, fate=fate, reason="r", at=START
        )
    assert read(database, account_id).email_fails is fails
    with database.transaction() as session:
        accounts.verify_email(session, accounts.get(session, account_id), "new@example.org", at=START)
    assert not read(database, account_id).email_fails


def test_the_hosts_own_methods_are_what_it_has_told(database: Database) -> None:
    account_id = add(database, other_methods=[OtherMethod.TOTP])
    assert read(database, account_id).other_methods == {OtherMethod.TOTP}


def test_support_lets_in_whoever_has_a_contact_where_offramp_runs_the_ceremonies(database: Database) -> None:
    somebody, inactive = add(database), add(database, deactivated_at=START)
    nowhere = add(database, phone=None, email=None)
    assert read(database, somebody).can_be_rescued
    assert not read(database, inactive).can_be_rescued
    assert not read(database, nowhere).can_be_rescued
    with run_by(database, Ceremonies.ORCHESTRATED):
        assert not read(database, somebody).can_be_rescued
