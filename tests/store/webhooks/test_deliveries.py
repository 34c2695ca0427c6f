"""A delivery is written with its entry or not at all, once, and in the order of its account."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from domain.host.webhooks import HookState
from domain.journal import Actor, EventKind
from store import Database, schema
from store.engine.database import CLASH
from store.people import accounts, journal
from store.people.journal import JournalEntry, Raised
from store.webhooks import deliveries, subscriptions
from store.webhooks.deliveries import OutgoingEntry
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.store.racing import at_once
from tests.store.test_schema import downgrade
from tests.webhooks import Telling

BOUND, PROVEN = EventKind.PASSKEY_BOUND, EventKind.PASSKEY_PROVEN


@pytest.fixture
def telling(database: Database, clock: FakeClock) -> Telling:
    return Telling(database, clock)


def test_without_a_subscription_nothing_is_written(telling: Telling) -> None:
    telling.happens(telling.account(), BOUND)
    assert telling.deliveries() == []


def test_without_a_subscription_an_entry_takes_no_further_statement(telling: Telling) -> None:
    account_id, statements = telling.account(), list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(telling.database.engine, "before_cursor_execute", note)
    try:
        telling.happens(account_id, BOUND)
    finally:
        event.remove(telling.database.engine, "before_cursor_execute", note)
    (asking,) = [statement for statement in statements if "webhook" in statement]
    assert asking.startswith("INSERT INTO journal")


def test_what_is_rolled_back_is_not_told(telling: Telling) -> None:
    telling.subscribe()
    account_id = telling.account()
    with telling.database.transaction() as session:
        journal.append(session, account_id, BOUND, at=START, actor=Actor.PERSON)
        session.rollback()
    assert telling.deliveries() == []


def test_each_subscription_gets_one_delivery_of_what_it_wants(telling: Telling) -> None:
    telling.subscribe(name="all")
    telling.subscribe(name="some", kinds=["passkey_proven"])
    telling.happens(telling.account(), BOUND, PROVEN)
    assert [delivery.hook_type for delivery in telling.deliveries()] == [
        *("passkey_bound", "passkey_proven", "passkey_proven")
    ]
    assert len({delivery.webhook_id for delivery in telling.deliveries()}) == 3


def test_an_entry_is_never_delivered_twice_to_one_subscription(telling: Telling) -> None:
    telling.subscribe()
    account_id = telling.account()
    telling.happens(account_id, BOUND)
    (delivery,) = telling.deliveries()
    again = OutgoingEntry(entry_id=delivery.entry_id, account_id=account_id, kind=BOUND, detail={})
    with pytest.raises(CLASH), telling.database.transaction() as session:
        deliveries.add(session, [again], at=START)


def test_entries_of_many_accounts_are_told_each_of_its_own_account(telling: Telling) -> None:
    telling.subscribe()
    with telling.database.transaction() as session:
        account_ids = [make_account(session).account_id for _ in range(700)]
        raised = [
            Raised(
                account_id=account_id,
                version=accounts.raise_version(session, account_id, progress_at=None),
                detail={"lacks": account_id},
            )
            for account_id in account_ids
        ]
        journal.append_many(session, EventKind.ACCOUNT_IMPORTED, raised, at=START)
    with telling.database.reading() as session:
        entries = {
            delivery.account_id: session.get(JournalEntry, delivery.entry_id)
            for delivery in telling.deliveries()
        }
    assert list(entries) == account_ids
    for account_id, entry in entries.items():
        assert entry
        assert (entry.account_id, entry.detail) == (account_id, {"lacks": account_id})


def test_one_delivery_of_a_lane_is_under_way_even_when_many_write_at_once(telling: Telling) -> None:
    telling.subscribe()
    account_id = telling.account()
    at_once(lambda: telling.happens(account_id, BOUND, PROVEN))
    assert telling.states() == {HookState.WAITING: 1, HookState.BEHIND: 15}
    with telling.database.reading() as session:
        by_entry = sorted(telling.deliveries(), key=lambda delivery: delivery.entry_id)
        versions = [
            session.exec(select(JournalEntry.version).where(JournalEntry.entry_id == delivery.entry_id)).one()
            for delivery in telling.deliveries()
        ]
    assert [delivery.delivery_id for delivery in by_entry] == [
        delivery.delivery_id for delivery in telling.deliveries()
    ]
    assert versions == list(range(1, 17))


def test_a_kind_of_a_later_release_reaches_who_hears_all(telling: Telling) -> None:
    telling.subscribe(name="all")
    telling.subscribe(name="some", kinds=["passkey_bound"])
    with telling.database.reading() as session:
        wants = {row.name: row.wants("something_new") for row in subscriptions.current(session)}
    assert wants == {"all": True, "some": False}


def test_what_is_on_its_way_when_a_subscription_ends_is_dropped(telling: Telling) -> None:
    telling.subscribe()
    account_id = telling.account()
    telling.happens(account_id, BOUND, PROVEN)
    with telling.database.transaction() as session:
        subscription = subscriptions.named(session, "crm")
        subscriptions.end(session, subscription, at=START, because="olga")
        assert deliveries.drop_all(session, subscription.subscription_id, at=START) == 2
    telling.happens(account_id, BOUND)
    assert telling.tell_due() == 0
    assert telling.states() == {HookState.DROPPED: 2}


@pytest.mark.postgres
def test_an_entry_that_is_committed_after_a_later_one_is_told_all_the_same(
    postgresql_database: Database, clock: FakeClock
) -> None:
    telling = Telling(postgresql_database, clock)
    telling.subscribe()
    first, second = telling.account(), telling.account()
    with postgresql_database.transaction() as slow:
        journal.append(slow, first, BOUND, at=START, actor=Actor.PERSON)
        telling.happens(second, PROVEN)
        assert telling.tell_due() == 1
    assert telling.tell_due() == 1
    assert telling.states() == {HookState.DELIVERED: 2}


def test_a_claim_waits_for_whoever_writes_the_next_entry(telling: Telling) -> None:
    """The end of one delivery and the beginning of the next meet at the account's lock, so that none is left behind."""
    telling.subscribe()
    account_id = telling.account()
    telling.happens(account_id, BOUND)

    def write_or_tell() -> None:
        telling.happens(account_id, PROVEN)
        telling.tell_due()

    at_once(write_or_tell)
    telling.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert telling.states() == {HookState.DELIVERED: 9}


def test_deliveries_survive_the_update_that_lets_them_name_deleted_accounts(telling: Telling) -> None:
    telling.subscribe()
    telling.happens(telling.account(), BOUND, PROVEN)
    before = [delivery.model_dump() for delivery in telling.deliveries()]
    downgrade(telling.database, to="0030")
    schema.migrate(telling.database)
    assert [delivery.model_dump() for delivery in telling.deliveries()] == before
