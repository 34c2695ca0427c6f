"""The sample hosts hear each webhook once, and tell each event until it is taken, always by one id."""

from datetime import UTC, datetime

import pytest

from examples.shop.customers import ShopDatabase
from examples.shop.offramp_link import Teller, hear
from offramp_client import Message, Offramp, OfframpError
from tests.clients.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until


def message(kind: str, *, webhook_id: str = "m-1", customer_id: str = "c-1") -> Message:
    return Message(
        webhook_id=webhook_id,
        type=kind,
        at=datetime.now(UTC),
        external_id=customer_id,
        account_id="0",
        version=1,
        request_id="r-1" if kind.startswith("sms.") else None,
    )


def waiting(shop: ShopDatabase) -> list[tuple[str, str]]:
    """Type and detail of what Offramp is to be told."""
    with shop.transaction() as rows:
        return [(row["type"], row["detail"]) for row in rows.execute("SELECT * FROM told WHERE sent = 0")]


def answers(*events: dict[str, str | None]) -> Reply:
    """What Offramp answers: it heeds each event that nothing else is said of."""
    heeded = {"source": "shop", "outcome": "heeded", "reason": None, "repeated": False}
    return Reply(202, {"events": [heeded | event for event in events]})


@pytest.mark.parametrize(
    ("kind", "answer", "is_on"),
    [
        ("sms.suspend", "sms.suspended", False),
        ("sms.remove", "sms.removed", False),
        ("sms.restore", "sms.restored", True),
    ],
)
def test_the_shop_switches_codes_in_its_own_database_and_answers(
    shop: ShopDatabase, kind: str, answer: str, is_on: bool
) -> None:
    hear(shop, message(kind))
    assert shop.customer("c-1").sms_enabled is is_on
    assert waiting(shop) == [(answer, '{"request_id": "r-1"}')]


def test_a_webhook_that_comes_twice_is_heard_once(shop: ShopDatabase) -> None:
    hear(shop, message("sms.suspend"))
    hear(shop, message("sms.restore", webhook_id="m-2"))
    hear(shop, message("sms.suspend"))
    assert shop.customer("c-1").sms_enabled
    assert len(waiting(shop)) == 2


@pytest.mark.parametrize(("customer_id", "reason"), [("c-4", "contract"), ("c-9", "unknown_customer")])
@pytest.mark.parametrize("kind", ["sms.suspend", "sms.remove"])
def test_codes_that_have_to_stay_are_refused_with_a_reason(
    shop: ShopDatabase, kind: str, customer_id: str, reason: str
) -> None:
    hear(shop, message(kind, customer_id=customer_id))
    assert shop.customer("c-4").sms_enabled
    assert waiting(shop) == [("sms.refused", f'{{"request_id": "r-1", "reason": "{reason}"}}')]


def test_what_asks_for_nothing_changes_nothing(shop: ShopDatabase) -> None:
    hear(shop, message("passkey_bound"))
    assert shop.customer("c-1").sms_enabled
    assert waiting(shop) == []


def test_what_could_not_be_told_is_told_later_by_the_same_id(
    shop: ShopDatabase, offramp: Offramp, server: ScriptedServer
) -> None:
    hear(shop, message("sms.suspend"))
    teller = Teller(shop, offramp)
    with pytest.raises(OfframpError):
        teller.tell_waiting()
    assert len(waiting(shop)) == 1
    first = server.requests[0].json[0]["id"]
    server.says(answers({"id": first}))
    assert teller.tell_waiting() == 1
    assert server.requests[1].json[0]["id"] == first
    assert waiting(shop) == []
    assert teller.tell_waiting() == 0


def test_what_offramp_refuses_is_not_told_and_is_told_again_by_the_same_id_when_the_shop_starts_anew(
    shop: ShopDatabase, offramp: Offramp, server: ScriptedServer
) -> None:
    hear(shop, message("sms.suspend"))
    hear(shop, message("sms.restore", webhook_id="m-2"))
    teller = Teller(shop, offramp)
    server.says(answers({"id": None, "outcome": None, "reason": "time: it lies ahead"}, {"id": "another"}))
    assert teller.tell_waiting() == 2
    refused = server.requests[0].json[0]["id"]
    assert [kind for kind, _ in waiting(shop)] == ["sms.suspended"]
    assert teller.tell_waiting() == 0, "nothing waits behind it, and it is not told over and over"
    server.says(answers({"id": refused}))
    teller.start()
    wait_until(lambda: waiting(shop) == [], "the shop tells it")
    teller.stop()
    assert [event["id"] for event in server.requests[1].json] == [refused]
