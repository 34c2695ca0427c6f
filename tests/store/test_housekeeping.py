"""What has served its time goes; what may still be used stays."""

from datetime import timedelta

from domain.codes import SESSION_LIFETIME, digest
from domain.host import words
from domain.host.events import EventOutcome, HostEventKind
from domain.messages.messages import Template
from domain.safety.guessing import KNOWN_FOR, GuessedCode
from domain.safety.objections import WINDOW, Outcome
from domain.safety.throttle import Throttle
from domain.staff.staff import Role
from store import Database, housekeeping
from store.engine import throttles
from store.host import events as host_events
from store.host.events import EventClaim
from store.people import guesses, known_browsers, links, one_time_codes, sessions
from store.people.challenges import Ceremony, issue
from store.people.guesses import Counted
from store.people.links import Link, LinkPurpose
from store.people.one_time_codes import CodePurpose
from store.safety import objections
from store.safety.objections import Objection
from store.staff import staff, staff_sessions
from store.staff.staff_sessions import StaffCeremony
from tests.clocks import START
from tests.factories import make_web_session
from tests.staff import make_staff


def fill(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        web_session = make_web_session(session, "token", account_id=account_id)
        session_id = web_session.session_id
        issue(session, session_id, Ceremony.REGISTRATION, b"challenge", now=START)
        one_time_codes.issue(
            session,
            session_id=session_id,
            purpose=CodePurpose.SIGN_IN,
            account_id=account_id,
            digest="digest",
            now=START,
        )
        link = Link(
            link_id="",
            purpose=LinkPurpose.ADD_DEVICE,
            account_id=account_id,
            made_at=START,
            expires_at=START + timedelta(minutes=10),
        )
        links.make(session, "link", link)
        throttles.count(session, Throttle.CODES_PER_ADDRESS, "203.0.113.7", now=START)


def test_what_is_over_goes_a_day_later_with_all_that_hangs_on_it(database: Database, account_id: str) -> None:
    fill(database, account_id)
    with database.transaction() as session:
        assert housekeeping.clear(session, now=START + SESSION_LIFETIME + timedelta(days=1, minutes=1)) == 5
        assert sessions.find(session, "token", now=START) is None


def test_what_may_still_be_used_stays(database: Database, account_id: str) -> None:
    fill(database, account_id)
    with database.transaction() as session:
        assert housekeeping.clear(session, now=START + timedelta(hours=1)) == 0
        assert sessions.find(session, "token", now=START) is not None


def test_a_living_session_survives_its_old_codes(database: Database, account_id: str) -> None:
    fill(database, account_id)
    with database.transaction() as session:
        web_session = sessions.find(session, "token", now=START)
        assert web_session
        web_session.expires_at = START + timedelta(days=30)
        session.add(web_session)
    with database.transaction() as session:
        housekeeping.clear(session, now=START + timedelta(days=2))
        assert sessions.find(session, "token", now=START) is not None


def test_a_session_that_has_changed_something_stays_while_its_change_can_be_disputed(
    database: Database, account_id: str
) -> None:
    fill(database, account_id)
    with database.transaction() as session:
        sessions.note_change(session, digest("token"), at=START)
    with database.transaction() as session:
        housekeeping.clear(session, now=START + WINDOW + timedelta(days=13))
        assert sessions.look_up(session, digest("token")) is not None
        housekeeping.clear(session, now=START + WINDOW + timedelta(days=15))
        assert sessions.look_up(session, digest("token")) is None


def test_a_session_in_an_open_dispute_stays_until_that_is_settled(
    database: Database, account_id: str
) -> None:
    fill(database, account_id)
    long_after = START + timedelta(days=100)
    with database.transaction() as session:
        row = Objection(
            account_id=account_id,
            message_key="1",
            template=Template.PASSKEY_BOUND,
            made_at=START,
            session_id=digest("token"),
        )
        objections.add(session, row)
        housekeeping.clear(session, now=long_after)
        assert sessions.look_up(session, digest("token")) is not None
        objections.close(session, row, Outcome.UPHELD, by="sam", reason="they called", at=long_after)
        housekeeping.clear(session, now=long_after)
        assert sessions.look_up(session, digest("token")) is None


def test_known_browsers_go_when_they_are_forgotten_and_wrong_codes_after_a_season(
    database: Database, account_id: str
) -> None:
    counted = Counted(subject="somebody", code=GuessedCode.SIGN_IN)
    with database.transaction() as session:
        known_browsers.remember(session, "browser", account_id, at=START)
        guesses.failures(session, counted, at=START)
        guesses.add(session, counted, at=START)
    gone = {timedelta(days=89): 0, timedelta(days=91): 1, KNOWN_FOR: 0, KNOWN_FOR + timedelta(days=2): 1}
    for later, rows in gone.items():
        with database.transaction() as session:
            assert housekeeping.clear(session, now=START + later) == rows


def test_sessions_at_the_console_go_a_day_later_and_members_own_after_a_season(database: Database) -> None:
    with database.transaction() as session:
        ada = make_staff(session, "ada@example.com", Role.ADMIN)
        staff.invite(session, ada.staff_id, "link", now=START)
        nobodys = staff_sessions.start(session, "nobody", now=START).session_id
        staff_sessions.ask(session, nobodys, StaffCeremony.SIGN_IN, b"challenge", now=START)
        staff_sessions.start(session, "ada", now=START, staff_id=ada.staff_id)
    gone = {
        START + timedelta(days=1, hours=1): 1,
        START + timedelta(days=2): 1,
        START + timedelta(days=4): 1,
        START + timedelta(days=80): 0,
        START + timedelta(days=91): 1,
    }
    for now, rows in gone.items():
        with database.transaction() as session:
            assert housekeeping.clear(session, now=now) == rows


def test_an_event_of_the_host_stays_for_as_long_as_it_could_count_twice(database: Database) -> None:
    claim = EventClaim(
        source="login",
        event_id="1",
        kind=HostEventKind.SUPPORT_CONTACTED,
        account_id=None,
        at=START,
        outcome=EventOutcome.IGNORED,
    )
    with database.transaction() as session:
        host_events.claim(session, [claim], now=START)
        assert housekeeping.clear(session, now=START + words.MATTERS_FOR) == 0
        assert not host_events.claim(session, [claim], now=START)
        assert housekeeping.clear(session, now=START + words.KEPT_FOR + timedelta(minutes=1)) == 1
        assert host_events.claim(session, [claim], now=START)
