"""Why accounts cannot take part in a rollout, as a column that plans and launches ask alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, null
from sqlmodel import col

from domain.facts import SmsState
from domain.rollouts.cohorts import Ineligibility, Who
from domain.switches import SwitchStop
from store.journeys import switches
from store.journeys.journeys import Journey
from store.people.accounts import Account
from store.people.exemptions import is_exempt
from store.rollouts import members


def ineligibility(
    exclude: Who | None, *, now: datetime, stops: Sequence[SwitchStop] = ()
) -> ColumnElement[str | None]:
    """The `Ineligibility` of an account, which is joined to its journey; NULL if it can take part.

    `stops` of launches leave people out for a while only, so plans do not ask about them.
    """
    reasons = [
        (col(Account.sms) == SmsState.REMOVED, Ineligibility.SMS_REMOVED.value),
        (col(Journey.account_id).is_not(None), Ineligibility.JOURNEY_ALREADY.value),
        (col(Account.phone).is_(None), Ineligibility.NO_PHONE.value),
        (is_exempt(now), Ineligibility.EXEMPT.value),
    ]
    if exclude:
        reasons.insert(3, (members.criteria(exclude), Ineligibility.EXCLUDED.value))
    if stops:
        reasons.append((switches.held_by(stops), Ineligibility.LAUNCHES_STOPPED.value))
    return case(*reasons, else_=null())
