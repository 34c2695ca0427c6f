"""The part of an account's facts that messages make up: what was sent to the person, and what arrived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from domain.facts import Milestone, Nudged
from domain.messages.messages import NOT_ARRIVED, MessageState, Purpose, Template
from domain.notices import told_until
from domain.safety.contact_keys import contact_key
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
    """When the notice of the end of SMS went out, and until when its letters have promised that nothing ends.

    `missed` means that it has arrived by no channel, and will not. `until` is None for letters that named no day.
    """

    at: datetime | None
    missed: bool
    until: datetime | None = None


def nudges(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[Nudged, ...]]:
    """How often accounts were nudged about each milestone, by account id, in the milestones' order."""
    lost_count = func.sum(case((_nudge_missed(), 1), else_=0))
    last_at = func.max(case((_nudge_missed(), None), else_=col(Message.created_at)))
    query = (
        select(col(Message.account_id), col(Message.milestone), func.count(), lost_count, last_at)
        .where(
            col(Message.account_id).in_(account_ids),
            col(Message.purpose) == Purpose.NUDGE,
            col(Message.milestone).is_not(None),  # an invitation to a check-up leads to no milestone
        )
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
    query = (
        select(Message)
        .join(Account, col(Account.account_id) == Message.account_id)
        .where(
            col(Message.account_id).in_(account_ids),
            col(Message.template) == Template.SMS_NOTICE,
            col(Message.created_at) >= col(Account.sms_since),
        )
    )
    letters: dict[str, list[_Letter]] = defaultdict(list)
    for message in session.execute(query).scalars():
        letters[message.account_id or ""].append(_letter(message))
    return {account_id: _noticed(of_account) for account_id, of_account in letters.items()}


@dataclass(frozen=True, kw_only=True)
class _Letter:
    """One letter of the notice: `went_out_at` is None if it has not, or did not arrive."""

    is_missed: bool
    went_out_at: datetime | None
    until: datetime | None


def _letter(message: Message) -> _Letter:
    has_gone = message.state in (MessageState.SENT, MessageState.GATHERED) and not message.is_missed
    went_out_at = message.settled_at if has_gone else None
    length = _promised(message)
    return _Letter(
        is_missed=message.is_missed,
        went_out_at=went_out_at,
        until=None
        if length is None
        else told_until(written_at=message.created_at, went_out_at=went_out_at, length=length),
    )


def _promised(message: Message) -> timedelta | None:
    """How much time a letter promises; those of older releases say it in days alone."""
    if "seconds" in message.values:
        return timedelta(seconds=int(message.values["seconds"]))
    return timedelta(days=int(message.values["days"])) if "days" in message.values else None


def _noticed(letters: Sequence[_Letter]) -> Noticed:
    went_out = [letter.went_out_at for letter in letters if letter.went_out_at]
    promised = [letter.until for letter in letters if letter.until]
    return Noticed(
        at=min(went_out).replace(microsecond=0) if went_out else None,
        missed=all(letter.is_missed for letter in letters),
        until=max(promised).replace(microsecond=0) if promised else None,
    )


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
