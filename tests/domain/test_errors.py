"""Every refusal says in its own words what it is about: logs, the command line and staff read them."""

from datetime import timedelta

import pytest

from domain.desk.acts import ActRefused
from domain.errors import (
    BadSignature,
    BudgetSpent,
    CeremonyRejected,
    CodeRejected,
    GuessedTooOften,
    NotSafeYet,
    ObjectionNotFromHere,
    OfframpError,
    RetiringStopped,
    SmsSwitchedOff,
    Throttled,
)
from domain.host.security_events import KeysAway, SetError, SetRefused
from domain.host.sign_on import SignOnRefused
from domain.host.vouching import StatementRejected
from domain.host.webhooks import NotTaken
from domain.policy import InvalidPolicy
from domain.ports import NeverDeliverable, NotHandedOver
from domain.remaining import Remaining, RemovesOnlyPasskey
from domain.rollouts.cohorts import InvalidCohort
from domain.staff.approvals import ApprovalRefused
from domain.staff.staff import IdentityRejected
from domain.trust import Change, NotTrusted, Why
from tests.clocks import START

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotSafeYet(("email_verified", "passkey_days")), "not safe yet: email_verified, passkey_days"),
        (RetiringStopped("an incident"), "retiring is stopped for everybody: an incident"),
        (CodeRejected(2), "the code is wrong or no longer valid"),
        (ObjectionNotFromHere(), "this objection needs a more trusted way in"),
        (SmsSwitchedOff(for_good=True), "text-message codes are switched off for this account"),
        (Throttled(7), "too many attempts, try again in 7 s"),
        (GuessedTooOften(0, needs_other_way=True), "too many attempts, try again in 0 s"),
        (BadSignature("too old"), "this is no callback of the provider: too old"),
        (
            RemovesOnlyPasskey(Remaining.CODES),
            "the only passkey is to go, and what is left is: codes",
        ),
        (
            NotTrusted(Change.BIND_PASSKEY, Why.NEEDS_DEVICE),
            "bind_passkey is not for this session: needs_device",
        ),
        (InvalidPolicy(["name is empty", "cap is negative"]), "name is empty; cap is negative"),
        (InvalidCohort([("pace", "must be 1"), ("name", "is empty")]), "pace: must be 1; name: is empty"),
        (SetRefused(SetError.INVALID_KEY, "unknown"), "invalid_key: unknown"),
        (KeysAway("https://idp.example", MINUTE), "the keys of https://idp.example are not to be had now"),
        (SignOnRefused("invalid_request", "state comes twice"), "state comes twice"),
        *((kind("why"), "why") for kind in (CeremonyRejected, IdentityRejected, ApprovalRefused, ActRefused)),
        *((kind("why"), "why") for kind in (StatementRejected, NotTaken, NotHandedOver, NeverDeliverable)),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else "",
)
def test_an_error_says_what_it_is_about(error: OfframpError, words: str) -> None:
    assert str(error) == words


@pytest.mark.parametrize(("seconds_left", "retry_after"), [(-5, 1), (0, 1), (0.5, 1), (1, 2), (90.9, 91)])
def test_a_spent_budget_says_after_how_many_seconds_another_attempt_can_succeed(
    seconds_left: float, retry_after: int
) -> None:
    until = START + timedelta(seconds=seconds_left)
    spent = BudgetSpent(at=START, until=until)
    assert (spent.retry_after, spent.until) == (retry_after, until)
    assert str(spent) == f"too many attempts, try again in {retry_after} s"
