"""The list of those who are one loss away: the query agrees with the rule, whatever an account holds."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.counting import Placement
from domain.facts import SmsState
from domain.upkeep.possessions import Thing
from domain.upkeep.single_loss import single_loss
from store import Database, Session
from store.desk import single_losses
from store.desk.single_losses import COLUMNS, LossFilter
from store.journeys import possessions
from store.people import accounts
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_member,
    make_passkey,
    make_recovery_codes,
    put_sms,
)
from tests.unguarded import unguarded

HOUR = timedelta(hours=1)
NOW = START + HOUR
_MOMENTS = st.sampled_from([None, START, NOW, NOW + HOUR])
_PASSKEYS = st.fixed_dictionaries(
    {
        "platform": st.sampled_from(["iPhone", "", "Device", "Windows PC", "macOS"]),
        "transports": st.sampled_from([[], ["internal"], ["internal", "hybrid"], ["nfc"], ["usb", "nfc"]]),
        "backed_up": st.booleans(),
        "last_used_at": st.sampled_from([None, START]),
        "established_from": _MOMENTS,
        "lowered_at": st.sampled_from([None, START]),
        "frozen_at": st.sampled_from([None, START]),
        "removed_at": st.sampled_from([None, START]),
    }
)
_SOUND = st.fixed_dictionaries(
    {
        "platform": st.sampled_from(["Android phone", "Windows PC"]),
        "transports": st.sampled_from([["internal"], ["internal", "hybrid"], ["nfc"]]),
        "last_used_at": st.just(START),
    }
)
HOLDINGS = st.lists(st.lists(st.one_of(_PASSKEYS, _SOUND), max_size=3), min_size=1, max_size=8)


def make_off(session: Session, *passkeys: dict[str, Any], codes: bool = False, **changes: Any) -> str:
    """Somebody whose codes are off, with these passkeys."""
    state = changes.pop("sms", SmsState.REMOVED)
    with unguarded(session):
        account_id = make_account(session, **changes).account_id
        for passkey in passkeys:
            make_passkey(session, account_id, **passkey)
        if codes:
            make_recovery_codes(session, account_id)
        put_sms(session, accounts.get(session, account_id), state, at=START)
    return account_id


PHONE = {"platform": "Android phone", "last_used_at": START}
LAPTOP = {"platform": "Windows PC", "transports": ["internal"], "last_used_at": START}


def listed(database: Database, wanted: LossFilter | None = None) -> dict[str, Thing]:
    with database.reading() as session:
        page = single_losses.page(session, wanted or LossFilter(), now=NOW, limit=200)
    return {one.person.account_id: one.thing for one in page.people}


@settings(max_examples=25)
@given(holdings=HOLDINGS, with_codes=st.lists(st.booleans(), min_size=8, max_size=8))
def check_agreement(database: Database, holdings: list[list[dict[str, Any]]], with_codes: list[bool]) -> None:
    with database.transaction() as session:
        ids = [
            make_off(session, *passkeys, codes=codes)
            for passkeys, codes in zip(holdings, with_codes, strict=False)
        ]
        by_rule = {
            account_id: thing
            for account_id, own in possessions.of_accounts(session, ids, now=NOW).items()
            if (thing := single_loss(own))
        }
        page = single_losses.page(session, LossFilter(), now=NOW, limit=10_000)
    by_query = {one.person.account_id: one.thing for one in page.people if one.person.account_id in set(ids)}
    assert by_query == by_rule


def test_the_query_agrees_with_the_rule(database: Database) -> None:
    check_agreement(database)


def test_nobody_who_signs_in_by_text_message_or_is_not_active_is_listed(database: Database) -> None:
    with database.transaction() as session:
        for state in (SmsState.ON, SmsState.NOTICE):
            make_off(session, PHONE, sms=state)
        make_off(session, PHONE, deactivated_at=START)
        suspended_id = make_off(session, PHONE, sms=SmsState.SUSPENDED)
    assert listed(database) == {suspended_id: Thing.PHONE}


def test_the_list_can_be_of_one_thing_and_of_one_cohort(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        phone_id, laptop_id = make_off(session, PHONE), make_off(session, LAPTOP)
        codes_id, nothing_id = make_off(session, codes=True), make_off(session)
        make_off(session, PHONE, LAPTOP)
        make_member(session, cohort_id, laptop_id)
        make_member(session, cohort_id, phone_id, held_out=True)
    everybody = {
        phone_id: Thing.PHONE,
        laptop_id: Thing.DEVICE,
        codes_id: Thing.CODES,
        nothing_id: Thing.NOTHING,
    }
    assert listed(database) == everybody
    for account_id, thing in everybody.items():
        assert listed(database, LossFilter(thing=thing)) == {account_id: thing}
    assert listed(database, LossFilter(cohort_id=cohort_id)) == {laptop_id: Thing.DEVICE}
    with database.reading() as session:
        counts = single_losses.counts(session, now=NOW)
        of_cohort = single_losses.counts(session, now=NOW, cohort_id=cohort_id)
        census = single_losses.census(session, now=NOW)
    assert counts == dict.fromkeys(Thing, 1)
    assert of_cohort == {thing: int(thing is Thing.DEVICE) for thing in Thing}
    nowhere = Placement(cohort="none", wave="none")
    assert census == {
        (Placement(cohort=cohort_id, wave="holdout"), Thing.PHONE): 1,
        (Placement(cohort=cohort_id, wave="1"), Thing.DEVICE): 1,
        (nowhere, Thing.CODES): 1,
        (nowhere, Thing.NOTHING): 1,
    }


def test_pages_follow_each_other_and_the_file_holds_all(database: Database) -> None:
    with database.transaction() as session:
        ids = [make_off(session, PHONE) for _ in range(5)]
    seen, after = [], None
    with database.reading() as session:
        while True:
            page = single_losses.page(session, LossFilter(), now=NOW, after=after, limit=2)
            seen += [one.person.account_id for one in page.people]
            after = page.after
            if after is None:
                break
        lines = list(single_losses.rows(session, LossFilter(), now=NOW))
    assert seen == sorted(ids)
    assert lines[0] == COLUMNS
    assert [line[1] for line in lines[1:]] == sorted(ids)
