"""Orders for acts about an account, and the journal entry that every act writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.desk.acts import Act, Subject
from domain.desk.exemptions import Basis
from domain.journal import Actor, EventKind
from domain.staff.approvals import Hand
from domain.staff.staff import Author, Role
from store.people import journal


@dataclass(frozen=True, kw_only=True)
class ActOrder:
    """One ordered act. `days`, `basis` and `evidence` are for acts that last; `target` is the act's channel or passkey.

    `hand` is the member in their session; it is None with a key, or before the first member is invited.
    """

    act: Act
    account_id: str
    author: Author
    role: Role
    reason: str
    days: int = 0
    basis: Basis | None = None
    evidence: str = ""
    target: str = ""
    hand: Hand | None = None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An order that may be carried out now, and the facts by which it was checked."""

    order: ActOrder
    subject: Subject
    at: datetime


def signed(order: ActOrder) -> dict[str, str]:
    """Who answers for an act in the journal: its author, whom they act for, and the other member if it took two."""
    author = order.author
    others = {"on_behalf_of": author.on_behalf_of, "together_with": author.together_with}
    return {"by": author.mark, **{role: mark for role, mark in others.items() if mark}}


def write_down(session: Session, deed: Deed, kind: EventKind, **detail: Any) -> int:
    """Write to the journal what was done, by whom and why; returns the account's new facts version."""
    order = deed.order
    fields = {**signed(order), "reason": order.reason, **detail}
    return journal.append(session, order.account_id, kind, at=deed.at, actor=Actor.STAFF, **fields)
