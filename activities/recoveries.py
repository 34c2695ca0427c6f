"""What a recovery does when its time has come: short transactions that can be repeated, answered with its state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from temporalio import activity

from activities.refusals import beyond_retrying
from domain.errors import BudgetSpent
from domain.journal import Actor, EventKind
from domain.messages.messages import UNDER_WAY, Template
from domain.presets import STANDARD
from domain.recovery import GIVE_UP_AFTER, LINK_AGAIN_AFTER, RecoveryStage, RecoveryState, StopReason
from store import Database, Session
from store.journeys import journeys
from store.messages import notices
from store.people import accounts, journal
from store.people.accounts import Account
from store.safety import recoveries, recovery_links
from store.safety.recoveries import Recovery

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class RecoveryStep:
    """One act of one request at its moment. `state` is what the workflow knew when it decided."""

    state: RecoveryState
    at: datetime


class RecoveryActivities:
    """The acts of `domain.recovery.RecoveryAct`, on the database. One that comes too late or too early does nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities that a worker registers."""
        return [self.tell_again, self.open_recovery, self.lapse]

    @activity.defn(no_thread_cancel_exception=True)
    def tell_again(self, step: RecoveryStep) -> RecoveryState:
        """Tell all contacts half-way that somebody is getting back in."""
        return self._do(step, _tell_again)

    @activity.defn(no_thread_cancel_exception=True)
    def open_recovery(self, step: RecoveryStep) -> RecoveryState:
        """Send the link to an established contact, unless something speaks against it."""
        return self._do(step, _open)

    @activity.defn(no_thread_cancel_exception=True)
    def lapse(self, step: RecoveryStep) -> RecoveryState:
        """End a request whose second proof, or whose owner, never came."""
        return self._do(step, _lapse)

    def _do(
        self, step: RecoveryStep, act: Callable[[Session, Account, Recovery, datetime], None]
    ) -> RecoveryState:
        """A request that the database does not know, because it was restored, is over."""
        planned_by = step.state
        with beyond_retrying(), self._database.transaction() as session:
            recovery = recoveries.find(session, planned_by.recovery_id)
            if recovery is None:
                return RecoveryState(
                    recovery_id=planned_by.recovery_id,
                    account_id=planned_by.account_id,
                    number=planned_by.number,
                    version=planned_by.version + 1,
                    epoch=planned_by.epoch,
                    stage=RecoveryStage.LAPSED,
                )
            account = accounts.lock(session, recovery.account_id)
            recovery = recoveries.reread(session, recovery.recovery_id)
            act(session, account, recovery, step.at)
            state = recoveries.state(session, recovery)
            recoveries.mark_told(session, state)
            return state


def _tell_again(session: Session, account: Account, recovery: Recovery, at: datetime) -> None:
    if recovery.stage != RecoveryStage.WAITING or (recovery.tells_again_at or at) > at:
        return
    if recovery.tells_again_at is None:
        return
    recoveries.note_told_again(session, recovery)
    left = max((recovery.opens_at or at) - at, timedelta())
    values = {"recovery_id": recovery.recovery_id, "hours": str(max(-(-left // timedelta(hours=1)), 1))}
    notices.tell(session, account, Template.RECOVERY_SOON, event=recovery.recovery_id, at=at, values=values)


def _open(session: Session, account: Account, recovery: Recovery, at: datetime) -> None:
    if recovery.stage != RecoveryStage.WAITING or (recovery.opens_at or at) > at:
        return
    if account.deleted_at:
        recoveries.stop(session, recovery, StopReason.DELETED, at=at, actor=Actor.SYSTEM)
        return
    if (recovery.complete_at or at) + GIVE_UP_AFTER <= at:
        _end_late(session, recovery, at=at)
        return
    if account.disputed_since or account.deactivated_at:
        policy = journeys.policy_of(session, account.account_id) or STANDARD
        recoveries.move(session, recovery, at + max(policy.cooling_off, timedelta(seconds=1)))
        return
    if not recovery_links.usable(session, account, recovery, now=at):
        recoveries.move(session, recovery, at + LINK_AGAIN_AFTER)
        return
    if _is_unheard(session, recovery):
        recoveries.move(session, recovery, at + LINK_AGAIN_AFTER)
        return
    recoveries.open_(session, recovery, at=at)
    try:
        recovery_links.send(session, account, recovery, at=at)
    except BudgetSpent:  # at a press on the page it is sent once more
        log.warning("recovery_link_over_budget", account_id=account.account_id)
    kind, number = EventKind.RECOVERY_OPENED, recovery.number
    journal.append(session, account.account_id, kind, at=at, actor=Actor.SYSTEM, number=number)
    log.info("recovery_opened", account_id=account.account_id, number=number)


def _is_unheard(session: Session, recovery: Recovery) -> bool:
    """Whether the request had to wait, and all its notices are on their way still: then nobody could object."""
    sent_notices = notices.of_event(
        session, recovery.account_id, Template.RECOVERY_ASKED, recovery.recovery_id
    )
    under_way = [notice.state in UNDER_WAY for notice in sent_notices]
    return bool(recovery.wait_seconds) and bool(under_way) and all(under_way)


def _lapse(session: Session, account: Account, recovery: Recovery, at: datetime) -> None:
    is_waited_for = recovery.stage in (RecoveryStage.GATHERING, RecoveryStage.OPEN)
    if is_waited_for and recovery.ends_at and recovery.ends_at <= at:
        _end_late(session, recovery, at=at)


def _end_late(session: Session, recovery: Recovery, *, at: datetime) -> None:
    recoveries.end(session, recovery, RecoveryStage.LAPSED, at=at)
    kind, number = EventKind.RECOVERY_LAPSED, recovery.number
    journal.append(session, recovery.account_id, kind, at=at, actor=Actor.SYSTEM, number=number)
    log.info("recovery_lapsed", account_id=recovery.account_id, number=number)
