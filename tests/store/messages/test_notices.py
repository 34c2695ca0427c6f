"""A change of somebody's sign-in is told by every channel that reaches them, once."""

import pytest

from domain.facts import Channel
from domain.messages.messages import Purpose, Queue, Template
from store import Database
from store.messages import messages, notices
from store.messages.messages import Message
from tests.clocks import START
from tests.factories import make_account


def tell(database: Database, *events: str, **contacts: None) -> list[Message]:
    with database.transaction() as session:
        account = make_account(session, locale="de", **contacts)
        for event in events:
            template, values = Template.PASSKEY_BOUND, {"device": "iPhone"}
            notices.tell(session, account, template, event=event, at=START, values=values)
        return list(messages.of_account(session, account.account_id))


def test_a_notice_goes_to_every_contact_in_the_persons_language(database: Database) -> None:
    sent = tell(database, "1")
    assert {message.channel for message in sent} == {Channel.EMAIL, Channel.SMS}
    for message in sent:
        assert (message.purpose, message.locale) == (Purpose.NOTICE, "de")
        assert message.values == {"device": "iPhone"}
        assert message.queue is Queue.NOW
        assert message.expires_at is None


@pytest.mark.parametrize(
    ("missing", "reached"),
    [
        ({"email": None}, {Channel.SMS}),
        ({"phone": None}, {Channel.EMAIL}),
        ({"email": None, "phone": None}, set()),
    ],
)
def test_a_notice_goes_only_where_somebody_is(
    database: Database, missing: dict[str, None], reached: set[Channel]
) -> None:
    assert {message.channel for message in tell(database, "1", **missing)} == reached


def test_the_same_event_is_told_once_and_another_again(database: Database) -> None:
    assert len(tell(database, "1", "1", "2")) == 4
