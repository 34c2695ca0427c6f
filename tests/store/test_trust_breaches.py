"""The promises of trust are counted from rows: who changed what, and who was told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.facts import Channel
from domain.messages.messages import MessageState, Template
from domain.trust import Assurance, Bearer, Root, Way
from store import Database, Session, invariants, trust_breaches
from store.invariants import Invariant
from store.messages import messages, notices
from store.people import accounts, authenticator_apps, contact_changes, passkeys, recovery_codes
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import by_sms, make_account, make_app, make_passkey, make_recovery_codes, vouched

DAY = timedelta(days=1)
NOW = START + 5 * DAY
THIEF = Bearer(assurance=Assurance.LOW, root=Root.SMS, rooted_at=START, session_id="a session")


def broken(database: Database) -> set[Invariant]:
    with database.reading() as session:
        return {breach.invariant for breach in invariants.breaches(session, now=NOW) if breach.count}


@pytest.mark.parametrize(
    ("removed_as", "established", "is_broken"),
    [
        (Assurance.LOW, {}, True),
        (Assurance.PROVISIONAL, {}, True),
        (Assurance.HIGH, {}, False),
        (None, {}, False),
        (Assurance.LOW, by_sms(START, wait=10 * DAY), False),
    ],
)
def test_an_established_passkey_goes_by_a_session_of_full_assurance(
    database: Database, removed_as: Assurance | None, established: dict[str, Any], is_broken: bool
) -> None:
    with database.transaction() as session:
        passkey = make_passkey(session, make_account(session).account_id, **established)
        passkeys.remove(session, passkey, at=START + DAY, removed_in="a session", removed_as=removed_as)
    assert (broken(database) == {Invariant.CHANGED_BY_ITS_EQUAL}) is is_broken


@pytest.mark.parametrize("verified", [True, False])
def test_a_verified_address_is_not_replaced_from_below(database: Database, verified: bool) -> None:
    with database.transaction() as session:
        account = make_account(session, email_verified_at=START if verified else None)
        contact_changes.put(
            session,
            account,
            Channel.EMAIL,
            "thief@example.org",
            vouched(START + DAY),
            origin="person",
            bound_in="a session",
            by=Assurance.LOW,
        )
    assert (Invariant.CHANGED_BY_ITS_EQUAL in broken(database)) is verified


@pytest.mark.parametrize("succeeded", [True, False])
def test_established_codes_go_from_below_for_established_codes_alone(
    database: Database, succeeded: bool
) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        make_recovery_codes(session, account_id)
        (old,) = recovery_codes.other_sets(session, account_id, "")
        if succeeded:
            make_recovery_codes(session, account_id, at=START + timedelta(hours=1))
        recovery_codes.void_set(
            session, account_id, old.set_id, at=START + DAY, voided_in="a session", voided_as=Assurance.LOW
        )
    assert (broken(database) == {Invariant.CHANGED_BY_ITS_EQUAL}) is not succeeded


@pytest.mark.parametrize(
    ("removed_as", "succeeded", "is_broken"),
    [
        (Assurance.LOW, False, True),
        (Assurance.LOW, True, False),
        (Assurance.HIGH, False, False),
        (None, False, False),
    ],
)
def test_an_established_app_goes_from_below_for_an_established_app_alone(
    database: Database, removed_as: Assurance | None, succeeded: bool, is_broken: bool
) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        old = make_app(session, account_id)
        if succeeded:
            make_app(session, account_id, at=START + timedelta(hours=1), bound_in="another")
        authenticator_apps.remove(session, old, at=START + DAY, removed_in="a session", removed_as=removed_as)
    assert (broken(database) == {Invariant.CHANGED_BY_ITS_EQUAL}) is is_broken


@pytest.mark.parametrize("channel", Channel)
def test_an_app_that_a_notice_has_established_was_told_to_somebody_else(
    database: Database, channel: Channel
) -> None:
    with database.transaction() as session:
        account = make_account(session)
        until = START + 3 * DAY
        new_trust = replace(vouched(), root=Root.SMS, way=Way.NOTICE, established_from=until)
        app = make_app(session, account.account_id, new_trust=new_trust)
        template, values = Template.AUTHENTICATOR_APP_BOUND, {"app_id": app.app_id}
        notices.tell(session, account, template, event="1", at=START, values=values, by=THIEF)
    send(database, account, MessageState.SENT, channel)
    assert broken(database) == (set() if channel is Channel.EMAIL else {Invariant.OWNER_TOLD})


def bind(session: Session, **changes: Any) -> Account:
    """A thief binds a passkey, which a notice establishes after three days."""
    account = make_account(session, **changes)
    passkey = make_passkey(session, account.account_id, bound_in="a session", **by_sms(START, wait=3 * DAY))
    values = {"device": passkey.name, "passkey_id": passkey.passkey_id}
    template = Template.PASSKEY_BOUND
    notices.tell(session, account, template, event="1", at=START, values=values, by=THIEF)
    return account


def send(database: Database, account: Account, state: MessageState, *channels: Channel) -> None:
    with database.transaction() as session:
        for message in messages.of_account(session, account.account_id):
            if message.channel in channels:
                _, claimed = messages.claim(session, message.key, now=START)
                assert claimed
                messages.settle(session, claimed, state, at=START)


def test_what_the_owner_heard_of_in_time_breaks_nothing(database: Database) -> None:
    with database.transaction() as session:
        account = bind(session)
    send(database, account, MessageState.SENT, Channel.EMAIL)
    assert broken(database) == set()


def test_a_text_to_the_sim_by_which_the_thief_came_in_tells_the_owner_nothing(database: Database) -> None:
    with database.transaction() as session:
        account = bind(session)
    send(database, account, MessageState.SENT, Channel.SMS)
    send(database, account, MessageState.FAILED, Channel.EMAIL)
    assert Invariant.OWNER_TOLD in broken(database)


def test_whoever_was_confirmed_or_is_held_breaks_nothing(database: Database) -> None:
    with database.transaction() as session:
        bind(session, held_since=START)
        confirmed = bind(session)
        for passkey in passkeys.active(session, confirmed.account_id):
            passkeys.establish(session, passkey, from_=START, way=Way.VOUCHED)
    assert broken(database) == set()


def test_what_is_not_established_yet_is_not_judged(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        make_passkey(session, account.account_id, bound_in="a session", **by_sms(NOW))
        assert accounts.get(session, account.account_id)
    assert broken(database) == set()


@pytest.mark.parametrize("query", [trust_breaches.changed_from_below, trust_breaches.told_to_nobody])
def test_the_counts_follow_indexes_and_read_no_table_whole(
    sqlite_database: Database, query: Callable[[datetime], Any]
) -> None:
    with sqlite_database.reading() as session:
        counted = query(NOW).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        steps = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {counted}"))]
    assert steps
    assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step]
