"""What is provisional is read for an account, and counted over all, alike."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.facts import Channel
from domain.presets import STANDARD
from domain.safety.bindings import host_binding
from domain.safety.provisional import ProvisionalKind
from domain.trust import Way
from store import Database, Session
from store.people import accounts, contact_changes, provisional, recovery_codes
from tests.clocks import START
from tests.factories import by_sms, make_account, make_app, make_passkey, make_recovery_codes, vouched

SOON = START + timedelta(hours=1)
CONFIRMED: dict[str, Any] = by_sms(START) | {"way": Way.CONFIRMATION, "established_from": None}


def put(session: Session, account_id: str, channel: Channel, address: str) -> None:
    """The host changes a contact of an account that has a passkey."""
    account = accounts.get(session, account_id)
    binding = host_binding(guarded=True, is_disputed=False, cooling_off=STANDARD.cooling_off, now=START)
    contact_changes.put(session, account, channel, address, binding, origin="host", bound_in=None)
    if channel is Channel.EMAIL:
        account.email = address
    else:
        account.phone = address
    session.add(account)
    session.flush()


def test_everything_that_is_not_established_is_read_and_counted(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        make_passkey(session, account_id)
        make_passkey(session, account_id, **by_sms(START))
        make_passkey(session, account_id, **CONFIRMED)
        make_passkey(session, account_id, removed_at=START, **CONFIRMED)
        new_trust = replace(vouched(), way=Way.NOTICE, established_from=None)
        make_app(session, account_id, new_trust=new_trust)
        make_recovery_codes(session, account_id)
        for code in recovery_codes.other_sets(session, account_id, ""):
            recovery_codes.establish(session, account_id, code.set_id, from_=None, way=Way.NOTICE)
        put(session, account_id, Channel.EMAIL, "new@example.org")
        put(session, account_id, Channel.SMS, "+390612345603")
    with database.reading() as session:
        new_things = provisional.of_account(session, accounts.get(session, account_id), now=SOON)
        counts = provisional.count(session, now=SOON)
    kinds = [new.kind for new in new_things]
    assert counts == {kind: kinds.count(kind) for kind in ProvisionalKind}
    assert counts == {
        ProvisionalKind.PASSKEY: 2,
        ProvisionalKind.CODES: 1,
        ProvisionalKind.AUTHENTICATOR_APP: 1,
        ProvisionalKind.EMAIL: 1,
        ProvisionalKind.PHONE: 1,
    }


def test_what_has_waited_long_enough_is_final(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        make_passkey(session, account_id, **by_sms(START))
        put(session, account_id, Channel.EMAIL, "new@example.org")
    later = START + STANDARD.cooling_off
    with database.reading() as session:
        assert provisional.of_account(session, accounts.get(session, account_id), now=later) == []
        assert set(provisional.count(session, now=later).values()) == {0}


def test_contacts_of_the_import_are_final(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        contact_changes.put(
            session, account, Channel.EMAIL, "b@example.org", vouched(), origin="host", bound_in=None
        )
    with database.reading() as session:
        assert provisional.of_account(session, account, now=START) == []
