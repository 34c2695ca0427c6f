"""What a host hears of somebody who was erased: once, by its own id, and how text-message codes stand."""

import json

import pytest

from domain.desk.acts import LEAVE_SMS, RESTORE_SMS
from domain.facts import SmsState
from store import Database
from store.journeys import host_words
from store.people import accounts, journal
from store.rights import erasing
from tests.clocks import START, FakeClock
from tests.factories import put_sms
from tests.fakes import FakeCourier
from tests.webhooks import Telling
from tests.whole_persons import EXTERNAL_ID, make_whole_person


def erase(database: Database, account_id: str, wish: str) -> None:
    with database.transaction() as session:
        erasing.erase(session, account_id, wish, at=START, by="sue", together_with="sam")


@pytest.mark.parametrize("wish", [RESTORE_SMS, LEAVE_SMS])
def test_the_host_hears_by_its_own_id_that_a_person_was_erased_and_what_becomes_of_codes(
    database: Database, clock: FakeClock, wish: str
) -> None:
    ada = make_whole_person(database)
    with database.transaction() as session:
        put_sms(session, accounts.get(session, ada), SmsState.SUSPENDED, at=START)
    courier = FakeCourier()
    telling = Telling(database, clock, courier)
    telling.subscribe(kinds=["account_erased", "sms_restored"])
    erase(database, ada, wish)
    telling.tell_due()
    events = [json.loads(hook.body) for hook in courier.taken]
    restored = ["sms_restored"] if wish == RESTORE_SMS else []
    assert [event["type"] for event in events] == [*restored, "account_erased"]
    with database.reading() as session:
        entries = [entry for entry in journal.of_account(session, ada) if entry.kind == "sms_restored"]
    assert [entry.detail["reason"] for entry in entries] == ["erased"] * len(restored)
    erased = events[-1]["data"]
    assert (erased["external_id"], erased["sms_was"]) == (EXTERNAL_ID, "suspended")
    assert erased["sms"] == ("restored" if restored else "left")
    assert not {"by", "together_with", "reason"} & erased.keys()
    assert {
        delivery.external_id for delivery in telling.deliveries() if delivery.hook_type == "account_erased"
    } == {None}


@pytest.mark.parametrize("ours", [SmsState.REMOVED, SmsState.ON])
def test_a_host_that_has_switched_codes_off_is_asked_to_restore_them_although_the_account_is_gone(
    database: Database, clock: FakeClock, ours: SmsState
) -> None:
    """Also if they have been on here all the time: of the two, the host's switch lets people in."""
    ada = make_whole_person(database)
    with database.transaction() as session:
        put_sms(session, accounts.get(session, ada), ours, at=START)
        word = host_words.find(session, ada)
        assert word
        word.said = SmsState.REMOVED
        session.add(word)
    courier = FakeCourier()
    telling = Telling(database, clock, courier)
    telling.subscribe(kinds=["sms.restore"])
    erase(database, ada, RESTORE_SMS)
    telling.tell_due()
    (event,) = [json.loads(hook.body) for hook in courier.taken]
    assert (event["type"], event["data"]["external_id"]) == ("sms.restore", EXTERNAL_ID)
