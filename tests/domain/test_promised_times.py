"""How long things last and how much is allowed, as people, hosts and staff are told it."""

from datetime import timedelta

import pytest

from domain import codes, passkeys, prompts
from domain.desk import acts, extensions
from domain.host import clients, keys, security_events, sign_on, signing_keys, vouching, webhooks, words
from domain.messages import budgets, messages
from domain.messages.messages import Purpose
from domain.safety import disputes, guessing, objections
from domain.staff import approvals, staff
from domain.staff.staff import Role

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

FOR_PEOPLE = [
    ("a six-digit code may be typed for ten minutes", messages.CODE_LIFETIME, 10 * MINUTE),
    ("the link in an e-mail works for a day", codes.LINK_LIFETIME, DAY),
    ("the QR code for another device works for ten minutes", codes.DEVICE_LINK_LIFETIME, 10 * MINUTE),
    ("a device that came by link has half an hour", codes.DEVICE_SESSION_LIFETIME, 30 * MINUTE),
    ("a passkey ceremony may take five minutes", codes.CHALLENGE_LIFETIME, 5 * MINUTE),
    ("whoever signs in stays so for half a day", codes.SESSION_LIFETIME, 12 * HOUR),
    ("the waits after wrong codes begin with half a minute", guessing.SHORTEST_WAIT, 30 * SECOND),
    ("no wait after a wrong code is longer than an hour", guessing.LONGEST_WAIT, HOUR),
    ("closed codes open after a day, the first time", guessing.SHORTEST_CLOSURE, DAY),
    ("closed codes open after eight days at the latest", guessing.LONGEST_CLOSURE, 8 * DAY),
    ("a browser is known for half a year", guessing.KNOWN_FOR, 180 * DAY),
    ("wrong codes are remembered for a quarter of a year", guessing.REMEMBERED_FOR, 90 * DAY),
    ("whoever cannot do it now is left alone for two weeks", prompts.CANNOT_NOW_PAUSE, 14 * DAY),
    ("a month is left for an objection", objections.WINDOW, 30 * DAY),
    ("a dispute is settled after two weeks", disputes.DISPUTE_LIFETIME, 14 * DAY),
    ("budgets of messages are those of a day", budgets.DAY, DAY),
]

FOR_STAFF = [
    ("an invitation lets in for two days", staff.INVITATION_LIFETIME, 48 * HOUR),
    ("an idle session ends after half an hour", staff.IDLE_LIFETIME, 30 * MINUTE),
    ("a session ends after a working day", staff.SESSION_LIFETIME, 8 * HOUR),
    ("a step-up is good for five minutes", staff.STEP_UP_LIFETIME, 5 * MINUTE),
    ("what takes two is asked for for three days", approvals.ASKED_FOR, 72 * HOUR),
    ("a rescue waits for a day", approvals.RESCUE_DELAY, 24 * HOUR),
    ("a rescue's code is shown for three days", approvals.SHOWN_WITHIN, 72 * HOUR),
    ("a rescue's code works for ten minutes", approvals.RESCUE_LIFETIME, 10 * MINUTE),
    ("support sends once more after four hours", acts.SENT_AGAIN_AFTER, 4 * HOUR),
    ("an account is paused for a month at most", acts.LONGEST_PAUSE, 30 * DAY),
    ("an account is exempt for a year at most", acts.LONGEST_EXEMPTION, 365 * DAY),
    ("support gives two weeks more at most", extensions.LONGEST_EXTENSION[Role.SUPPORT], 14 * DAY),
    ("an administrator gives a quarter more at most", extensions.LONGEST_EXTENSION[Role.ADMIN], 90 * DAY),
    ("two members give a year more at most", extensions.LONGEST_APPROVED_EXTENSION, 365 * DAY),
]

