"""What names people goes by its age, batch by batch; what a dispute, a hold or a waiting change needs stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.attempts import SOMEWHERE, AttemptEnd, AttemptKind
from domain.codes import digest
from domain.messages.messages import MessageState
from domain.rights.retention import EVIDENCE_KEPT_FOR, LEAST, Retention, Term
from domain.staff.staff import AuditKind, Author
from store import Database, Session, housekeeping
from store.messages import messages, reminders
from store.people import accounts, attempts, passkeys, sessions
from store.people.waiting_changes import WaitingChange
from store.rights import aging
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import make_account, make_passkey, make_web_session
from tests.whole_persons import make_whole_person

DAY = timedelta(days=1)
RETENTION = Retention(
    recipients=90 * DAY,
    sessions=10 * DAY,
    anonymous_sessions=2 * DAY,
    audit_addresses=180 * DAY,
    attempts=90 * DAY,
)
EXPIRED = START + timedelta(hours=12)


def clear(database: Database, *, after: timedelta) -> int:
    with database.transaction() as session:
        return housekeeping.clear(session, now=START + after, retention=RETENTION)


def is_there(database: Database, token: str) -> bool:
    with database.reading() as session:
        return sessions.look_up(session, make_id(token)) is not None


def make_id(token: str) -> str:
    return digest(token)


def told(database: Database, account_id: str) -> dict[str, tuple[str, dict[str, str]]]:
    with database.reading() as session:
        return {
            message.state: (message.recipient, message.values)
            for message in messages.of_account(session, account_id)
        }


def test_a_message_forgets_where_it_went_after_its_days_and_stays_on_record(database: Database) -> None:
    ada = make_whole_person(database)
    before = told(database, ada)
    clear(database, after=90 * DAY)
    assert told(database, ada) == before
    clear(database, after=90 * DAY + timedelta(seconds=1))
    assert told(database, ada) == before | {MessageState.SENT: ("", {})}


def test_what_a_message_said_goes_though_its_number_went_earlier(database: Database) -> None:
    ada = make_whole_person(database)
    with database.transaction() as session:
        messages.forget_phone(session, ada)
    assert told(database, ada)[MessageState.SENT] == ("", {"device": "Lovelace's phone"})
    clear(database, after=91 * DAY)
    assert told(database, ada)[MessageState.SENT] == ("", {})


def test_nothing_is_forgotten_while_it_is_open_who_the_owner_is(database: Database) -> None:
    ada = make_whole_person(database)
    with database.transaction() as session:
        account = accounts.get(session, ada)
        account.disputed_since = START
        session.add(account)
    before = told(database, ada)
    clear(database, after=400 * DAY)
    assert told(database, ada) == before
    assert is_there(database, "secret token 1")


def test_whoever_ends_reminders_by_an_old_link_gets_none_any_more(database: Database) -> None:
    ada = make_whole_person(database)
    clear(database, after=91 * DAY)
    with database.transaction() as session:
        assert reminders.stop(session, f"{ada}:{MessageState.SENT}", reason="link", at=START + 91 * DAY)
        assert set(reminders.stopped(session, ada)) == {"sms"}


def test_sessions_of_accounts_and_of_nobody_have_terms_of_their_own(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        make_web_session(session, "hers", account_id=account_id)
        make_web_session(session, "nobody's")
    left = {}
    for days in (1, 2, 3, 10, 11):
        clear(database, after=timedelta(hours=12) + days * DAY)
        left[days] = (is_there(database, "hers"), is_there(database, "nobody's"))
    assert left == {1: (True, True), 2: (True, True), 3: (True, False), 10: (True, False), 11: (False, False)}


def waits(session: Session, account_id: str, session_id: str) -> None:
    session.add(
        WaitingChange(
            account_id=account_id,
            change="change_email",
            subject_id="ada@example.com",
            session_id=session_id,
            asked_at=START,
            due_at=START + 100 * DAY,
        )
    )


def holds(session: Session, account_id: str, session_id: str) -> None:
    make_passkey(session, account_id, frozen_at=START, is_lost=True, removed_in=session_id)


@pytest.mark.parametrize("need", [waits, holds])
def test_a_session_that_a_waiting_change_or_a_hold_needs_stays(
    database: Database, need: Callable[[Session, str, str], None]
) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        needed = make_web_session(session, "hers", account_id=account_id)
        need(session, account_id, needed.session_id)
    clear(database, after=400 * DAY)
    assert is_there(database, "hers")


def test_a_hold_that_has_ended_keeps_no_session(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        web_session = make_web_session(session, "hers", account_id=account_id)
        passkey = make_passkey(session, account_id, removed_in=web_session.session_id, removed_at=START)
        assert passkeys.active(session, account_id) == []
        assert passkey.removed_in
    clear(database, after=11 * DAY)
    assert not is_there(database, "hers")


def test_the_audit_forgets_from_where_and_never_who_what_and_why(database: Database) -> None:
    author = Author(by="sam@example.com", came_from="203.0.113.7")
    with database.transaction() as session:
        audit.append(session, author, AuditKind.CASE_SEEN, at=START, reason="they called")
    clear(database, after=180 * DAY)
    assert came_from(database) == ["203.0.113.7"]
    clear(database, after=180 * DAY + timedelta(seconds=1))
    assert came_from(database) == [""]
    with database.reading() as session:
        (entry,) = audit.read(session, Sought())
    assert (entry.by, entry.kind, entry.reason) == ("sam@example.com", "case_seen", "they called")


def came_from(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.came_from for entry in audit.read(session, Sought())]


def test_many_are_forgotten_batch_by_batch_the_oldest_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aging, "BATCH", 2)
    with database.transaction() as session:
        for hours in (3, 1, 2):
            author = Author(by="sam", came_from=f"203.0.113.{hours}")
            audit.append(session, author, AuditKind.SEARCHED, at=START + timedelta(hours=hours))
    assert clear(database, after=200 * DAY) == 2
    assert sorted(came_from(database)) == ["", "", "203.0.113.3"]
    assert clear(database, after=200 * DAY) == 1


def test_attempts_go_after_their_time_and_not_before(database: Database) -> None:
    with database.transaction() as session:
        for days in (0, 1):
            kind, end = AttemptKind.REGISTRATION, AttemptEnd.FAILED
            attempts.add(session, SOMEWHERE, kind, end, at=START + days * DAY)
    assert clear(database, after=90 * DAY) == 0
    assert clear(database, after=90 * DAY + timedelta(seconds=1)) == 1
    with database.reading() as session:
        assert aging.oldest(session, Term.ATTEMPTS, now=START) == START + DAY


def test_the_oldest_of_each_is_what_has_to_go_next(database: Database) -> None:
    now = START + 5 * DAY
    with database.reading() as session:
        assert [aging.oldest(session, term, now=now) for term in Term] == [None] * 5
    make_whole_person(database)
    with database.transaction() as session:
        make_web_session(session, "nobody's")
    with database.reading() as session:
        oldest = {term: aging.oldest(session, term, now=now) for term in Term}
    assert oldest == {
        Term.RECIPIENTS: START,
        Term.SESSIONS: None,  # a change of hers waits, and names the session
        Term.ANONYMOUS_SESSIONS: EXPIRED,
        Term.AUDIT_ADDRESSES: START,
        Term.ATTEMPTS: START,
    }


def test_no_term_is_shorter_than_an_objection_and_its_dispute_need() -> None:
    assert timedelta(days=44) == EVIDENCE_KEPT_FOR == LEAST[Term.RECIPIENTS] == LEAST[Term.AUDIT_ADDRESSES]
    assert Retention().too_short() == {}
    just_too_short = Retention(
        recipients=43 * DAY,
        sessions=timedelta(),
        anonymous_sessions=timedelta(),
        audit_addresses=43 * DAY,
        attempts=6 * DAY,
    )
    assert set(just_too_short.too_short()) == set(Term)
