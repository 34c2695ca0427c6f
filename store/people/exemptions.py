"""Whom support has exempted for a time, as a condition of queries about accounts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import and_, col

from domain.desk.acts import Rest
from store.people.accounts import Account

EXEMPTIONS = tuple(rest for rest in Rest if rest.is_exemption)


def exempt_until(account: Account) -> datetime | None:
    """Until when an account is or was exempt; None if it is not, or rests for another reason."""
    return account.rests_until if account.rest in EXEMPTIONS else None


def is_exempt(now: datetime, rests: Sequence[Rest] = EXEMPTIONS) -> ColumnElement[bool]:
    """Whether an account is exempt at this time, for one of some reasons."""
    return and_(col(Account.rests_until) > now, col(Account.rest).in_(rests))
