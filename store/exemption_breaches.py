"""The query behind the invariant of exemptions: the register and what journeys read say the same."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, exists, select
from sqlmodel.sql.expression import SelectOfScalar

from store.people.accounts import Account
from store.people.exemptions import Exemption, is_exempt


def register_differs(now: datetime) -> SelectOfScalar[int]:
    """Accounts that are exempt without a row that lasts until then, and rows that last and whose account is not."""
    is_same = (
        col(Exemption.account_id) == Account.account_id,
        col(Exemption.ended_at).is_(None),
        col(Exemption.expires_at) == Account.rests_until,
    )
    unregistered = select(func.count()).select_from(Account).where(is_exempt(now), ~exists().where(*is_same))
    unheeded = (
        select(func.count())
        .select_from(Exemption)
        .where(
            col(Exemption.ended_at).is_(None),
            col(Exemption.expires_at) > now,
            ~exists().where(*is_same, is_exempt(now)),
        )
    )
    return select(unregistered.scalar_subquery() + unheeded.scalar_subquery())
