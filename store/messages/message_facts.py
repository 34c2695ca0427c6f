"""What a person was told, and how much of it arrived: the part of the facts that messages tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from domain.facts import Milestone, Nudged
from domain.messages.messages import CONTACT_FAULTS, MessageState, Purpose, Template
from store.messages.messages import Message
from store.people.accounts import Account

MADE_UP_FOR = 3
"""How many reminders of one milestone that did not arrive are repeated; the rest count as said."""


class HeldBack(StrEnum):
    """Why a reminder was not sent although its milestone is missing; it does not count as said.

    `journey_held`: its cohort is paused, or the owner has objected to a change.
    """

    JOURNEY_HELD = "journey_held"
    CONTACT_LOST = "contact_lost"


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """How the notice of the end of SMS has fared; `missed`: it has come by no channel, and will not."""

    at: datetime | None
    missed: bool


def nudges(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[Nudged, ...]]:
    """How often accounts were nudged about each milestone, in the milestones' order."""
    missed = func.sum(case((_nudge_missed(), 1), else_=0))
    last_at = func.max(case((_nudge_missed(), None), else_=col(Message.created_at)))
    query = (
        select(col(Message.account_id), col(Message.milestone), func.count(), missed, last_at)
        .where(col(Message.account_id).in_(account_ids), col(Message.purpose) == Purpose.NUDGE)
        .group_by(col(Message.account_id), col(Message.milestone))
    )
    told: dict[str, dict[str, Nudged]] = defaultdict(dict)
    for account_id, milestone, times, lost, last in session.execute(query):
        told[account_id or ""][milestone or ""] = Nudged(
            milestone=Milestone(milestone or ""),
            times=times,
            missed=min(lost, MADE_UP_FOR),
            last_at=last.replace(microsecond=0) if last else None,
        )
    return {account_id: _in_order(by_milestone) for account_id, by_milestone in told.items()}


def notices(session: Session, account_ids: Sequence[str]) -> dict[str, Noticed]:
    """How the notices fared that began the present SMS state, for the accounts that were given one."""
    went_out = and_(col(Message.state) == MessageState.SENT, ~is_missed())
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
        account_id or "": Noticed(at=at.replace(microsecond=0) if at else None, missed=lost == all_)
        for account_id, at, all_, lost in session.execute(query)
    }


def nudges_to(session: Session, contact: str, *, since: datetime) -> list[datetime]:
    """When reminders were queued for a contact that arrived or may yet, whosever account they are about."""
    query = select(col(Message.created_at)).where(
        col(Message.recipient) == contact,
        col(Message.purpose) == Purpose.NUDGE,
        col(Message.created_at) > since,
        ~_nudge_missed(),
        col(Message.state) != MessageState.SKIPPED,
    )
    return list(session.execute(query.order_by(col(Message.created_at))).scalars())


def is_missed() -> ColumnElement[bool]:
    """Whether a message did not reach the person, or nobody knows."""
    lost = (MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN)
    return or_(col(Message.state).in_(lost), func.coalesce(col(Message.fate), "").in_(CONTACT_FAULTS))


def _nudge_missed() -> ColumnElement[bool]:
    """A reminder that was lost for its contact's sake, or held back; one that is `unknown` may have arrived."""
    fate = func.coalesce(col(Message.fate), "")
    held_back = and_(
        col(Message.state) == MessageState.SKIPPED, func.coalesce(col(Message.reason), "").in_(HeldBack)
    )
    return or_(
        fate.in_(CONTACT_FAULTS), and_(col(Message.state) == MessageState.FAILED, fate != ""), held_back
    )


def _in_order(told: Mapping[str, Nudged]) -> tuple[Nudged, ...]:
    return tuple(told[milestone] for milestone in Milestone if milestone in told)
