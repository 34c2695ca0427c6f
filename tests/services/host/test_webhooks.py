"""What staff do about events that nobody took, and long replays."""

from datetime import timedelta

import pytest

from domain.errors import Unknown
from domain.host.webhooks import TRIED_FOR, HookState, NotTaken, UnusableWebhook
from domain.journal import EventKind
from services.host import webhooks
from store import Database
from store.host import webhook_upkeep
from store.host.webhook_upkeep import KEPT_FOR
from store.webhooks.deliveries import WebhookDelivery
from tests.clocks import START, FakeClock
from tests.fakes import FakeCourier
from tests.webhooks import AUTHOR, Telling

BOUND, PROVEN, SIGNED_IN = EventKind.PASSKEY_BOUND, EventKind.PASSKEY_PROVEN, EventKind.SIGNED_IN


@pytest.fixture
def courier() -> FakeCourier:
    return FakeCourier(trouble=[NotTaken("status_500")] * 1000)


@pytest.fixture
def telling(database: Database, clock: FakeClock, courier: FakeCourier) -> Telling:
    """A subscription whose receiver takes nothing."""
    made = Telling(database, clock, courier)
    made.subscribe()
    return made


def die(telling: Telling) -> WebhookDelivery:
    telling.live(TRIED_FOR + timedelta(days=1), step=timedelta(hours=1))
    return telling.only(HookState.DEAD)


def send_again(telling: Telling, delivery: WebhookDelivery) -> None:
    with telling.database.transaction() as session:
        webhooks.send_again(session, AUTHOR, int(delivery.delivery_id or 0), at=telling.clock())


def test_what_is_sent_again_goes_under_its_id(telling: Telling, courier: FakeCourier) -> None:
    telling.happens(telling.account(), BOUND)
    died = die(telling)
    courier.trouble = []
    send_again(telling, died)
    telling.tell_due()
    assert [hook.webhook_id for hook in courier.taken] == [died.webhook_id]
    assert telling.states() == {HookState.DELIVERED: 1}


def test_what_is_sent_again_is_tried_for_days_again(telling: Telling) -> None:
    telling.happens(telling.account(), BOUND)
    send_again(telling, die(telling))
    telling.live(TRIED_FOR - timedelta(hours=9), step=timedelta(hours=1))
    assert telling.states() == {HookState.WAITING: 1}
    assert die(telling)


def test_what_comes_after_it_waits_for_it_again(telling: Telling, courier: FakeCourier) -> None:
    account_id = telling.account()
    telling.happens(account_id, BOUND)
    died = die(telling)
    telling.happens(account_id, PROVEN, SIGNED_IN)
    telling.tell_due()
    send_again(telling, died)
    assert telling.states() == {HookState.WAITING: 1, HookState.BEHIND: 2}
    courier.trouble = []
    telling.live(timedelta(days=1), step=timedelta(hours=1))
    kinds = [hook.body.split('"')[3] for hook in courier.taken]
    assert kinds == ["passkey_proven", "passkey_bound", "signed_in"]


def test_a_request_that_a_later_one_has_made_void_is_not_sent_again(telling: Telling) -> None:
    account_id = telling.account()
    telling.asks(account_id, "suspend")
    died = die(telling)
    telling.asks(account_id, "restore")
    with pytest.raises(UnusableWebhook, match="later request"):
        send_again(telling, died)


def test_nothing_is_sent_again_to_a_subscription_that_has_ended(telling: Telling) -> None:
    telling.happens(telling.account(), BOUND)
    died = die(telling)
    with telling.database.transaction() as session:
        webhooks.end(session, AUTHOR, "crm", at=telling.clock())
    with pytest.raises(UnusableWebhook, match="ended"):
        send_again(telling, died)


def test_only_what_is_dead_is_sent_again_or_given_up(telling: Telling) -> None:
    telling.happens(telling.account(), BOUND)
    (delivery,) = telling.deliveries()
    with pytest.raises(Unknown):
        send_again(telling, delivery)
    with pytest.raises(Unknown), telling.database.transaction() as session:
        webhooks.give_up(session, AUTHOR, int(delivery.delivery_id or 0), at=START)


def test_what_is_given_up_is_on_no_list(telling: Telling) -> None:
    telling.happens(telling.account(), BOUND)
    died = die(telling)
    with telling.database.transaction() as session:
        assert [entry.webhook_id for entry in webhook_upkeep.dead(session, limit=9)] == [died.webhook_id]
        webhooks.give_up(session, AUTHOR, int(died.delivery_id or 0), at=telling.clock())
        assert webhook_upkeep.dead(session, limit=9) == []
        assert webhook_upkeep.count_dead(session) == {}


def test_what_has_come_to_its_end_is_deleted_later_and_what_is_dead_is_kept(
    telling: Telling, courier: FakeCourier
) -> None:
    telling.happens(telling.account(), BOUND)
    die(telling)
    courier.trouble = []
    telling.happens(telling.account(), PROVEN)
    telling.live(timedelta(hours=1))
    at = telling.clock()
    for now, left in ((at, 2), (at + KEPT_FOR, 1)):
        with telling.database.transaction() as session:
            session.execute(webhook_upkeep.cleared(now=now))
        assert len(telling.deliveries()) == left
    assert telling.only(HookState.DEAD)


def test_a_long_replay_is_in_order_and_complete(
    telling: Telling, courier: FakeCourier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_REPLAYED_AT_ONCE", 7)
    courier.trouble = []
    account_ids = [telling.account() for _ in range(4)]
    for kind in (BOUND, PROVEN, SIGNED_IN, BOUND, PROVEN):
        for account_id in account_ids:
            telling.happens(account_id, kind)
    telling.tell_due()
    heard = [hook.body for hook in courier.taken]
    courier.taken.clear()
    assert webhooks.replay(telling.database, AUTHOR, "crm", since=START, at=telling.clock()) == 20
    telling.tell_due()
    for account_id in account_ids:
        again = [hook.body for hook in courier.taken if account_id in hook.body]
        assert again == [body for body in heard if account_id in body]
    assert len({hook.webhook_id for hook in courier.taken}) == 20
