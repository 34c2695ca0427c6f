"""A message is handed to its provider once, whatever happens, and what became of it is on record."""

import json
import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.messages import BeingSent, MessageActivities, Outside
from domain.facts import Channel, Milestone
from domain.journal import Actor, EventKind
from domain.messages.messages import CODE_LIFETIME, SEND_TIMEOUT, Fate, MessageState, Purpose, Template
from domain.ports import Letter, NeverDeliverable, NotHandedOver
from domain.presets import FAST
from providers.sealing import FernetSeal
from store import Database
from store.messages import messages
from store.messages.messages import ClaimOutcome, Message, NewMessage
from store.people import accounts, journal
from tests import factories
from tests.clocks import FakeClock
from tests.fakes import FakeMailer, FakeTexter, FakeWriter

SEAL = FernetSeal("a secret key for tests")
ORIGIN = "https://accounts.example.org"


@dataclass
class Post:
    """A sender on a real database with providers that a test can disturb."""

    database: Database
    clock: FakeClock
    mailer: FakeMailer
    texter: FakeTexter
    sender: MessageActivities
    account_id: str

    def queue(self, purpose: Purpose = Purpose.CODE, **changes: object) -> str:
        new = {
            "key": f"{self.account_id}:{purpose}",
            "account_id": self.account_id,
            "purpose": purpose,
            "template": Template.SIGN_IN_CODE,
            "channel": Channel.SMS,
            "recipient": "+4915100000000",
            "locale": "en",
            "sealed": SEAL.close(json.dumps({"code": "123456"})),
        } | changes
        with self.database.transaction() as session:
            messages.add(session, NewMessage(**new), at=self.clock())  # type: ignore[arg-type]
        return str(new["key"])

    def message(self, key: str) -> Message:
        with self.database.reading() as session:
            message = messages.find(session, key)
        assert message
        return message

    def happened(self) -> list[str]:
        with self.database.reading() as session:
            return [entry.kind for entry in journal.of_account(session, self.account_id)]


@pytest.fixture
def post(database: Database, clock: FakeClock) -> Post:
    mailer, texter = FakeMailer(), FakeTexter()
    outside = Outside(mailer=mailer, texter=texter, writer=FakeWriter(), seal=SEAL, origin=ORIGIN)
    with database.transaction() as session:
        account_id = factories.make_account(session).account_id
    sender = MessageActivities(database, clock, outside)
    return Post(database, clock, mailer, texter, sender, account_id)


def test_a_sent_message_is_recorded_and_its_code_forgotten(post: Post) -> None:
    key = post.queue()
    post.sender.deliver(key)
    assert [taken.text for taken in post.texter.taken] == ["sign_in_code 123456"]
    message = post.message(key)
    assert (message.state, message.provider_id, message.sealed) == (MessageState.SENT, "text-1", None)
    assert post.happened() == [EventKind.MESSAGE_SENT]


def test_sending_again_sends_nothing(post: Post) -> None:
    key = post.queue()
    for _ in range(3):
        post.sender.deliver(key)
    assert len(post.texter.taken) == 1


def test_what_the_provider_did_not_take_is_tried_again(post: Post) -> None:
    post.texter.trouble = [NotHandedOver("busy")]
    key = post.queue()
    with pytest.raises(NotHandedOver):
        post.sender.deliver(key)
    assert post.message(key).state == MessageState.QUEUED
    post.sender.deliver(key)
    assert post.message(key).state == MessageState.SENT


@pytest.mark.parametrize("fate", [Fate.STOPPED, Fate.WITHHELD, Fate.UNDELIVERABLE])
def test_who_waits_for_a_code_that_nobody_carries_is_told_by_e_mail(post: Post, fate: Fate) -> None:
    post.texter.trouble = [NeverDeliverable("twilio_1", fate=fate)]
    key = post.queue(expires_at=post.clock() + CODE_LIFETIME)
    post.sender.deliver(key)
    assert (post.message(key).state, post.message(key).fate) == (MessageState.FAILED, fate)
    told = post.message(f"{key}:email")
    post.sender.deliver(told.key)
    assert (told.template, told.values) == (Template.CODE_NOT_TEXTED, {"cause": fate})
    assert [letter.template for letter in post.mailer.taken] == [Template.CODE_NOT_TEXTED]


def test_what_was_no_code_or_is_too_old_is_not_told_of_by_e_mail(post: Post) -> None:
    for purpose, changes in (
        (Purpose.NOTICE, {"template": Template.PASSKEY_BOUND}),
        (Purpose.CODE, {"expires_at": post.clock()}),
    ):
        post.texter.trouble = [NeverDeliverable("twilio_21610", fate=Fate.STOPPED)]
        post.sender.deliver(post.queue(purpose, **changes))
    with post.database.reading() as session:
        told = messages.of_account(session, post.account_id)
    assert {message.channel for message in told} == {Channel.SMS}


