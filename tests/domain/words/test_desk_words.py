"""What the desk says of a contact and of codes: who has to do something, and who is not to blame."""

import pytest

from domain.desk.cases import ContactLine
from domain.facts import Channel
from domain.messages.messages import Fate
from domain.policy import InsteadOfPasskey, Policy
from domain.safety.disputes import DisputeSubject
from domain.words import desk_words
from domain.words.desk_words import AGES, faults, recovery_codes, shared_with
from tests.factories import make_facts, make_policy

BY_APP = make_policy(instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP)


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


def test_everything_that_a_dispute_can_be_about_has_a_name() -> None:
    assert set(desk_words.SUBJECTS) == set(DisputeSubject)


@pytest.mark.parametrize(
    ("app_days", "policy", "words"),
    [
        (1, make_policy(), "1 set up, used on 1 day"),
        (2, BY_APP, "1 set up, used on 2 days, in place of a passkey: less than phishing-resistant"),
    ],
)
def test_an_app_in_place_of_a_passkey_is_told_as_such(app_days: int, policy: Policy, words: str) -> None:
    account_facts = make_facts(authenticator_apps=1, app_days=app_days, lacks_device=True)
    assert desk_words.authenticator_app(account_facts, policy) == words
    assert desk_words.authenticator_app(make_facts(), policy) == "none"
