"""What was on record before there were epochs belongs to the first one."""

from domain.facts import Channel, Edition
from domain.messages.messages import Purpose, Template
from store import Database, schema
from store.engine import epochs
from store.journeys import facts
from store.messages import hand_overs, messages
from store.messages.hand_overs import HANDED_LIFETIME
from store.messages.messages import NewMessage
from tests import factories
from tests.clocks import START
from tests.store.test_schema import downgrade


def test_messages_and_journeys_keep_their_meaning(database: Database) -> None:
    with database.transaction() as session:
        account = factories.make_account(session)
        factories.make_journey(session, account.account_id)
        new = NewMessage(
            key="a key",
            account_id=account.account_id,
            purpose=Purpose.NOTICE,
            template=Template.PASSKEY_BOUND,
            channel=Channel.EMAIL,
            recipient=account.email or "",
            locale="en",
        )
        messages.add(session, new, at=START)
        hand_overs.mark_handed(session, [new.key], at=START)
        account_id, version = account.account_id, account.facts_version
    downgrade(database, to="0030")
    schema.migrate(database)
    with database.reading() as session:
        message = messages.find(session, "a key")
        assert message
        assert (message.sent_as, message.handed_at, message.handed_again_at) == ("a key", START, None)
        lost = hand_overs.handed_in_vain(session, now=START + HANDED_LIFETIME, limit=1)
        assert [lost_message.key for lost_message in lost] == ["a key"]
        assert epochs.current(session) == epochs.FIRST
        edition = facts.read(session, account_id).edition
    assert edition.epoch == 0
    assert edition.version >= version
    assert Edition(epoch=0, version=9) < Edition(epoch=1, version=0)
