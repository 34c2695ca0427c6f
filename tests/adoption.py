"""A small town on its way, for looking at adoption: who has come how far, and how they sign in."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain.facts import Method, SmsState
from domain.journal import Actor, EventKind
from domain.journey import StuckReason
from domain.policy import Policy
from store import Session
from store.people import accounts, journal
from tests.attempts import try_at_random
from tests.clocks import START
from tests.factories import make_account, make_journey, make_member, make_passkey, make_policy, put_sms

DAY = timedelta(days=1)

ONE_DAY = make_policy(name="one-day", proving_days=1)
"""The policy of everybody in the town: a passkey is proven at once."""


def happen(session: Session, account_id: str, kind: EventKind, *, at: datetime, **detail: Any) -> None:
    """Note that something has happened to somebody."""
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, **detail)


def settle(
    session: Session, account_id: str, *, at: datetime, policy: Policy = ONE_DAY, sms: SmsState = SmsState.ON
) -> None:
    """Start somebody's journey; whose text-message codes are off has made a passkey a day before that."""
    make_journey(session, account_id, policy, at=at)
    if sms is SmsState.ON:
        return
    make_passkey(session, account_id, used_on=[at.date()], last_used_at=at)
    happen(session, account_id, EventKind.PASSKEY_BOUND, at=at + DAY)
    happen(session, account_id, EventKind.SMS_SUSPENDED, at=at + 2 * DAY)
    if sms is SmsState.REMOVED:
        happen(session, account_id, EventKind.SMS_REMOVED, at=at + 3 * DAY)
    put_sms(session, accounts.get(session, account_id), sms)


def make_town(session: Session, *, people: int = 60, days: int = 30, cohort_id: str | None = None) -> None:
    """So many people, launched over so many days until `START`; some fast, some lazy, some stuck."""
    dice, attempt_dice = Random(11), Random(12)
    for number in range(people):
        account_id = make_member(session, cohort_id) if cohort_id else make_account(session).account_id
        launched_at = START - timedelta(days=days - 4) * (1 - number / people) - timedelta(hours=number % 7)
        sms = dice.choices(list(SmsState), weights=(5, 1, 2, 2))[0]
        settle(session, account_id, at=launched_at, sms=sms)
        _stick(session, account_id, dice)
        _sign_in_for_days(session, account_id, launched_at, sms, dice)
        if sms is not SmsState.ON:
            try_at_random(session, account_id, at=START - DAY, dice=attempt_dice)


def _stick(session: Session, account_id: str, dice: Random) -> None:
    account = accounts.get(session, account_id)
    if account.sms == SmsState.ON and dice.random() < 0.3:
        account.stuck_since = START
        account.stuck_reason = dice.choice([StuckReason.NUDGES_USED_UP, StuckReason.UNREACHABLE])


def _sign_in_for_days(
    session: Session, account_id: str, since: datetime, sms: SmsState, dice: Random
) -> None:
    at = since + timedelta(hours=3)
    while at < START:
        if sms is not SmsState.ON and at > since + DAY:
            took = {"milliseconds": round(dice.lognormvariate(1.2, 0.4) * 1000)}
            happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=at, **took)
        else:
            took = {"milliseconds": round(dice.lognormvariate(3.1, 0.5) * 1000)}
            happen(session, account_id, EventKind.SIGNED_IN, at=at, method=Method.SMS, **took)
        at += timedelta(hours=dice.randint(20, 90))
