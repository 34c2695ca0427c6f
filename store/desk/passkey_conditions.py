"""Conditions on the passkeys of one account, by which obstacles are found."""

from typing import Any

from sqlalchemy import ColumnElement, text
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, exists, not_, or_

from domain.trust import Way
from store.people.accounts import Account
from store.people.passkeys import Passkey

# Written out, because parameters keep SQLite from using the partial indexes.
IS_UNCONFIRMED = text("passkey.way = 'confirmation'")
IS_SIM_ALONE = text("passkey.way = 'sim_window'")
"""How a passkey becomes established: by somebody who confirms it, or by the SIM-swap window alone."""

Another = aliased(Passkey)
"""Another passkey of the same account."""


def is_sim_in_doubt(passkey: Any) -> ColumnElement[bool]:
    """Whether nobody has found the SIM clear since a passkey was rooted in it; the query has the account's row."""
    checked_at, rooted_at = col(Account.sim_checked_at), col(passkey.rooted_at)
    is_checked = and_(checked_at.is_not(None), checked_at >= rooted_at)
    is_changed = and_(col(Account.sim_changed_at).is_not(None), col(Account.sim_changed_at) >= rooted_at)
    return and_(col(passkey.way) == Way.SIM_WINDOW, or_(not_(is_checked), is_changed))


def has_another(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether another passkey of the account that has signed in meets a condition."""
    return exists().where(
        col(Another.account_id) == col(Passkey.account_id),
        col(Another.passkey_id) != col(Passkey.passkey_id),
        works(Another),
        condition,
    )


def is_of_older_root() -> ColumnElement[bool]:
    """Whether the other passkey goes back further, or as far and has the smaller id."""
    return or_(
        col(Another.rooted_at) < col(Passkey.rooted_at),
        and_(
            col(Another.rooted_at) == col(Passkey.rooted_at),
            col(Another.passkey_id) < col(Passkey.passkey_id),
        ),
    )


def works(passkey: Any) -> ColumnElement[bool]:
    """Whether a passkey opens its account, and has done so."""
    return and_(
        col(passkey.removed_at).is_(None),
        col(passkey.frozen_at).is_(None),
        col(passkey.last_used_at).is_not(None),
    )
