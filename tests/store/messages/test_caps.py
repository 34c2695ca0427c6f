"""How many reminders a contact may have, and that whoever asks at the same moment asks in turn."""

from dataclasses import replace
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import event, text

from domain.desk.acts import Act, ActRefused
from domain.staff.staff import Author, Role
from store import Database, Session
from store.acts import doing
from store.acts.orders import ActOrder
from store.messages import caps, message_facts
from tests.clocks import START
from tests.factories import make_account, make_journey, make_policy
from tests.store.racing import at_once

PHONE, EMAIL = "+4915100000001", "ada@example.org"
NOW = START + timedelta(hours=1)
POLICY = make_policy(cap=1)
SAM = Author(by="sam@example.com", role=Role.SUPPORT)


def make_sharer(database: Database, email: str | None = None) -> str:
    """One of several accounts that share a phone."""
    with database.transaction() as session:
        account = make_account(session, phone=PHONE, email=email, progress_at=START)
        make_journey(session, account.account_id, POLICY)
        return account.account_id


def send_again(database: Database, account_id: str) -> bool:
    """Whether support may send the person's reminder again."""
    order = ActOrder(act=Act.SEND_AGAIN, account_id=account_id, author=SAM, role=Role.SUPPORT, reason="asked")
    try:
        with database.transaction() as session:
            doing.perform(session, order, at=NOW)
    except ActRefused:
        return False
    return True


def test_a_contact_is_full_until_the_oldest_reminder_that_counts_is_old(database: Database) -> None:
    send_again(database, make_sharer(database))
    with database.reading() as session:
        assert caps.full_until(session, PHONE, POLICY, now=NOW) == NOW + POLICY.cap_window
        assert caps.full_until(session, PHONE, replace(POLICY, cap=2), now=NOW) is None
        assert caps.full_until(session, PHONE, replace(POLICY, cap=0), now=NOW) is None
        assert caps.full_until(session, EMAIL, POLICY, now=NOW) is None


def test_what_support_sends_again_at_the_same_moment_keeps_a_contacts_cap(database: Database) -> None:
    waiting = [make_sharer(database) for _ in range(8)]
    sent = at_once(lambda: send_again(database, waiting.pop()))
    assert sent.count(True) == 1
    with database.reading() as session:
        assert len(message_facts.nudges_to(session, PHONE, since=START)) == 1


def test_who_wants_two_contacts_the_other_way_round_waits_and_does_not_hang(database: Database) -> None:
    orders = cycle([(PHONE, EMAIL), (EMAIL, PHONE)])

    def take() -> bool:
        with database.transaction() as session:
            caps.take_turn(session, next(orders))
        return True

    assert at_once(take) == [True] * 8


@pytest.mark.postgres
@pytest.mark.parametrize("contacts", [[], [PHONE], [PHONE, PHONE], [PHONE, EMAIL]])
def test_a_turn_is_taken_of_each_contact_once_and_ends_with_its_transaction(
    postgresql_database: Database, contacts: list[str]
) -> None:
    def held_turns(session: Session) -> int:
        locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return int(session.execute(locks).scalar_one())

    with postgresql_database.transaction() as session:
        caps.take_turn(session, contacts)
        assert held_turns(session) == len(set(contacts))
    with postgresql_database.reading() as session:
        assert held_turns(session) == 0


@pytest.mark.parametrize("contacts", [[], [PHONE], [PHONE, PHONE]])
def test_sqlite_has_one_writer_anyway_so_nobody_takes_a_turn(
    sqlite_database: Database, contacts: list[str]
) -> None:
    statements: list[str] = []
    with sqlite_database.transaction() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *said: statements.append(said[2]))
        caps.take_turn(session, contacts)
    assert statements == []