def test_what_the_provider_refuses_for_good_is_failed_and_never_tried_again(post: Post) -> None:
    post.texter.trouble = [NeverDeliverable("no such number")]
    key = post.queue()
    post.sender.deliver(key)
    post.sender.deliver(key)
    assert (post.message(key).state, post.message(key).reason) == (MessageState.FAILED, "no such number")
    assert post.texter.taken == []


def test_an_error_that_leaves_it_open_whether_it_went_out_is_unknown_and_never_tried_again(
    post: Post,
) -> None:
    post.texter.trouble = [TimeoutError("no answer")]
    key = post.queue()
    post.sender.deliver(key)
    post.sender.deliver(key)
    assert post.message(key).state == MessageState.UNKNOWN
    assert post.texter.taken == []


def test_a_sender_that_died_with_a_message_in_hand_leaves_it_unknown(post: Post) -> None:
    key = post.queue()
    with post.database.transaction() as session:
        assert messages.claim(session, key, now=post.clock())[0] is ClaimOutcome.GRANTED
    with pytest.raises(BeingSent):
        post.sender.deliver(key)
    post.clock.advance(SEND_TIMEOUT)
    post.sender.deliver(key)
    assert post.message(key).state == MessageState.UNKNOWN
    assert post.texter.taken == []


def test_temporal_is_told_to_retry_only_what_may_help(post: Post) -> None:
    post.texter.trouble = [NotHandedOver("busy")]
    key = post.queue()
    with pytest.raises(ApplicationError) as caught:
        post.sender.send_message(key)
    assert (caught.value.type, caught.value.non_retryable) == ("NotHandedOver", False)
    post.sender.send_message(key)
    assert post.message(key).state == MessageState.SENT


def test_an_expired_code_is_not_sent(post: Post) -> None:
    key = post.queue(expires_at=post.clock() + CODE_LIFETIME)
    post.clock.advance(CODE_LIFETIME)
    post.sender.deliver(key)
    assert (post.message(key).state, post.message(key).reason) == (MessageState.SKIPPED, "expired")


def test_a_nudge_whose_milestone_was_reached_meanwhile_is_not_sent(post: Post) -> None:
    key = _queue_nudge(post)
    with post.database.transaction() as session:
        account = accounts.lock(session, post.account_id)
        account.email_verified_at = post.clock()
        session.add(account)
        journal.append(
            session, post.account_id, EventKind.EMAIL_VERIFIED, at=post.clock(), actor=Actor.PERSON
        )
    post.sender.deliver(key)
    assert (post.message(key).state, post.message(key).reason) == (MessageState.SKIPPED, "reached")
    assert post.mailer.taken == []


def test_a_nudge_whose_milestone_is_still_missing_is_sent_by_mail(post: Post) -> None:
    key = _queue_nudge(post)
    post.sender.deliver(key)
    assert [type(taken) for taken in post.mailer.taken] == [Letter]
    assert post.message(key).state == MessageState.SENT


def test_a_message_that_cannot_be_put_into_words_fails_visibly(post: Post) -> None:
    other = FernetSeal("another key")
    key = post.queue(sealed=other.close("{}"))
    post.sender.deliver(key)
    assert post.message(key).state == MessageState.FAILED
    assert post.message(key).reason == "not_rendered: ValueError"


def test_an_unknown_key_is_no_trouble(post: Post) -> None:
    post.sender.deliver("no such message")
    assert post.texter.taken == []


def test_many_senders_at_once_hand_a_message_over_once(post: Post) -> None:
    key = post.queue()
    refusals: list[BeingSent] = []

    def send() -> None:
        try:
            post.sender.deliver(key)
        except BeingSent as refusal:
            refusals.append(refusal)

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(post.texter.taken) == 1
    assert post.message(key).state == MessageState.SENT


def _queue_nudge(post: Post) -> str:
    with post.database.transaction() as session:
        factories.make_journey(session, post.account_id, FAST, at=post.clock() - timedelta(days=1))
        recipient = accounts.get(session, post.account_id).email
    return post.queue(
        Purpose.NUDGE,
        template=Template.NUDGE_EMAIL_VERIFIED,
        channel=Channel.EMAIL,
        recipient=recipient,
        milestone=Milestone.EMAIL_VERIFIED,
        sealed=None,
    )
