"""However somebody asks, and however many ask at once, an account and its contacts get what the budgets allow."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from domain.errors import BudgetSpent
from domain.facts import Channel, Milestone
from domain.messages.budgets import BUDGETS, DAY
from domain.messages.messages import MessageState, Purpose, Template
from domain.safety.guard import Guard, part_of
from store import Database
from store.engine import raised_guards
from store.messages import messages
from store.messages.messages import NewMessage
from tests.clocks import START
from tests.factories import make_account
from tests.store.racing import at_once

CODES = BUDGETS[Purpose.CODE, Channel.SMS].contact
MINUTE = timedelta(minutes=1)


def ask(database: Database, code: NewMessage, number: int, at: timedelta = timedelta()) -> bool:
    """Whether one more message is queued."""
    try:
        with database.transaction() as session:
            return messages.add(session, replace(code, key=f"{code.key}:{number}"), at=START + at)
    except BudgetSpent:
        return False


def test_a_code_beyond_the_contacts_budget_is_refused_until_a_day_has_gone_by(
    database: Database, new: NewMessage
) -> None:
    assert all(ask(database, new, number, at=number * MINUTE) for number in range(CODES))
    with database.transaction() as session, pytest.raises(BudgetSpent) as refusal:
        messages.add(session, replace(new, key="one more"), at=START + CODES * MINUTE)
    assert refusal.value.until == START + DAY
    assert refusal.value.retry_after == int((DAY - CODES * MINUTE).total_seconds()) + 1
    assert ask(database, new, CODES, at=DAY)


def test_a_message_that_is_there_already_is_no_further_message(database: Database, new: NewMessage) -> None:
    for number in range(CODES):
        ask(database, new, number)
    with database.transaction() as session:
        assert not messages.add(session, replace(new, key=f"{new.key}:0"), at=START)


def test_what_was_never_sent_leaves_room(database: Database, new: NewMessage) -> None:
    for number in range(CODES):
        ask(database, new, number)
    with database.transaction() as session:
        _, claimed = messages.claim(session, f"{new.key}:0", now=START)
        assert claimed
        messages.settle(session, claimed, MessageState.SKIPPED, at=START, reason="expired")
    assert ask(database, new, CODES)


def test_a_contact_that_many_accounts_share_has_one_budget(database: Database, new: NewMessage) -> None:
    with database.transaction() as session:
        sharers = [make_account(session, phone=new.recipient).account_id for _ in range(CODES + 1)]
    queued = [ask(database, replace(new, account_id=sharer), number) for number, sharer in enumerate(sharers)]
    assert queued == [True] * CODES + [False]


def test_an_account_with_many_contacts_has_one_budget(database: Database, new: NewMessage) -> None:
    most = BUDGETS[Purpose.CODE, Channel.SMS].account
    numbers = [f"+49151{number:08d}" for number in range(most + 1)]
    queued = [ask(database, replace(new, recipient=phone), n) for n, phone in enumerate(numbers)]
    assert queued == [True] * most + [False]


def test_reminders_have_a_budget_of_their_own_whatever_the_policy_says(
    database: Database, new: NewMessage
) -> None:
    nudge = replace(
        new,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_PASSKEY_ENROLLED,
        milestone=Milestone.PASSKEY_ENROLLED,
    )
    most = BUDGETS[Purpose.NUDGE, Channel.SMS].contact
    assert [ask(database, nudge, n) for n in range(most + 2)] == [True] * most + [False] * 2
    assert ask(database, new, 99), "codes do not wait for reminders"


def test_what_goes_to_staff_is_never_refused(database: Database, new: NewMessage) -> None:
    warning = replace(
        new,
        account_id=None,
        purpose=Purpose.NOTICE,
        template=Template.GUARDRAIL_FAILED,
        channel=Channel.EMAIL,
    )
    assert all(ask(database, warning, number) for number in range(100))


def test_whoever_asks_at_the_same_moment_keeps_the_budget(database: Database, new: NewMessage) -> None:
    for number in range(CODES - 3):
        ask(database, new, number)
    numbers = count(CODES)
    queued = at_once(lambda: ask(database, new, next(numbers)))
    assert queued.count(True) == 3


def test_texts_use_up_nothing_of_what_may_go_by_mail(database: Database, new: NewMessage) -> None:
    assert all(ask(database, new, number) for number in range(CODES))
    assert not ask(database, new, CODES)
    assert ask(database, replace(new, channel=Channel.EMAIL, recipient="ada@example.org"), CODES + 1)


def test_what_strangers_asked_for_before_the_guard_leaves_the_owner_their_codes(
    database: Database, new: NewMessage
) -> None:
    before = part_of(CODES) + 4
    assert all(ask(database, new, number) for number in range(before))
    later = START + MINUTE
    with database.transaction() as session:
        raised_guards.put_up(session, Guard(since=later, until=later + DAY, by="ada", reason="SIM swaps"))
    asked = [ask(database, new, before + number, 2 * MINUTE) for number in range(CODES)]
    assert asked.count(True) == CODES - before


def test_under_guard_a_contact_gets_half_as_many_codes_and_as_many_notices(
    database: Database, new: NewMessage
) -> None:
    with database.transaction() as session:
        raised_guards.put_up(session, Guard(since=START, until=START + DAY, by="ada", reason="SIM swaps"))
    assert [ask(database, new, number) for number in range(CODES)].count(True) == part_of(CODES)
    notices = BUDGETS[Purpose.NOTICE, Channel.SMS].contact
    notice = replace(new, key="notice", purpose=Purpose.NOTICE, template=Template.SMS_REMOVED)
    for number in range(notices):
        ask(database, notice, number)
    with database.reading() as session:
        queued = [row for row in messages.of_account(session, str(new.account_id)) if row.state == "queued"]
    assert [row.purpose for row in queued].count(Purpose.NOTICE) == notices
