"""SendGrid's reports that name no message of ours, take a wish back, or come too late to be SendGrid's own."""

from datetime import timedelta

import pytest

from domain.facts import Channel
from store import Database
from store.messages import messages
from store.people.accounts import Account
from tests.api.callbacks.test_callbacks import (
    HOUR,
    SENDGRID,
    client,
    counted,
    faults,
    message,
    send,
    tell,
    with_providers,
)
from tests.api.world import World, make_world
from tests.clocks import START, FakeClock
from tests.signatures import batch, sendgrid_event, sendgrid_headers


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """Offramp with both providers."""
    return with_providers(make_world(database, clock))


@pytest.fixture
def account(world: World) -> Account:
    """Somebody who can be reached by both channels."""
    return world.account()


def send_as(world: World, account: Account, key: str, provider_id: str) -> None:
    """An e-mail that SendGrid has taken by an id of its own."""
    send(world, account, key)
    with world.database.transaction() as session:
        row = messages.lock(session, key)
        assert row
        row.provider_id = provider_id


@pytest.mark.parametrize(
    "named",
    [
        {"sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0"},
        {"sg_message_id": "", "smtp-id": "<14c5d75ce93.dfd.64b469@geopod-ismtpd-1>"},
    ],
)
def test_a_bounce_without_our_key_is_matched_by_the_id_that_sendgrid_gave(
    world: World, account: Account, named: dict[str, str]
) -> None:
    send_as(world, account, "m1", "14c5d75ce93.dfd.64b469")
    send_as(world, account, "m2", "14c5d75ce93.dfd.64b470")
    tell(world, sendgrid_event(None, "bounce", at=START, type="bounce", **named))
    assert (message(world, "m1").fate, message(world, "m2").fate) == ("bounced", None)
    assert faults(world, account)[Channel.EMAIL].fate == "bounced"


def test_a_late_bounce_that_names_nothing_but_the_address_breaks_that_address(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    world.clock.advance(HOUR)
    send(world, account, "m2")
    world.clock.advance(HOUR)
    late = {"type": "bounce", "sg_message_id": "", "email": (account.email or "").upper()}
    tell(world, sendgrid_event(None, "bounce", at=START + 2 * HOUR, **late))
    assert (message(world, "m1").fate, message(world, "m2").fate) == (None, "bounced")
    assert world.facts(account).channels == (Channel.SMS,)


@pytest.mark.parametrize(
    ("email", "event", "later"),
    [
        ("stranger@example.org", "bounce", HOUR),
        (None, "delivered", HOUR),
        (None, "bounce", timedelta(days=8)),
        (None, "bounce", -HOUR),
    ],
)
def test_what_is_about_somebody_elses_mail_changes_nothing(
    world: World, account: Account, email: str | None, event: str, later: timedelta
) -> None:
    send(world, account, "m1")
    world.clock.advance(timedelta(days=9))
    told = sendgrid_event(None, event, at=START + later, email=email or account.email)
    tell(world, told, sendgrid_event(None, "bounce", at=START, sg_message_id="a.b.c", email=""))
    assert message(world, "m1").fate is None
    assert counted(world) == {("sendgrid", "not_ours"): 2}


def test_who_joins_the_group_again_gets_reminders_again(world: World, account: Account) -> None:
    send(world, account, "m1")
    world.clock.advance(3 * HOUR)
    tell(world, sendgrid_event("m1", "group_unsubscribe", at=START + HOUR))
    assert world.facts(account).channels == (Channel.SMS,)
    back = sendgrid_event("m1", "group_resubscribe", at=START + 2 * HOUR)
    tell(world, back, back)
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)
    assert world.kinds(account)[-1] == "contact_works_again"
    assert counted(world) == {("sendgrid", "news"): 2, ("sendgrid", "known"): 1}


def test_a_wish_that_comes_after_it_was_taken_back_does_not_count(world: World, account: Account) -> None:
    send(world, account, "m1")
    world.clock.advance(3 * HOUR)
    tell(world, sendgrid_event("m1", "group_resubscribe", at=START + 2 * HOUR))
    tell(world, sendgrid_event("m1", "group_unsubscribe", at=START + HOUR))
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize("said", ["unsubscribe", "spamreport", "bounce"])
def test_joining_the_group_again_takes_nothing_else_back(world: World, account: Account, said: str) -> None:
    send(world, account, "m1")
    world.clock.advance(3 * HOUR)
    tell(world, sendgrid_event("m1", said, at=START + HOUR))
    tell(world, sendgrid_event("m1", "group_resubscribe", at=START + 2 * HOUR))
    assert world.facts(account).channels == (Channel.SMS,)


def test_an_unsubscription_that_somebody_plays_back_later_ends_nobodys_reminders(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    body = batch(sendgrid_event("m1", "group_unsubscribe", at=START))
    headers = sendgrid_headers(SENDGRID, body, at=START)
    world.clock.advance(26 * HOUR)
    answer = client(world).post("/callbacks/sendgrid", content=body, headers=headers)
    assert answer.status_code == 403
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)
