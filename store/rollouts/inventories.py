"""Counts what text-message codes are to accounts at the host: the inventory before a launch."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from domain.inventory import NOT_TOLD, SmsMethod
from store.people.accounts import Account


def count(session: Session, scope: Select[Any]) -> dict[str, int]:
    """How many of the accounts in scope have which method there, or none that was told; what nobody has is missing."""
    query = select(col(Account.sms_method), func.count()).where(col(Account.account_id).in_(scope))
    counted: dict[str | None, int] = {}
    for method, accounts in session.execute(query.group_by(col(Account.sms_method))):
        counted[method] = accounts
    by_name = {str(method): counted.get(method, 0) for method in SmsMethod} | {NOT_TOLD: counted.get(None, 0)}
    return {name: accounts for name, accounts in by_name.items() if accounts}
