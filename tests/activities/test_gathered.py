"""A gathered message says what happened and when, in the person's language and by their clock."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from activities.messages import MessageActivities, Outside
from domain.messages.budgets import BUDGETS
from domain.messages.messages import Purpose, Template
from providers.sealing import FernetSeal
from providers.wording import TemplateWriter
from store import Database
from store.messages import messages, notices
from store.people import accounts
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.fakes import FakeMailer, FakeTexter

ORIGIN = "https://accounts.example.test"
LETTERS = max(BUDGETS[Purpose.NOTICE, channel].contact for _, channel in BUDGETS)
MINUTE = timedelta(minutes=1)


@dataclass
class Household:
    """An account whose owner has been told so much that the next notices are gathered."""

    database: Database
    clock: FakeClock
    mailer: FakeMailer
    texter: FakeTexter
    sender: MessageActivities
    account_id: str

    def tell(self, template: Template, **values: str) -> None:
        with self.database.transaction() as session:
            account = accounts.get(session, self.account_id)
            event = f"{self.clock():%H%M%S%f}{values}"
            notices.tell(session, account, template, event=event, at=self.clock(), values=values)
        self.clock.advance(MINUTE)

    def open_post(self) -> None:
        """Send what was gathered."""
        with self.database.reading() as session:
            sent = messages.of_account(session, self.account_id, limit=1000)
        for message in sent:
            if message.template == Template.SEVERAL_CHANGES:
                self.sender.deliver(message.key)


@pytest.fixture
def household(sqlite_database: Database, clock: FakeClock) -> Household:
    with sqlite_database.transaction() as session:
        account = make_account(session, locale="en", time_zone="Europe/Berlin", email="ada@example.org")
        for number in range(LETTERS):
            notices.tell(
                session, account, Template.SMS_RESTORED, event=f"{number}", at=START, values={"stopped": "no"}
            )
    mailer, texter = FakeMailer(), FakeTexter()
    writer = TemplateWriter(service_name="Example", origin=ORIGIN)
    outside = Outside(mailer=mailer, texter=texter, writer=writer, seal=FernetSeal("a key"), origin=ORIGIN)
    sender = MessageActivities(sqlite_database, clock, outside)
    return Household(sqlite_database, clock, mailer, texter, sender, account.account_id)


def test_the_letter_lists_each_change_with_its_time_and_the_text_says_how_many(household: Household) -> None:
    household.tell(Template.RECOVERY_CODES_MADE)
    household.tell(Template.PASSKEY_BOUND, device="iPhone", passkey_id="p1")
    household.tell(Template.RECOVERY_CODES_MADE)
    household.open_post()
    (letter,), (text,) = household.mailer.taken, household.texter.taken
    assert letter.subject == "3 changes to your Example account since 13:00"
    assert "13:00 – 13:02: 2 × Your Example account has new recovery codes" in letter.text
    assert "13:01: A passkey was added to your Example account (iPhone)" in letter.text
    assert f"{ORIGIN}/not-me/" in letter.text
    assert text.text.startswith("Example: 10 changes to your account since 13:00.")


def test_without_a_time_zone_it_says_which_clock_it_goes_by(household: Household) -> None:
    with household.database.transaction() as session:
        accounts.get(session, household.account_id).time_zone = None
    household.tell(Template.RECOVERY_CODES_MADE)
    household.tell(Template.RECOVERY_CODES_MADE)
    household.open_post()
    assert household.mailer.taken[0].subject.endswith("since 12:00 UTC")


def test_it_speaks_the_persons_language(household: Household) -> None:
    with household.database.transaction() as session:
        accounts.get(session, household.account_id).locale = "de"
    household.tell(Template.PASSKEY_REMOVED, device="iPhone", passkey_id="p1")
    household.tell(Template.RECOVERY_CODES_MADE)
    household.open_post()
    (letter,) = household.mailer.taken
    assert letter.subject == "2 Änderungen an Ihrem Example-Konto seit 13:00"
    assert "13:01: Ihr Example-Konto hat neue Wiederherstellungscodes" in letter.text


def test_a_change_that_was_gathered_alone_is_told_in_its_own_words(household: Household) -> None:
    household.tell(Template.PASSKEY_BOUND, device="iPhone", passkey_id="p1")
    household.open_post()
    (letter,) = household.mailer.taken
    assert letter.subject == "A passkey was added to your Example account"
    assert "iPhone" in letter.text


def test_a_long_list_ends_before_mail_programs_hide_the_way_to_object(household: Household) -> None:
    for number in range(45):
        household.tell(Template.PASSKEY_BOUND, device=f"Phone {number}", passkey_id=f"p{number}")
    household.open_post()
    (letter,) = household.mailer.taken
    assert "(Phone 39)" in letter.text
    assert "(Phone 40)" not in letter.text
    assert "And 5 more, all on your account page." in letter.text


def test_what_happened_on_another_day_says_so(household: Household) -> None:
    household.tell(Template.RECOVERY_CODES_MADE)
    household.clock.advance(timedelta(hours=11))
    household.tell(Template.RECOVERY_CODES_MADE)
    household.open_post()
    assert household.mailer.taken[0].subject.endswith("since 2026-03-02 13:00")
