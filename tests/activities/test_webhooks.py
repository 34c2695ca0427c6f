"""Hosts hear of every entry, in order, at least once and under one id, whatever fails and whoever dies meanwhile."""

import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from domain.host.webhooks import (
    SENDING_TIMEOUT,
    STEADY_FAILURES,
    TRIED_FOR,
    HookState,
    NotTaken,
)
from domain.journal import Actor, EventKind
from providers.sealing import FernetSeal
from services.host import deletions, webhooks
from store import Database
from store.engine import epochs
from store.host import webhook_sending
from store.people import accounts
from store.webhooks import subscriptions
from tests.clocks import FakeClock
from tests.fakes import FakeCourier
from tests.receiver import Arrival, Receiver
from tests.webhooks import AUTHOR, SEAL, Telling, on_loopback

BOUND, PROVEN, SIGNED_IN = EventKind.PASSKEY_BOUND, EventKind.PASSKEY_PROVEN, EventKind.SIGNED_IN


class Killed(BaseException):
    """The sender's process is gone."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


@pytest.fixture
def telling(database: Database, clock: FakeClock, receiver: Receiver) -> Telling:
    """A subscription to everything, with a real receiver."""
    made = Telling(database, clock, on_loopback())
    made.subscribe(receiver.url)
    return made


def test_a_host_reads_what_happened_and_to_whom(
    database: Database, clock: FakeClock, receiver: Receiver
) -> None:
    telling = Telling(database, clock, on_loopback())
    secret = telling.subscribe(receiver.url)
    account_id = telling.account()
    telling.happens(account_id, BOUND, passkey_id="p1", platform="Android")
    telling.tell_due()
    (arrival,) = receiver.arrivals
    with database.reading() as session:
        external_id = accounts.get(session, account_id).external_id
    assert json.loads(arrival.body) == {
        "type": "passkey_bound",
        "timestamp": clock().isoformat(),
        "data": {
            "external_id": external_id,
            "account_id": account_id,
            "version": 1,
            "actor": "person",
            "passkey_id": "p1",
            "platform": "Android",
        },
    }
    assert _signatures(arrival) == [_signed(arrival, secret)]
    assert telling.states() == {HookState.DELIVERED: 1}


def test_after_a_restored_backup_an_event_bears_the_epoch(
    telling: Telling, receiver: Receiver, database: Database, clock: FakeClock
) -> None:
    account_id = telling.account()
    with database.transaction() as session:
        epoch = epochs.renew(session, by="ada", at=clock())
    telling.happens(account_id, BOUND)
    telling.tell_due()
    (arrival,) = receiver.arrivals
    told = json.loads(arrival.body)["data"]
    assert (told["epoch"], told["version"]) == (epoch, 1)


def test_what_staff_have_typed_stays_here(telling: Telling, receiver: Receiver) -> None:
    reason = "called from +4915112345678"
    telling.happens(telling.account(), EventKind.PAUSED, actor=Actor.STAFF, reason=reason, by="olga", days=3)
    telling.tell_due()
    data = receiver.arrivals[0].event["data"]
    assert data["days"] == 3
    assert not {"by", "reason"} & set(data)


def test_requests_go_out_under_a_type_of_their_own(telling: Telling, receiver: Receiver) -> None:
    telling.asks(telling.account(), "suspend")
    telling.tell_due()
    (arrival,) = receiver.arrivals
    assert arrival.kind == "sms.suspend"
    assert {"request_id", "deadline"} <= set(arrival.event["data"])
    assert "change" not in arrival.event["data"]


def test_only_what_was_subscribed_to_is_told(
    database: Database, clock: FakeClock, receiver: Receiver
) -> None:
    telling = Telling(database, clock, on_loopback())
    telling.subscribe(receiver.url, kinds=["passkey_proven", "sms.restore"])
    account_id = telling.account()
    telling.happens(account_id, BOUND, PROVEN)
    telling.asks(account_id, "suspend", "restore")
    telling.tell_due()
    assert sorted(receiver.kinds) == ["passkey_proven", "sms.restore"]


def test_what_failed_is_tried_again_later_and_later_under_one_id(
    telling: Telling, receiver: Receiver, clock: FakeClock
) -> None:
    receiver.answers = [500, 429, 302]
    telling.happens(telling.account(), BOUND)
    times = []
    while telling.states() != {HookState.DELIVERED: 1}:
        if telling.tell_due():
            times.append(clock())
        clock.advance(timedelta(seconds=1))
    assert len({arrival.webhook_id for arrival in receiver.arrivals}) == 1
    assert len({arrival.body for arrival in receiver.arrivals}) == 1
    rests = [later - earlier for earlier, later in itertools.pairwise(times)]
    for rest, least in zip(rests, (5, 30, 300), strict=True):
        assert timedelta(seconds=least) <= rest <= timedelta(seconds=least * 1.2 + 1)


def test_an_answer_after_the_time_out_means_twice_under_one_id(
    database: Database, clock: FakeClock, receiver: Receiver
) -> None:
    telling = Telling(database, clock, on_loopback(patience=timedelta(seconds=0.5)))
    telling.subscribe(receiver.url)
    is_late = threading.Event()
    receiver.before_answer = lambda _: is_late.wait(30) if len(receiver.arrivals) == 1 else None
    telling.happens(telling.account(), BOUND)
    telling.tell_due()
    is_late.set()
    assert telling.deliveries()[0].reason == "timed_out"
    telling.live(timedelta(minutes=10))
    first, second = receiver.arrivals
    assert first.webhook_id == second.webhook_id
    assert telling.states() == {HookState.DELIVERED: 1}


def test_a_receiver_that_is_down_for_two_days_hears_everything_in_order(
    telling: Telling, receiver: Receiver
) -> None:
    account_id = telling.account()
    receiver.answers = [503] * 100
    telling.happens(account_id, BOUND, PROVEN, SIGNED_IN)
    telling.live(timedelta(days=2), step=timedelta(hours=1))
    assert set(receiver.kinds) == {"passkey_bound"}
    receiver.answers = []
    telling.live(timedelta(hours=12), step=timedelta(hours=1))
    assert list(dict.fromkeys(receiver.kinds)) == ["passkey_bound", "passkey_proven", "signed_in"]
    assert telling.states() == {HookState.DELIVERED: 3}


def test_after_three_days_an_event_is_dead_and_the_next_one_goes(
    telling: Telling, receiver: Receiver
) -> None:
    receiver.answers = [500] * 200
    account_id = telling.account()
    telling.happens(account_id, BOUND)
    telling.live(TRIED_FOR - timedelta(hours=9), step=timedelta(hours=1))
    telling.happens(account_id, PROVEN)
    assert telling.states() == {HookState.WAITING: 1, HookState.BEHIND: 1}
    telling.live(timedelta(hours=20), step=timedelta(hours=1))
    died = telling.only(HookState.DEAD)
    assert (died.hook_type, died.reason) == ("passkey_bound", "status_500")
    receiver.answers = []
    telling.live(timedelta(hours=12), step=timedelta(hours=1))
    assert receiver.kinds[-1] == "passkey_proven"
    assert telling.states() == {HookState.DEAD: 1, HookState.DELIVERED: 1}


def test_nothing_dies_untried(telling: Telling, receiver: Receiver) -> None:
    """What waited behind an entry for longer than it would be tried itself is tried all the same."""
    receiver.answers = [500] * 200
    telling.happens(telling.account(), BOUND, PROVEN)
    telling.live(TRIED_FOR + timedelta(days=1), step=timedelta(hours=1))
    assert telling.states() == {HookState.DEAD: 2}
    assert "passkey_proven" in receiver.kinds


def test_other_accounts_are_not_held_up(telling: Telling, receiver: Receiver) -> None:
    stuck, others = telling.account(), [telling.account() for _ in range(3)]
    receiver.answers = [500]
    telling.happens(stuck, BOUND, PROVEN)
    for account_id in others:
        telling.happens(account_id, BOUND, PROVEN)
    telling.tell_due()
    heard = [(arrival.event["data"]["account_id"], arrival.kind) for arrival in receiver.arrivals]
    for account_id in others:
        assert [kind for heard_id, kind in heard if heard_id == account_id] == [
            "passkey_bound",
            "passkey_proven",
        ]
    assert [kind for heard_id, kind in heard if heard_id == stuck] == ["passkey_bound"]


def test_two_subscriptions_do_not_wait_for_each_other(telling: Telling, receiver: Receiver) -> None:
    with Receiver(answers=[500] * 100) as broken:
        telling.subscribe(broken.url, name="broken")
        telling.happens(telling.account(), BOUND, PROVEN)
        telling.tell_due()
    assert receiver.kinds == ["passkey_bound", "passkey_proven"]
    assert broken.kinds == ["passkey_bound"]


def test_a_request_does_not_wait_behind_an_entry_that_fails(database: Database, clock: FakeClock) -> None:
    courier = FakeCourier(trouble=[NotTaken("status_500")] * 3)
    telling = Telling(database, clock, courier)
    telling.subscribe()
    account_id = telling.account()
    telling.happens(account_id, BOUND)
    telling.live(timedelta(minutes=1), step=timedelta(seconds=20))
    assert courier.taken == []
    telling.asks(account_id, "restore")
    courier.trouble = []
    telling.tell_due()
    assert [json.loads(hook.body)["type"] for hook in courier.taken] == ["sms.restore"]


def test_a_request_rests_for_minutes_at_most_and_asks_a_receiver_that_is_left_alone(
    telling: Telling, receiver: Receiver
) -> None:
    receiver.answers = [500] * 200
    for _ in range(STEADY_FAILURES + 3):
        telling.happens(telling.account(), BOUND)
    telling.tell_due()
    telling.asks(telling.account(), "restore")
    telling.live(timedelta(hours=2), step=timedelta(minutes=1))
    assert receiver.kinds.count("sms.restore") > 2 * 60 / 8


def test_a_later_request_makes_the_earlier_one_void(telling: Telling, receiver: Receiver) -> None:
    receiver.answers = [500]
    account_id = telling.account()
    telling.asks(account_id, "suspend")
    telling.tell_due()
    telling.asks(account_id, "restore")
    telling.live(timedelta(hours=1))
    assert receiver.kinds == ["sms.suspend", "sms.restore"]
    assert telling.states() == {HookState.OVERTAKEN: 1, HookState.DELIVERED: 1}


def test_a_later_request_makes_the_earlier_one_void_in_every_subscription(
    database: Database, clock: FakeClock
) -> None:
    telling = Telling(database, clock, on_loopback())
    with Receiver() as ends, Receiver() as restores:
        telling.subscribe(ends.url, name="ends", kinds=["sms.suspend", "sms.remove"])
        telling.subscribe(restores.url, name="restores", kinds=["sms.restore"])
        account_id = telling.account()
        ends.answers = [503]
        telling.asks(account_id, "suspend")
        telling.tell_due()
        telling.asks(account_id, "restore")
        telling.live(timedelta(minutes=20))
        assert (ends.kinds, restores.kinds) == (["sms.suspend"], ["sms.restore"])
    assert telling.states() == {HookState.OVERTAKEN: 1, HookState.DELIVERED: 1}


def test_a_request_about_a_deleted_account_is_not_sent(
    telling: Telling, receiver: Receiver, database: Database, clock: FakeClock
) -> None:
    account_id = telling.account()
    receiver.answers = [503]
    telling.asks(account_id, "restore")
    telling.tell_due()
    with database.transaction() as session:
        deletions.delete(session, accounts.lock(session, account_id), at=clock())
    telling.live(timedelta(minutes=20))
    assert receiver.kinds == ["sms.restore", "account_deleted"]
    assert telling.states() == {HookState.DROPPED: 1, HookState.DELIVERED: 1}


@pytest.mark.parametrize("trouble", [None, NotTaken("timed_out")], ids=["taken", "not taken"])
def test_a_request_that_is_being_sent_ends_before_the_later_one_goes(
    database: Database, clock: FakeClock, trouble: NotTaken | None
) -> None:
    telling = Telling(database, clock)
    telling.subscribe()
    account_id = telling.account()
    telling.asks(account_id, "suspend")

    class MeanwhileAsked(FakeCourier):
        def bring(self, hook: object) -> int:
            if not self.taken:
                telling.asks(account_id, "restore")
                self.taken.append(hook)  # type: ignore[arg-type]
                assert telling.states() == {HookState.SENDING: 1, HookState.BEHIND: 1}
                if trouble:
                    raise trouble
                return 204
            return super().bring(hook)  # type: ignore[arg-type]

    courier = MeanwhileAsked()
    telling.courier = courier
    telling.live(timedelta(minutes=20), step=timedelta(minutes=1))
    assert [json.loads(hook.body)["type"] for hook in courier.taken] == ["sms.suspend", "sms.restore"]
    first, second = telling.deliveries()
    assert first.state == (HookState.OVERTAKEN if trouble else HookState.DELIVERED)
    assert second.state == HookState.DELIVERED


def test_a_sender_that_dies_between_sending_and_noting_is_replaced(
    database: Database, clock: FakeClock, receiver: Receiver
) -> None:
    class Dying(type(on_loopback())):  # type: ignore[misc]
        def bring(self, hook: object) -> int:
            super().bring(hook)
            raise Killed

    telling = Telling(database, clock, Dying(allows_private=True))
    telling.subscribe(receiver.url)
    telling.happens(telling.account(), BOUND, PROVEN)
    with pytest.raises(Killed):
        telling.tell_due()
    assert telling.states() == {HookState.SENDING: 1, HookState.BEHIND: 1}
    telling.courier = on_loopback()
    telling.live(SENDING_TIMEOUT + timedelta(seconds=1), step=timedelta(seconds=10))
    assert receiver.kinds == ["passkey_bound", "passkey_bound", "passkey_proven"]
    assert receiver.arrivals[0].webhook_id == receiver.arrivals[1].webhook_id
    assert telling.states() == {HookState.DELIVERED: 2}


def test_a_sender_that_comes_back_too_late_changes_nothing(database: Database, clock: FakeClock) -> None:
    telling = Telling(database, clock)
    telling.subscribe()
    telling.happens(telling.account(), BOUND)
    (delivery,) = telling.deliveries()
    delivery_id = int(delivery.delivery_id or 0)
    with database.transaction() as session:
        slow = webhook_sending.claim(session, delivery_id, now=clock())
    assert slow
    with database.transaction() as session:
        assert webhook_sending.claim(session, delivery_id, now=clock()) is None
    telling.live(SENDING_TIMEOUT, step=timedelta(seconds=30))
    with database.transaction() as session:
        webhook_sending.note_untaken(session, slow, at=clock(), until=clock(), reason="timed_out")
    assert telling.states() == {HookState.DELIVERED: 1}


def test_a_receiver_that_is_gone_ends_its_subscription(telling: Telling, receiver: Receiver) -> None:
    receiver.answers = [410]
    first, second = telling.account(), telling.account()
    telling.happens(first, BOUND, PROVEN)
    telling.happens(second, BOUND)
    telling.tell_due()
    telling.happens(first, SIGNED_IN)
    telling.live(timedelta(days=1), step=timedelta(hours=1))
    assert len(receiver.arrivals) == 1
    assert telling.states() == {HookState.DROPPED: 3}
    with telling.database.reading() as session:
        (subscription,) = subscriptions.every(session)
    assert (subscription.ended_because, subscription.sealed_secret) == ("gone", b"")


def test_a_receiver_that_fails_again_and_again_is_asked_by_one_event_at_a_time(
    telling: Telling, receiver: Receiver
) -> None:
    receiver.answers = [500] * 1000
    for _ in range(40):
        telling.happens(telling.account(), BOUND)
    telling.live(timedelta(minutes=1), step=timedelta(seconds=10))
    at_first = len(receiver.arrivals)
    telling.live(timedelta(hours=1), step=timedelta(minutes=1))
    assert at_first <= 40 + 10
    assert len(receiver.arrivals) - at_first <= 60 / 5 + 2
    receiver.answers = []
    telling.live(timedelta(hours=3), step=timedelta(minutes=10))
    assert telling.states() == {HookState.DELIVERED: 40}


def test_both_secrets_sign_until_the_overlap_is_over(
    database: Database, clock: FakeClock, receiver: Receiver
) -> None:
    telling = Telling(database, clock, on_loopback())
    former = telling.subscribe(receiver.url)
    with database.transaction() as session:
        rotated = webhooks.rotate_secret(
            session, AUTHOR, "crm", seal=SEAL, at=clock(), overlap=timedelta(hours=1)
        )
    account_id = telling.account()
    telling.happens(account_id, BOUND)
    telling.tell_due()
    clock.advance(timedelta(hours=1))
    telling.happens(account_id, PROVEN)
    telling.tell_due()
    during, after = receiver.arrivals
    assert _signatures(during) == [_signed(during, secret) for secret in (rotated.secret, former)]
    assert _signatures(after) == [_signed(after, rotated.secret)]


def _signatures(arrival: Arrival) -> list[str]:
    return arrival.headers["webhook-signature"].split()


def _signed(arrival: Arrival, secret: str) -> str:
    at = datetime.fromtimestamp(int(arrival.headers["webhook-timestamp"]), tz=UTC)
    return Webhook(secret).sign(arrival.webhook_id, at, arrival.body)


def test_a_secret_that_cannot_be_opened_any_more_is_a_reason_until_it_is_rotated(
    telling: Telling, receiver: Receiver
) -> None:
    telling.happens(telling.account(), BOUND)
    with telling.database.transaction() as session:
        sealed_elsewhere = FernetSeal("another secret key for tests")
        webhooks.rotate_secret(
            session, AUTHOR, "crm", seal=sealed_elsewhere, at=telling.clock(), overlap=timedelta()
        )
    telling.tell_due()
    assert telling.only(HookState.WAITING).reason == "secret_lost"
    with telling.database.transaction() as session:
        webhooks.rotate_secret(session, AUTHOR, "crm", seal=SEAL, at=telling.clock(), overlap=timedelta())
    telling.live(timedelta(minutes=1), step=timedelta(seconds=10))
    assert telling.states() == {HookState.DELIVERED: 1}


def test_order_is_kept_while_many_write_and_many_send(telling: Telling, receiver: Receiver) -> None:
    account_ids = [telling.account() for _ in range(4)]
    kinds = [BOUND, PROVEN, SIGNED_IN] * 3
    is_over = threading.Event()

    def send() -> None:
        while not is_over.is_set() or telling.states().keys() - {HookState.DELIVERED}:
            telling.tell_due()

    with ThreadPoolExecutor(7) as threads:
        senders = [threads.submit(send) for _ in range(3)]
        writers = [threads.submit(telling.happens, account_id, *kinds) for account_id in account_ids]
        for writer in writers:
            writer.result(60)
        is_over.set()
        for sender in senders:
            sender.result(60)
    for account_id in account_ids:
        versions = [
            arrival.event["data"]["version"]
            for arrival in receiver.arrivals
            if arrival.event["data"]["account_id"] == account_id
        ]
        assert versions == list(range(1, 10))
