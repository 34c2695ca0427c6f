"""What a text-message code is good for: from a person's end date on, it opens the set-up and nothing else."""

from datetime import datetime

from domain.facts import Method
from domain.messages.cadence import has_ended
from store import Session
from store.journeys import facts, journeys, retiring
from store.rollouts import holds


def method_of_code(session: Session, account_id: str, *, now: datetime) -> Method:
    """How somebody has come in who has typed a right code."""
    return Method.SMS_AFTER_END if is_over(session, account_id, now=now) else Method.SMS


def is_over(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether the end date of an account has come: it is on a journey whose cohort names a day, and was told of it.

    While its cohort stands still, or retiring is stopped for it, no end date strikes: codes are what people may
    need then.
    """
    policy = journeys.policies_of(session, [account_id]).get(account_id)
    if policy is None or policy.end is None or not has_ended(facts.read(session, account_id), policy, now):
        return False
    return not holds.is_frozen(session, account_id) and not retiring.is_stopped_for(session, account_id)
