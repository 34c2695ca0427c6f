"""What the desk says of a contact and of codes: who has to do something, and who is not to blame."""

import pytest

from domain.desk.cases import ContactLine
from domain.facts import Channel
from domain.messages.messages import Fate
from domain.words.desk_words import AGES, faults, recovery_codes, shared_with
from tests.factories import make_facts


@pytest.mark.parametrize(
    ("fault", "reason", "words"),
    [
        (Fate.UNSUBSCRIBED, None, "No reminders wanted here"),
        (Fate.SPAM_REPORTED, "support", "No reminders wanted here"),
        (
            Fate.STOPPED,
            "support",
            "Answered STOP: nothing arrives, a code neither, until they answer START to one of our texts",
        ),
        (
            Fate.WITHHELD,
            "no_such_sender",
            "Not carried by the provider (no such sender); the contact is not to blame",
        ),
        (Fate.UNDELIVERABLE, "support", "Marked as wrong by support"),
        (Fate.BOUNCED, None, "Does not arrive: came back"),
        (Fate.BLOCKED, "some_trouble", "Does not arrive: refused this time (some trouble)"),
    ],
)
def test_a_fault_says_what_is_known_against_a_contact(fault: Fate, reason: str | None, words: str) -> None:
    contact = ContactLine(channel=Channel.SMS, masked="+49•••••678", fault=fault, reason=reason)
    assert faults(contact) == words


@pytest.mark.parametrize(("accounts", "words"), [(1, "other account"), (2, "other accounts")])
def test_a_contact_is_shared_with_so_many_others(accounts: int, words: str) -> None:
    assert shared_with(accounts) == f"shared with {accounts} {words}"
    assert ContactLine(channel=Channel.SMS, masked="").shared_with == 0


def test_codes_are_told_with_whether_they_are_known_to_be_kept() -> None:
    some = make_facts(recovery_codes_left=7, recovery_codes_proven=True)
    assert recovery_codes(make_facts(recovery_codes_left=0)) == "none"
    assert recovery_codes(some) == "7 left, one was typed back"
    assert recovery_codes(some, is_at_host=True) == "7 left, one was typed back, at the host"
    unproven = make_facts(recovery_codes_left=7, recovery_codes_proven=False)
    assert recovery_codes(unproven) == "7 left, none was typed back yet"


def test_the_choices_of_the_list_are_what_their_days_say() -> None:
    days_of = {"day": 1, "days": 1, "week": 7, "weeks": 7}
    for days, words in AGES.items():
        count, unit = words.split()
        assert int(count) * days_of[unit] == days
    assert list(AGES) == [1, 3, 7, 14, 30]
