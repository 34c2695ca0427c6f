"""Invites people to their check-up when it is due: a pass over the accounts that are due, and no workflow of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.errors import BudgetSpent
from domain.facts import Channel, Facts, SmsState
from domain.journal import Actor, EventKind
from domain.messages.cadence import calm_moment
from domain.messages.messages import MessageState, Purpose, Template
from domain.policy import Policy
from domain.ports import Clock
from domain.switches import Switch
from domain.upkeep.check_ups import (
    FIRST_AFTER,
    LOOKED_AGAIN_AFTER,
    is_worth_inviting,
    next_due,
    questions,
)
from domain.upkeep.possessions import Thing
from domain.upkeep.single_loss import single_loss
from store import Database, Session
from store.engine.absences import DatabaseAway
from store.journeys import check_ups, facts, journeys, possessions, switches
from store.journeys.check_ups import CheckUp
from store.messages import caps, contact_faults, messages
from store.messages.messages import NewMessage
from store.people import accounts, journal
from store.people.accounts import Account
from store.rollouts import holds, members

log = structlog.get_logger()

BATCH = 200
"""How many accounts one pass looks at; the next pass follows at once if there are more."""

PAUSED_FOR = timedelta(days=1)
"""When an account is looked at again whose cohort is paused, about which a dispute is open, or for which
nudges are stopped."""

AFTER_TROUBLE = timedelta(hours=1)
"""When an account is looked at again that could not be looked at, so that it does not keep the others waiting."""


def invite_due(database: Database, clock: Clock) -> bool:
    """Look at the next accounts that are due, each in a transaction of its own; returns whether there may be more.

    A pass that dies has invited some of them, whose rows say so, and not the others. Raises DatabaseAway.
    """
    with database.reading() as session:
        account_ids = check_ups.due(session, now=clock(), limit=BATCH)
    for account_id in account_ids:
        try:
            with database.transaction() as session:
                _see_to(session, account_id, now=clock())
        except DatabaseAway:
            raise
        except Exception:
            log.exception("check_up_failed", account_id=account_id)
            with database.transaction() as session:
                check_ups.step_back(session, account_id, until=clock() + AFTER_TROUBLE)
    return len(account_ids) == BATCH


def _see_to(session: Session, account_id: str, *, now: datetime) -> None:
    account = accounts.lock(session, account_id)
    row = check_ups.find_due(session, account, now=now)
    policy = journeys.policy_of(session, account_id)
    if row is None:
        return
    if account.sms != SmsState.REMOVED or policy is None:
        check_ups.put_off(session, row, until=None)
        return
    if rests_until := _until_next(session, row, policy, now=now):
        check_ups.put_off(session, row, until=rests_until)
        return
    case = _Case(account=account, row=row, facts=facts.read(session, account_id), policy=policy, now=now)
    if later := _not_before(session, case):
        check_ups.put_off(session, row, until=later)
        return
    own = possessions.of_account(session, account_id, now=now)
    if is_worth_inviting(questions(own, now), looked_before=row.has_been_looked_at):
        _invite(session, case, hangs=single_loss(own))
    else:
        check_ups.put_off(session, row, until=next_due(policy, now))


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One account that is due: its locked row, and all that an invitation depends on."""

    account: Account
    row: CheckUp
    facts: Facts
    policy: Policy
    now: datetime


def _until_next(session: Session, row: CheckUp, policy: Policy, *, now: datetime) -> datetime | None:
    """Until when an open invitation is enough. One that has certainly not arrived does not count, and None follows."""
    next_at = next_due(policy, row.invited_at) if row.is_open and row.invited_at else None
    if next_at is None or next_at <= now:
        return None
    invitation = messages.find(session, _key(row.account_id, row.round))
    if invitation is None or not invitation.is_missed or invitation.state == MessageState.UNKNOWN:
        return next_at
    check_ups.forget_invitation(session, row)
    return None


def _not_before(session: Session, case: _Case) -> datetime | None:
    """When to look at the account again instead of inviting its owner now; None if now is right."""
    account, now = case.account, case.now
    if not case.row.round and account.sms_since and account.sms_since + FIRST_AFTER > now:
        return account.sms_since + FIRST_AFTER
    if not case.policy.check_up_every or not case.facts.channels:
        return now + LOOKED_AGAIN_AFTER
    if case.facts.rests_until and case.facts.rests_until > now:
        return case.facts.rests_until
    if account.deactivated_at or account.disputed_since or holds.is_paused(session, account.account_id):
        return now + PAUSED_FOR
    if switches.is_stopped(session, Switch.NUDGES, account.account_id):
        return now + PAUSED_FOR
    calm = calm_moment(account.account_id, now, case.facts, case.policy)
    return calm if calm > now else None


def _invite(session: Session, case: _Case, *, hangs: Thing | None) -> None:
    account, row, now = case.account, case.row, case.now
    channel = Channel.EMAIL if Channel.EMAIL in case.facts.channels else Channel.SMS
    contact = contact_faults.contacts(account)[channel]
    caps.take_turn(session, [contact])
    if full_until := caps.full_until(session, contact, case.policy, now=now):
        check_ups.put_off(session, row, until=full_until)
        return
    ordinal = row.round + 1
    invitation = NewMessage(
        key=_key(account.account_id, ordinal),
        account_id=account.account_id,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_CHECK_UP,
        channel=channel,
        recipient=contact,
        locale=account.locale,
        values={"ordinal": str(ordinal), "hangs": hangs or "none"},
        cohort_id=members.cohort_of(session, account.account_id) or "",
    )
    try:
        messages.add(session, invitation, at=now)
    except BudgetSpent as refusal:
        check_ups.put_off(session, row, until=refusal.until)
        return
    check_ups.note_invited(session, row, at=now, due_at=now + LOOKED_AGAIN_AFTER)
    kind, actor = EventKind.CHECK_UP_ASKED, Actor.SYSTEM
    journal.append(session, account.account_id, kind, at=now, actor=actor, channel=channel, round=ordinal)


def _key(account_id: str, ordinal: int) -> str:
    return f"check_up:{account_id}:{ordinal}"
