"""Members are counted by what an end date means for them, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from domain.desk.acts import Rest
from domain.facts import Channel, SmsState
from domain.messages.messages import Fate
from domain.rollouts.end_outlooks import AtEnd, LastSignIn
from store import Database
from store.messages import contact_faults
from store.people import accounts
from store.rollouts import end_outlooks
from tests import factories
from tests.clocks import START
from tests.factories import keep_cohort, make_member, make_passkey, put_sms

DAY = timedelta(days=1)
ON = START + 30 * DAY
NOW = START + DAY


def count(database: Database, cohort_id: str) -> dict[tuple[AtEnd, LastSignIn, bool], int]:
    with database.reading() as session:
        groups = end_outlooks.count(session, cohort_id, on=ON, now=NOW)
        return {(group.at_end, group.last_sign_in, group.is_recent): group.people for group in groups}


def member(
    database: Database,
    cohort_id: str,
    *,
    passkey: dict[str, Any] | None = None,
    app: bool = False,
    fault: Fate | None = None,
    sms: SmsState = SmsState.ON,
    held_out: bool = False,
    launched: bool = True,
    **account: Any,
) -> None:
    with database.transaction() as session:
        person = factories.make_account(session, country="DE", **account)
        account_id = person.account_id
        if launched and not held_out:
            factories.make_journey(session, account_id)
        more = {} if launched else {"wave": None, "launched_at": None}
        make_member(session, cohort_id, account_id, held_out=held_out, **more)
        if passkey is not None:
            make_passkey(session, account_id, **passkey)
        if app:
            factories.make_app(session, account_id)
        if fault and person.phone:
            contact_faults.note(
                session, account_id, Channel.SMS, contact=person.phone, fate=fault, reason="r", at=START
            )
        if sms is not SmsState.ON:
            put_sms(session, accounts.get(session, account_id), sms)


PROVEN: dict[str, Any] = {"used_on": [START.date()]}


@pytest.mark.parametrize(
    ("changes", "at_end"),
    [
        ({"exposed_at": START}, AtEnd.ABLE),
        ({}, AtEnd.NOT_SEEN),
        ({"exposed_at": START, "lacks_device_since": START}, AtEnd.NO_DEVICE),
        ({"exposed_at": START, "fault": Fate.STOPPED}, AtEnd.NO_CONTACT),
        ({"exposed_at": START, "fault": Fate.UNSUBSCRIBED}, AtEnd.ABLE),
        ({"passkey": {}}, AtEnd.NOT_SEEN),
        ({"passkey": PROVEN}, AtEnd.READY),
        ({"app": True, "lacks_device_since": START}, AtEnd.READY),
        ({"rest": Rest.OTHER, "rests_until": ON + DAY}, AtEnd.EXEMPT),
        ({"rest": Rest.OTHER, "rests_until": ON - DAY}, AtEnd.NOT_SEEN),
        ({"rest": Rest.PAUSED, "rests_until": ON + DAY}, AtEnd.NOT_SEEN),
        ({"held_out": True}, AtEnd.HELD_OUT),
        ({"launched": False}, AtEnd.NOT_LAUNCHED),
    ],
)
def test_each_member_counts_once(database: Database, changes: dict[str, Any], at_end: AtEnd) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
    member(database, cohort_id, **changes)
    ((found, last_sign_in, is_recent),) = count(database, cohort_id)
    assert (found, last_sign_in) == (at_end, LastSignIn.NEVER)
    assert is_recent is ("passkey" in changes and at_end is AtEnd.READY)


@pytest.mark.parametrize(
    ("ago", "last"),
    [(1, LastSignIn.WEEK), (8, LastSignIn.MONTH), (31, LastSignIn.QUARTER), (91, LastSignIn.LONGER)],
)
def test_when_they_have_signed_in_last_is_told(database: Database, ago: int, last: LastSignIn) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
    member(database, cohort_id, last_sign_in_at=NOW - ago * DAY)
    assert count(database, cohort_id) == {(AtEnd.NOT_SEEN, last, False): 1}


def test_those_who_are_alike_are_counted_together_and_others_not(database: Database) -> None:
    with database.transaction() as session:
        cohort_id, other = keep_cohort(session), keep_cohort(session, factories.make_cohort(name="other"))
    for _ in range(3):
        member(database, cohort_id)
    member(database, other)
    assert count(database, cohort_id) == {(AtEnd.NOT_SEEN, LastSignIn.NEVER, False): 3}


def test_whoever_has_had_a_passkey_for_longer_is_no_part_of_the_pace(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
    member(database, cohort_id, passkey=PROVEN | {"bound_at": START - 14 * DAY})
    assert count(database, cohort_id) == {(AtEnd.READY, LastSignIn.NEVER, False): 1}
