"""What happened at the door is written up later, and takes as many statements for nobody as for somebody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from domain.errors import CodeRejected
from domain.facts import SmsState
from domain.messages.messages import CODE_LIFETIME, Template
from providers.authenticator_apps import new_secret
from services.container import Services
from services.people import app_sign_in, recovery_code_sets, sign_in_codes
from services.people.contacts import Contact
from services.people.door_notes import write_up
from services.people.visits import Visit
from services.safety import rescue_passes
from store import Database
from store.messages import messages
from store.people import accounts, door_notes, journal
from tests.clocks import FakeClock
from tests.factories import make_account, make_app, make_passkey, make_recovery_codes, put_sms

KNOWN, UNKNOWN = Contact(phone="+4915112345678"), Contact(phone="+4915187654321")


@pytest.fixture
def account_id(database: Database) -> str:
    with database.transaction() as session:
        account = make_account(session, phone=KNOWN.phone)
        make_passkey(session, account.account_id)
        make_recovery_codes(session, account.account_id)
        return account.account_id


def visit(token: str | None = None) -> Visit:
    return Visit(address="203.0.113.7", platform="iPhone", token=token)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What a database is asked to do, without the values."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def ask(services: Services, contact: Contact) -> str:
    return sign_in_codes.ask(services, visit(), contact)


def type_wrong_code(services: Services, contact: Contact) -> None:
    token = ask(services, contact)
    write_up(services.database, services.clock)
    with pytest.raises(CodeRejected):
        sign_in_codes.answer(services, visit(token), "no digits")


def type_wrong_recovery_code(services: Services, contact: Contact) -> None:
    with pytest.raises(CodeRejected):
        recovery_code_sets.sign_in(services, visit(), contact, "aaaa-bbbb-cccc-dddd")


def type_wrong_rescue_code(services: Services, contact: Contact) -> None:
    with pytest.raises(CodeRejected):
        rescue_passes.enter_by(services, visit(), contact, "aaaa-bbbb-cccc-dddd")


def type_wrong_app_code(services: Services, contact: Contact) -> None:
    with pytest.raises(CodeRejected):
        app_sign_in.sign_in(services, visit(), contact, "123456")


@pytest.mark.parametrize("has_app", [False, True])
def test_an_app_code_takes_the_very_statements_for_nobody_with_or_without_an_app(
    services: Services, account_id: str, has_app: bool
) -> None:
    if has_app:
        with services.database.transaction() as session:
            make_app(session, account_id, sealed=services.seal.close(new_secret()))
    taken = []
    for contact in (KNOWN, UNKNOWN):
        with statements(services.database) as asked:
            type_wrong_app_code(services, contact)
        taken.append(asked)
    assert taken[0] == taken[1]


@pytest.mark.parametrize("knock", [ask, type_wrong_recovery_code, type_wrong_rescue_code])
@pytest.mark.usefixtures("account_id")
def test_nobody_takes_the_very_statements_of_somebody(
    services: Services, knock: Callable[[Services, Contact], None]
) -> None:
    taken = []
    for contact in (KNOWN, UNKNOWN):
        with statements(services.database) as asked:
            knock(services, contact)
        taken.append(asked)
    assert taken[0] == taken[1]
    assert taken[0]


@pytest.mark.usefixtures("account_id")
def test_a_wrong_code_takes_the_very_statements_of_somebody_for_nobody_too(services: Services) -> None:
    taken = []
    for contact in (KNOWN, UNKNOWN):
        token = ask(services, contact)
        write_up(services.database, services.clock)
        with statements(services.database) as asked, pytest.raises(CodeRejected):
            sign_in_codes.answer(services, visit(token), "no digits")
        taken.append(asked)
    assert taken[0] == taken[1]


def test_a_code_is_sent_when_its_note_is_written_up_and_once(services: Services, account_id: str) -> None:
    ask(services, KNOWN)
    assert _templates(services, account_id) == []
    while write_up(services.database, services.clock):
        pass
    write_up(services.database, services.clock)
    assert _templates(services, account_id) == [Template.SIGN_IN_CODE]


def test_a_failure_is_journalled_with_the_moment_at_which_it_happened(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    failed_at = clock()
    type_wrong_recovery_code(services, KNOWN)
    clock.advance(CODE_LIFETIME)
    write_up(services.database, clock)
    with services.database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
    assert (entry.kind, entry.at) == ("sign_in_failed", failed_at)
    assert entry.detail == {"method": "recovery_code", "reason": "wrong_code"}


def test_notes_about_nobody_leave_nothing(services: Services) -> None:
    ask(services, UNKNOWN)
    type_wrong_code(services, UNKNOWN)
    write_up(services.database, services.clock)
    with services.database.reading() as session:
        assert not door_notes.is_any(session)
        assert door_notes.oldest(session) is None


def test_a_code_that_nobody_could_use_any_more_is_not_sent(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    ask(services, KNOWN)
    clock.advance(CODE_LIFETIME)
    write_up(services.database, clock)
    assert _templates(services, account_id) == []


def test_a_code_is_not_sent_where_text_codes_went_for_good_in_between(
    services: Services, account_id: str
) -> None:
    ask(services, KNOWN)
    with services.database.transaction() as session:
        put_sms(session, accounts.get(session, account_id), SmsState.REMOVED)
    write_up(services.database, services.clock)
    assert _templates(services, account_id) == [Template.SMS_ASKED_FOR]


def test_an_early_answer_is_refused_and_asking_again_still_finds_the_account(
    services: Services, account_id: str
) -> None:
    token = ask(services, KNOWN)
    with pytest.raises(CodeRejected):
        sign_in_codes.answer(services, visit(token), "000000x")
    sign_in_codes.ask_again(services, visit(token))
    write_up(services.database, services.clock)
    assert len(_templates(services, account_id)) == 2


def _templates(services: Services, account_id: str) -> list[str]:
    with services.database.reading() as session:
        return [message.template for message in messages.of_account(session, account_id)]
