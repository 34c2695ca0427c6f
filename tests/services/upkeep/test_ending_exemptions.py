"""Whose exemption ends is told in time, once, by day and where it arrives; and the register notes what is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import Purpose, Template
from domain.safety.end_dates import EndDate
from services.upkeep import ending_exemptions
from services.upkeep.ending_exemptions import AFTER_TROUBLE, LATER, see_to_due
from store import Database
from store.journeys import journeys
from store.messages import messages
from store.messages.messages import Message
from store.people import accounts, exemptions, journal
from store.people.exemptions import Exemption
from tests.clocks import START, FakeClock
from tests.exempted import exempted
from tests.factories import make_account, make_journey, make_policy
from tests.unguarded import unguarded

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    """Noon, some months after the beginning."""
    return FakeClock(NOON)


def add_exempt(
    database: Database, *, days: float = 14, ago: float = 30, has_journey: bool = True, **changes: Any
) -> str:
    """Somebody whose exemption began some days ago and has some days left."""
    with database.transaction() as session:
        account = make_account(session, email_verified_at=START, **changes)
        if has_journey:
            make_journey(session, account.account_id)
        exempted(session, account, "other", days=days + ago, at=NOON - ago * DAY)
        return account.account_id


def letters(database: Database, account_id: str) -> list[Message]:
    with database.reading() as session:
        sent = messages.of_account(session, account_id)
    return [message for message in sent if message.template == Template.EXEMPTION_ENDS]


def row_of(database: Database, account_id: str) -> Exemption:
    with database.reading() as session:
        row = exemptions.find_open(session, account_id)
    assert row
    return row


def test_two_weeks_before_its_end_the_person_is_told_once(database: Database, clock: FakeClock) -> None:
    account_id = add_exempt(database)
    clock.set(NOON - timedelta(seconds=1))
    see_to_due(database, clock)
    assert letters(database, account_id) == []
    clock.set(NOON)
    for _ in range(3):
        see_to_due(database, clock)
    (letter,) = letters(database, account_id)
    assert (letter.purpose, letter.channel) == (Purpose.NOTICE, Channel.EMAIL)
    assert letter.values == {"days": "14"}
    assert (row_of(database, account_id).told_at, row_of(database, account_id).tell_at) == (NOON, None)


def test_where_codes_end_with_the_exemption_the_letter_names_the_day(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_exempt(database, has_journey=False)
    with database.transaction() as session:
        make_journey(session, account_id, make_policy(end=EndDate(at=NOON + 3 * DAY)))
    see_to_due(database, clock)
    (letter,) = letters(database, account_id)
    assert letter.values == {"days": "14", "ends_on": f"{NOON + 14 * DAY:%Y-%m-%d}"}


def test_a_renewal_in_time_spares_the_letter_and_its_own_end_is_told(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_exempt(database)
    with database.transaction() as session:
        exempted(session, accounts.lock(session, account_id), "other", days=60, at=NOON)
    see_to_due(database, clock)
    assert letters(database, account_id) == []
    clock.set(NOON + 46 * DAY)
    see_to_due(database, clock)
    assert [letter.values["days"] for letter in letters(database, account_id)] == ["14"]


def test_a_text_goes_to_whoever_has_no_address(database: Database, clock: FakeClock) -> None:
    account_id = add_exempt(database, email=None)
    see_to_due(database, clock)
    assert [letter.channel for letter in letters(database, account_id)] == [Channel.SMS]


def test_nobody_is_woken_for_it(database: Database, clock: FakeClock) -> None:
    account_id = add_exempt(database, time_zone="Europe/London")
    clock.set(NOON + timedelta(hours=12))
    see_to_due(database, clock)
    assert letters(database, account_id) == []
    told_at = row_of(database, account_id).tell_at
    assert told_at
    assert NOON + timedelta(hours=18) < told_at < NOON + DAY
    clock.set(told_at)
    see_to_due(database, clock)
    assert len(letters(database, account_id)) == 1


@pytest.mark.parametrize(
    "trouble", [{"deactivated_at": START}, {"disputed_since": START}, {"email": None, "phone": None}]
)
def test_while_there_is_trouble_or_no_contact_the_letter_waits(
    database: Database, clock: FakeClock, trouble: dict[str, Any]
) -> None:
    account_id = add_exempt(database)
    with database.transaction() as session, unguarded(session):
        account = accounts.lock(session, account_id)
        account.sqlmodel_update(trouble)
        session.add(account)
    see_to_due(database, clock)
    assert letters(database, account_id) == []
    assert row_of(database, account_id).tell_at == NOON + LATER


def test_whoever_is_not_on_the_way_is_told_nothing(database: Database, clock: FakeClock) -> None:
    account_id = add_exempt(database, has_journey=False)
    see_to_due(database, clock)
    assert letters(database, account_id) == []
    assert row_of(database, account_id).tell_at is None


def test_the_exemption_of_who_is_through_is_over(database: Database, clock: FakeClock) -> None:
    account_id = add_exempt(database)
    with database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    see_to_due(database, clock)
    with database.reading() as session:
        (record,) = exemptions.of_account(session, account_id)
        entry = journal.of_account(session, account_id)[-1]
        assert accounts.get(session, account_id).rests_until is None
    assert record.ended_because == "account_done"
    assert (entry.kind, entry.actor) == (EventKind.EXEMPTION_ENDED, Actor.SYSTEM)
    assert letters(database, account_id) == []


def test_on_its_last_day_it_is_over_once_and_journeys_need_not_be_woken(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_exempt(database, days=1)
    clock.set(NOON + DAY + timedelta(minutes=5))
    for _ in range(2):
        see_to_due(database, clock)
    with database.reading() as session:
        (record,) = exemptions.of_account(session, account_id)
        entries = journal.of_account(session, account_id)
    assert (record.ended_at, record.ended_because) == (NOON + DAY, "expired")
    expired = [entry for entry in entries if entry.kind == EventKind.EXEMPTION_EXPIRED]
    assert [entry.detail for entry in expired] == [{"exemption_id": record.exemption_id}]
    assert expired[0].published_at


def test_trouble_about_one_person_keeps_nobody_else_waiting(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_exempt(database), add_exempt(database)
    send = ending_exemptions._send

    def fails_for_first(session: Any, account: Any, row: Any, now: Any) -> None:
        if account.account_id == first:
            raise RuntimeError("trouble")
        send(session, account, row, now)

    monkeypatch.setattr(ending_exemptions, "_send", fails_for_first)
    see_to_due(database, clock)
    assert (len(letters(database, first)), len(letters(database, second))) == (0, 1)
    assert row_of(database, first).tell_at == NOON + AFTER_TROUBLE
