"""The part of an account's facts that messages make up: what was sent to the person, and what arrived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from domain.contact_keys import contact_key
from domain.facts import Milestone, Nudged
from domain.messages.messages import NOT_ARRIVED, MessageState, Purpose, Template
from store.messages.message_rows import Message
from store.people.accounts import Account

MADE_UP_FOR = 3
"""How many lost reminders of one milestone are repeated; any further lost reminder counts like one that arrived."""


class HeldBack(StrEnum):
    """Why a reminder was skipped although its milestone was missing; it does not count as sent.

    `journey_held`: its cohort is paused, or the owner has objected to a change.
    """

    JOURNEY_HELD = "journey_held"
    CONTACT_LOST = "contact_lost"


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """When the notice of the end of SMS went out. `missed` means that it has arrived by no channel, and will not."""

    at: datetime | None
    missed: bool


def nudges(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[Nudged, ...]]:
    """How often accounts were nudged about each milestone, by account id, in the milestones' order."""
    lost_count = func.sum(case((_nudge_missed(), 1), else_=0))
    last_at = func.max(case((_nudge_missed(), None), else_=col(Message.created_at)))
    query = (
        select(col(Message.account_id), col(Message.milestone), func.count(), lost_count, last_at)
        .where(col(Message.account_id).in_(account_ids), col(Message.purpose) == Purpose.NUDGE)
        .group_by(col(Message.account_id), col(Message.milestone))
    )
    nudged: dict[str, dict[str, Nudged]] = defaultdict(dict)
    for account_id, milestone, times, lost, at in session.execute(query):
        nudged[account_id or ""][milestone or ""] = Nudged(
            milestone=Milestone(milestone or ""),
            times=times,
            missed=min(lost, MADE_UP_FOR),
            last_at=at.replace(microsecond=0) if at else None,
        )
    return {account_id: _in_order(by_milestone) for account_id, by_milestone in nudged.items()}


def notices(session: Session, account_ids: Sequence[str]) -> dict[str, Noticed]:
    """How the notice that began the present SMS state fared, by account id; accounts without one are missing.

    A gathered notice went out with its gathered message; until then its `settled_at` is empty.
    """
    went_out = and_(col(Message.state).in_((MessageState.SENT, MessageState.GATHERED)), ~is_missed())
    query = (
        select(
            col(Message.account_id),
            func.min(case((went_out, col(Message.settled_at)))),
            func.count(),
            func.sum(case((is_missed(), 1), else_=0)),
        )
        .join(Account, col(Account.account_id) == Message.account_id)
        .where(
            col(Message.account_id).in_(account_ids),
            col(Message.template) == Template.SMS_NOTICE,
            col(Message.created_at) >= col(Account.sms_since),
        )
        .group_by(col(Message.account_id))
    )
    return {
        account_id or "": Noticed(at=at.replace(microsecond=0) if at else None, missed=lost == times)
        for account_id, at, times, lost in session.execute(query)
    }


def nudges_to(session: Session, contact: str, *, since: datetime) -> list[datetime]:
    """When the reminders to a contact were queued, oldest first, whatever accounts they are about.

    Reminders that were skipped, or lost because of the contact, do not count.
    """
    query = select(col(Message.created_at)).where(
        col(Message.recipient_key) == contact_key(contact),
        col(Message.purpose) == Purpose.NUDGE,
        col(Message.created_at) > since,
        ~_nudge_missed(),
        col(Message.state) != MessageState.SKIPPED,
    )
    return list(session.execute(query.order_by(col(Message.created_at))).scalars())


def is_missed() -> ColumnElement[bool]:
    """Whether a message did not reach the person, or nobody knows."""
    lost_states = (MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN)
    return or_(col(Message.state).in_(lost_states), func.coalesce(col(Message.fate), "").in_(NOT_ARRIVED))


def _nudge_missed() -> ColumnElement[bool]:
    """Whether a reminder was held back, or lost because of its contact; an `unknown` reminder may have arrived."""
    fate = func.coalesce(col(Message.fate), "")
    is_held_back = and_(
        col(Message.state) == MessageState.SKIPPED, func.coalesce(col(Message.reason), "").in_(HeldBack)
    )
    return or_(
        fate.in_(NOT_ARRIVED), and_(col(Message.state) == MessageState.FAILED, fate != ""), is_held_back
    )


def _in_order(by_milestone: Mapping[str, Nudged]) -> tuple[Nudged, ...]:
    return tuple(by_milestone[milestone] for milestone in Milestone if milestone in by_milestone)
