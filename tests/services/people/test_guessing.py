"""Wrong codes count per account, by whatever door they come, and shut nobody out but those who guess."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle

import pytest

from domain.codes import TRIES
from domain.errors import CodeRejected, GuessedTooOften, Throttled
from domain.facts import Method
from domain.safety.guessing import CEILING, LONGEST_CLOSURE, SHORTEST_CLOSURE
from domain.safety.throttle import LIMITS, Throttle
from domain.trust import Root
from services.container import Services
from services.people import browser_links, recovery_code_sets, sign_in_codes
from services.people.admission import Admission
from services.people.contacts import Contact
from services.people.door_notes import write_up
from services.people.visits import Person, Visit
from store import Database
from store.messages import messages
from store.people import passkeys
from tests.clocks import FakeClock
from tests.factories import make_account, make_passkey, make_web_session

PHONE, EMAIL = Contact(phone="+4915112345678"), Contact(email="ada@example.org")
NOBODY = Contact(phone="+4915187654321")


@dataclass
class Browser:
    """Somebody at a browser: what it keeps, and where it is."""

    services: Services
    address: str = "198.51.100.1"
    browser_token: str | None = None
    token: str | None = field(default=None)

    @property
    def visit(self) -> Visit:
        return Visit(
            address=self.address, platform="iPhone", token=self.token, browser_token=self.browser_token
        )

    def ask(self, contact: Contact = PHONE) -> None:
        self.token = sign_in_codes.ask(self.services, self.visit, contact)
        while write_up(self.services.database, self.services.clock):
            pass

    def type(self, code: str) -> Admission:
        admission = sign_in_codes.answer(self.services, self.visit, code)
        self.browser_token = admission.browser_token
        return admission

    def sign_in(self, account_id: str, contact: Contact = PHONE) -> Admission:
        self.ask(contact)
        return self.type(newest_code(self.services, account_id))

    def guess(self) -> None:
        with pytest.raises(CodeRejected):
            self.type("no digits")


def newest_code(services: Services, account_id: str) -> str:
    with services.database.reading() as session:
        sent = [m for m in messages.of_account(session, account_id) if m.template == "sign_in_code"]
    newest = max(sent, key=lambda message: message.key)
    return services.seal.open(newest.sealed or b"").split('"')[3]


def newest_link(services: Services, account_id: str) -> str:
    with services.database.reading() as session:
        sent = [m for m in messages.of_account(session, account_id) if m.template == "sign_in_link"]
    return services.seal.open(sent[0].sealed or b"").split("token=")[1].strip('"}')


def guess_until_shut(services: Services, contacts: Iterable[Contact], *, most: int = CEILING) -> int:
    """A stranger with many addresses types wrong codes until no further one is taken; returns how many were."""
    taken, ways = 0, cycle(contacts)
    while taken < most:
        stranger = Browser(services, address=f"203.0.{taken // 250}.{taken % 250}")
        try:
            stranger.ask(next(ways))
            stranger.guess()
        except Throttled:
            break
        taken += 1
    return taken


def guess_a_hundred_times(services: Services, clock: FakeClock, contact: Contact = PHONE) -> None:
    """A stranger waits as long as it takes between a hundred wrong codes."""
    for _ in range(CEILING):
        guess_until_shut(services, [contact], most=1)
        clock.advance(timedelta(hours=2))


@pytest.fixture
def account_id(database: Database) -> str:
    """An account that has nothing but text-message codes, and an address that the host has told."""
    with database.transaction() as session:
        account = make_account(session, phone=PHONE.phone, email=EMAIL.email, host_email=EMAIL.email)
        return account.account_id


@pytest.mark.usefixtures("account_id")
@pytest.mark.parametrize("contacts", [(PHONE,), (EMAIL,), (PHONE, EMAIL), (NOBODY,)])
def test_wrong_codes_count_together_by_whatever_contact_they_come(
    services: Services, contacts: tuple[Contact, ...]
) -> None:
    browsers = [Browser(services, address=f"203.0.113.{number}") for number in range(len(contacts))]
    for browser, contact in zip(browsers, contacts, strict=True):
        browser.ask(contact)
    waiting = cycle(browsers)
    for _ in range(TRIES + 1):
        next(waiting).guess()
    for browser in browsers:
        with pytest.raises(GuessedTooOften):
            browser.type("no digits")


def test_a_right_code_begins_the_count_anew(services: Services, clock: FakeClock, account_id: str) -> None:
    for _ in range(3):
        guesser = Browser(services)
        guesser.ask()
        for _ in range(TRIES):
            guesser.guess()
        Browser(services).sign_in(account_id)
        clock.advance(timedelta(minutes=15))


def test_what_is_typed_while_one_has_to_wait_lengthens_no_wait(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    browser = Browser(services)
    browser.ask()
    for _ in range(TRIES + 1):
        browser.guess()
    for _ in range(20):
        with pytest.raises(GuessedTooOften):
            browser.type("no digits")
    clock.advance(timedelta(seconds=31))
    Browser(services).sign_in(account_id)


def test_nobody_is_shut_out_by_a_stranger_at_a_browser_that_has_signed_in_before(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    owner = Browser(services)
    owner.sign_in(account_id)
    guess_a_hundred_times(services, clock)
    guess_until_shut(services, [PHONE, EMAIL])
    owner.token = None
    owner.sign_in(account_id)


def test_nobody_is_shut_out_by_a_stranger_at_their_own_network_address(
    services: Services, account_id: str
) -> None:
    owner = Browser(services)
    owner.sign_in(account_id)
    for number in range(LIMITS[Throttle.CODES_PER_ADDRESS].most + 1):
        try:
            Browser(services).ask(Contact(phone=f"+49160{number:08d}"))
        except Throttled:
            break
    with pytest.raises(Throttled):
        Browser(services).ask(NOBODY)
    owner.sign_in(account_id)


def test_a_hundred_wrong_codes_on_an_account_that_has_only_sms_close_it_for_strangers_and_for_a_time(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    guess_a_hundred_times(services, clock)
    with pytest.raises(GuessedTooOften) as shut:
        Browser(services).ask()
    assert not shut.value.needs_other_way
    assert timedelta(seconds=shut.value.retry_after) <= SHORTEST_CLOSURE
    clock.advance(SHORTEST_CLOSURE)
    Browser(services).sign_in(account_id)


def test_a_hundred_wrong_codes_on_an_account_that_has_only_sms_are_passed_by_a_link_to_its_address(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    guess_a_hundred_times(services, clock)
    owner = Browser(services)
    with pytest.raises(GuessedTooOften):
        owner.ask()
    browser_links.ask(services, owner.visit, EMAIL)
    write_up(services.database, clock)
    owner.browser_token = browser_links.use(services, owner.visit, newest_link(services, account_id))
    guess_until_shut(services, [PHONE])
    owner.sign_in(account_id)


def test_a_stranger_cannot_use_up_the_links(services: Services, clock: FakeClock, account_id: str) -> None:
    stranger = Browser(services, address="203.0.113.7")
    for _ in range(LIMITS[Throttle.LINKS_PER_ACCOUNT].most):
        browser_links.ask(services, stranger.visit, PHONE)
        clock.advance(timedelta(minutes=1))
    with pytest.raises(Throttled):
        browser_links.ask(services, Browser(services).visit, EMAIL)
    while write_up(services.database, clock):
        pass
    assert browser_links.use(services, Browser(services).visit, newest_link(services, account_id))


def test_no_link_goes_to_an_address_that_nobody_vouches_for(
    services: Services, database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        account_id = make_account(session, phone=PHONE.phone, email=EMAIL.email, host_email=None).account_id
    browser_links.ask(services, Browser(services).visit, PHONE)
    write_up(database, clock)
    with database.reading() as session:
        assert messages.of_account(session, account_id) == []


def test_with_a_passkey_the_closed_route_opens_by_it_and_not_by_waiting(
    services: Services, database: Database, clock: FakeClock, account_id: str
) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id, used_on=[clock().date()], established_from=None)
    guess_a_hundred_times(services, clock)
    clock.advance(LONGEST_CLOSURE * 2)
    with pytest.raises(GuessedTooOften) as shut:
        Browser(services).ask()
    assert shut.value.needs_other_way
    codes = recovery_code_sets.make(services, _person(services, account_id))
    recovery_code_sets.sign_in(services, Browser(services).visit, EMAIL, codes[0])
    Browser(services).sign_in(account_id)


def test_a_route_opens_by_waiting_when_the_other_way_in_is_gone(
    services: Services, database: Database, clock: FakeClock, account_id: str
) -> None:
    with database.transaction() as session:
        passkey = make_passkey(session, account_id, used_on=[clock().date()])
    guess_a_hundred_times(services, clock)
    with database.transaction() as session:
        passkeys.remove(session, passkeys.get(session, account_id, passkey.passkey_id), at=clock())
    clock.advance(SHORTEST_CLOSURE)
    Browser(services).sign_in(account_id)


def test_recovery_codes_are_not_shut_by_guesses_of_six_digits_nor_by_wrong_long_ones(
    services: Services, clock: FakeClock, account_id: str
) -> None:
    codes = recovery_code_sets.make(services, _person(services, account_id))
    guess_a_hundred_times(services, clock)
    for number in range(300):
        stranger = Browser(services, address=f"203.0.{number // 250}.{number % 250}")
        with pytest.raises(CodeRejected):
            recovery_code_sets.sign_in(services, stranger.visit, PHONE, "aaaa-bbbb-cccc-dddd")
    recovery_code_sets.sign_in(services, Browser(services).visit, PHONE, codes[0])


def test_at_a_known_browser_guessing_ends_too(services: Services, account_id: str) -> None:
    household = Browser(services)
    household.sign_in(account_id)
    household.token = None
    household.ask()
    for _ in range(TRIES + 1):
        household.guess()
    with pytest.raises(GuessedTooOften):
        household.type("no digits")
    Browser(services, address="203.0.113.7").ask()  # and no stranger has to wait for it


def test_a_browser_that_another_account_knows_is_a_strangers(
    services: Services, database: Database, account_id: str
) -> None:
    other = Contact(phone="+4915199999999")
    with database.transaction() as session:
        other_id = make_account(session, phone=other.phone).account_id
    thief = Browser(services)
    thief.sign_in(other_id, other)
    assert thief.browser_token
    thief.token = None
    thief.ask()
    for _ in range(TRIES + 1):
        thief.guess()
    with pytest.raises(GuessedTooOften):
        Browser(services, address="203.0.113.7").ask()


def test_several_people_may_be_known_at_one_browser(
    services: Services, database: Database, clock: FakeClock, account_id: str
) -> None:
    other = Contact(phone="+4915199999999")
    with database.transaction() as session:
        other_id = make_account(session, phone=other.phone).account_id
    tablet = Browser(services)
    tablet.sign_in(account_id)
    first_token, tablet.token = tablet.browser_token, None
    tablet.sign_in(other_id, other)
    assert tablet.browser_token == first_token
    guess_a_hundred_times(services, clock)
    guess_a_hundred_times(services, clock, other)
    for person_id, contact in ((account_id, PHONE), (other_id, other)):
        tablet.token = None
        tablet.sign_in(person_id, contact)


def _person(services: Services, account_id: str) -> Person:
    with services.database.transaction() as session:
        row = make_web_session(session, f"token of {account_id}", account_id=account_id, method=Method.SMS)
        session_id = row.session_id
    return Person(
        account_id=account_id,
        session_id=session_id,
        method=Method.SMS,
        passkey_id=None,
        root=Root.SMS,
        rooted_at=services.clock(),
    )
