"""What a text-message code is good for: from a person's end date on, it opens the set-up and nothing else."""

from datetime import datetime

from domain.facts import Method
from domain.safety.end_dates import has_come
from store import Session
from store.journeys import journeys, retiring
from store.people import accounts
from store.people.exemptions import exempt_until
from store.rollouts import holds


def method_of_code(session: Session, account_id: str, *, now: datetime) -> Method:
    """How somebody has come in who has typed a right code."""
    return Method.SMS_AFTER_END if is_over(session, account_id, now=now) else Method.SMS


def is_over(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether the end date of an account has come: it is on a journey whose cohort names a day, and not exempt.

    While retiring is stopped for everybody, no end date strikes either: codes are what people may need then.
    """
    policy = journeys.policies_of(session, [account_id]).get(account_id)
    if policy is None or policy.end is None:
        return False
    return has_come(
        policy.end,
        exempt_until=exempt_until(accounts.get(session, account_id)),
        is_frozen=holds.is_frozen(session, account_id) or retiring.read(session).is_stopped,
        now=now,
    )