FOR_HOSTS = [
    ("a key works for a year", keys.KEY_LIFETIME, 365 * DAY),
    ("no key works for more than three years", keys.LONGEST_LIFETIME, 3 * 365 * DAY),
    ("the former key works for a week beside the new one", keys.OVERLAP, 7 * DAY),
    ("a client's former secret works for a week", clients.SECRET_OVERLAP, 7 * DAY),
    ("a security event may be a month old", security_events.OLDEST_SET, 30 * DAY),
    ("a person has half a day for the way back", sign_on.SIGN_ON_LIFETIME, 12 * HOUR),
    ("a code is exchanged within a minute", sign_on.CODE_LIFETIME, MINUTE),
    ("a token is good for five minutes", sign_on.TOKEN_LIFETIME, 5 * MINUTE),
    ("a key signs for two months", signing_keys.SIGNS_FOR, 60 * DAY),
    ("a key is shown an hour before it signs", signing_keys.SHOWN_BEFORE, HOUR),
    ("a key is shown for a day after it signed", signing_keys.SHOWN_AFTER, DAY),
    ("a host's statement is good for five minutes", vouching.LONGEST_STATEMENT, 5 * MINUTE),
    ("what a statement rests on may be an hour old", vouching.LONGEST_PROOF, HOUR),
    ("clocks may differ by half a minute in a statement", vouching.LEEWAY, 30 * SECOND),
    ("an event is tried for three days", webhooks.TRIED_FOR, 3 * DAY),
    ("an attempt may take a minute and a half", webhooks.SENDING_TIMEOUT, 90 * SECOND),
    ("a receiver's former secret signs for a day", webhooks.SECRET_OVERLAP, DAY),
    ("a former secret signs for a month at most", webhooks.LONGEST_OVERLAP, 30 * DAY),
    ("a host's clock may be five minutes ahead", words.CLOCKS_DIFFER_BY, 5 * MINUTE),
    ("an event is told once within a month and a day", words.KEPT_FOR, 31 * DAY),
    ("a happening may be told a month late", words.MATTERS_FOR, 30 * DAY),
    ("an answer may be told within a week", prompts.ANSWERABLE_FOR, 7 * DAY),
]


@pytest.mark.parametrize(("promise", "kept", "told"), [*FOR_PEOPLE, *FOR_STAFF, *FOR_HOSTS])
def test_a_time_that_somebody_was_told_is_kept(promise: str, kept: timedelta, told: timedelta) -> None:
    assert kept == told, promise


@pytest.mark.parametrize(
    ("promise", "kept", "told"),
    [
        ("five wrong guesses spend a code", codes.TRIES, 5),
        ("eight recovery codes are given at once", codes.RECOVERY_CODES, 8),
        ("five tabs may wait for a ceremony", codes.MOST_CHALLENGES, 5),
        ("an account has twenty passkeys at most", passkeys.MOST_PASSKEYS, 20),
        ("the hundredth wrong code in a row closes", guessing.CEILING, 100),
        ("a member's name has sixty letters at most", staff.LONGEST_NAME, 60),
        ("one request brings a hundred events at most", words.MOST_AT_ONCE, 100),
        ("a parameter of a sign-on has 2048 characters at most", sign_on.LONGEST_PARAMETER, 2048),
        ("five failures in a row slow a receiver down", webhooks.STEADY_FAILURES, 5),
    ],
)
def test_a_number_that_somebody_was_told_is_kept(promise: str, kept: int, told: int) -> None:
    assert kept == told, promise


def test_codes_go_out_within_a_day_as_often_as_an_owner_needs_them_and_reminders_far_less() -> None:
    per_day = {
        (purpose.value, channel.value): (budget.contact, budget.account)
        for (purpose, channel), budget in budgets.BUDGETS.items()
    }
    assert per_day == {
        ("code", "sms"): (40, 40),
        ("code", "email"): (20, 20),
        ("notice", "sms"): (8, 16),
        ("notice", "email"): (15, 30),
        ("nudge", "sms"): (30, 30),
        ("nudge", "email"): (30, 30),
    }
    assert {purpose for purpose, _ in budgets.BUDGETS} == set(Purpose)
