"""Whoever was in probation at the update keeps the longest probation that was promised since the suspension."""

from datetime import datetime, timedelta

from domain.facts import SmsState
from domain.journal import Actor
from domain.messages.messages import Template
from domain.policy import Policy
from store import Database, schema
from store.journeys import policies, sms
from store.messages import messages
from store.people import accounts
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy, make_ready_account, send_everything
from tests.store.test_schema import downgrade

DAY = timedelta(days=1)


def suspended(database: Database, policy: Policy, *, at: datetime) -> str:
    """Somebody who has been suspended by a policy, long ago told of it."""
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id, policy)
        sms.give_notice(session, account_id, policy, at=at - policy.notice)
        send_everything(session, account_id, at=at - policy.notice)
        sms.suspend(session, account_id, policy, at=at)
    return account_id


def not_before(database: Database, account_id: str) -> datetime | None:
    with database.reading() as session:
        return accounts.get(session, account_id).removal_not_before


def test_what_policies_have_promised_since_the_suspension_holds_after_the_update(database: Database) -> None:
    long, short = make_policy(name="spring", probation=60 * DAY), make_policy(name="spring", probation=DAY)
    suspended_at = START + 30 * DAY
    before_edit = suspended(database, long, at=suspended_at)
    with database.transaction() as session:
        policies.store(session, short, at=START + 40 * DAY)
    after_edit = suspended(database, short, at=START + 50 * DAY)
    with database.transaction() as session:
        on_id = make_account(session).account_id
        unknown_id = make_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
    downgrade(database, to="0018")
    schema.migrate(database)
    assert not_before(database, before_edit) == suspended_at + 60 * DAY
    assert not_before(database, after_edit) == START + 51 * DAY
    assert not_before(database, on_id) is None
    assert not_before(database, unknown_id) is None


def test_going_back_leaves_no_message_that_older_code_does_not_know(database: Database) -> None:
    policy = make_policy()
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        sms.give_notice(session, account_id, policy, at=START)
        sms.restore(session, account_id, at=START, actor=Actor.PERSON, reason="person")
    downgrade(database, to="0018")
    schema.migrate(database)
    with database.reading() as session:
        templates = {message.template for message in messages.of_account(session, account_id)}
    assert templates == {Template.SMS_NOTICE, Template.SMS_RESTORED}
