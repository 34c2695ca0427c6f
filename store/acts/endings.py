"""Erases a person: the one act after which there is nobody left to act for."""

from sqlmodel import Session

from domain.desk.acts import LEAVE_SMS, RESTORE_SMS, ActRefused
from store.acts.orders import Deed, signed
from store.rights import erasing


def erase(session: Session, deed: Deed) -> None:
    """Forget all that names the person; text-message codes that are not on are given back first, or left."""
    require_wish(deed)
    order = deed.order
    erasing.erase(session, order.account_id, order.target, at=deed.at, **signed(order))


def require_wish(deed: Deed) -> None:
    """Raise ActRefused unless an order says what becomes of text-message codes."""
    if deed.order.target not in (RESTORE_SMS, LEAVE_SMS):
        raise ActRefused("Say whether text-message codes are given back.")
