"""Signed batches with events that no database keeps or no calendar has: the other events are noted all the same."""

from typing import Any

import pytest

from store import Database
from store.messages import messages
from tests.api.callbacks.test_callbacks import SENDGRID, send, with_providers
from tests.api.world import World, make_world
from tests.clocks import FakeClock
from tests.signatures import batch, sendgrid_event, sendgrid_headers


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: each keeps other texts."""
    return with_providers(make_world(database, clock))


@pytest.mark.parametrize(
    "odd",
    [
        {"message_key": "a\0b"},
        {"message_key": "\ud800"},
        {"message_key": 10**30},
        {"reason": "a\0b\ud800"},
        {"timestamp": 10**30},
        {"timestamp": -(10**18)},
        {"timestamp": float("inf")},
        {"event": "\0"},
        {"email": {"a": []}},
    ],
)
def test_an_event_that_cannot_be_kept_does_not_take_its_batch_along(
    world: World, odd: dict[str, Any]
) -> None:
    account = world.account()
    send(world, account, "whole")
    now = world.clock()
    strange = sendgrid_event("odd", "bounce", at=now) | odd
    body = batch(strange, sendgrid_event("whole", "delivered", at=now))
    headers = sendgrid_headers(SENDGRID, body, at=now)
    answer = world.browser().client.post("/callbacks/sendgrid", content=body, headers=headers)
    assert answer.status_code == 204
    with world.database.reading() as session:
        assert [message.fate for message in messages.of_account(session, account.account_id)] == ["delivered"]
