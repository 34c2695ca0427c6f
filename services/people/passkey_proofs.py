"""Says whether a sign-in by a passkey proves something new, wherever the passkey lives."""

from datetime import date

from domain.presets import STANDARD
from store import Session
from store.journeys import journeys
from store.people import passkeys
from store.people.passkeys import Passkey


def proves(session: Session, account_id: str, passkey: Passkey, *, day: date) -> bool:
    """Whether this sign-in proves something new: the passkey's first use, or one more day that the policy asks for.

    Other sign-ins neither wake the journey nor begin its reminders anew.
    """
    if passkey.last_used_at is None:
        return True
    policy = journeys.policy_of(session, account_id) or STANDARD
    days = passkeys.days_used(session, account_id)
    return day not in days and len(days) < policy.proving_days
