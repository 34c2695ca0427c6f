"""How long the changes of an account wait at this moment: as its policy says, and longer under guard."""

from datetime import datetime

from sqlmodel import Session

from domain.policy import Policy
from domain.presets import STANDARD
from domain.safety.guard import policy_under
from store.engine import raised_guards
from store.journeys import journeys


def policy_now(session: Session, account_id: str, *, now: datetime) -> Policy:
    """The policy of an account, or the standard one, with the waits of what begins now."""
    policy = journeys.policy_of(session, account_id) or STANDARD
    return policy_under(raised_guards.find_up(session, now=now), policy, now)
