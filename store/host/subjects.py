"""The accounts that a host's events are about: found by the host's ids, and locked together in one order."""

from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import Session, col, select

from store.people import imports
from store.people.accounts import Account


def take_turn(session: Session, *, changes_accounts: bool) -> None:
    """Let no import run until this transaction ends, so that two never lock the same accounts in different orders.

    Transactions that change what imports change take turns, too; others run side by side.
    """
    if changes_accounts:
        imports.take_turn(session)
    elif session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(imports.TURN)))


def lock(session: Session, external_ids: Collection[str]) -> dict[str, Account]:
    """The accounts of a host's ids, by these ids, with their rows locked until the transaction ends."""
    query = (
        select(Account)
        .where(col(Account.external_id).in_(external_ids))
        .order_by(col(Account.account_id))
        .with_for_update(key_share=True)
    )
    found_accounts = session.exec(query.execution_options(populate_existing=True)) if external_ids else ()
    return {account.external_id: account for account in found_accounts}
