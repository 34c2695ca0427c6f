"""What a journey does: short transactions that can be repeated, each answered with the facts after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from temporalio import activity

from activities.refusals import beyond_retrying
from activities.steps import Step, holding_while_stopped, is_frozen, is_held, is_outdated
from domain.errors import BudgetSpent, NotSafeYet, RetiringStopped
from domain.facts import Facts, SmsState
from domain.journal import Actor, EventKind
from domain.journey import StuckReason, number_is_new_until
from domain.messages.messages import Purpose, nudge_template
from domain.milestones import next_milestone
from domain.policy import Policy
from domain.stuck_reasons import stuck_reason
from domain.switches import Switch
from store import Database, Session
from store.journeys import asking, end_dates, facts, host_words, journeys, sms, switches
from store.messages import caps, contact_faults, messages
from store.messages.messages import NewMessage
from store.people import accounts, journal
from store.people.accounts import Account
from store.rollouts import members

log = structlog.get_logger()


class JourneyActivities:
    """The acts of `domain.journey.JourneyAct`, on the database. A refusal changes nothing and shows in the facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities that a worker registers."""
        return [
            self.nudge,
            self.report_stuck,
            self.give_notice,
            self.suspend_sms,
            self.restore_sms,
            self.remove_sms,
            self.ask_host,
            self.ask_for_restore,
            self.tell_end,
            self.read_policy,
        ]

    @activity.defn(no_thread_cancel_exception=True)
    def nudge(self, step: Step) -> Facts:
        """Queue one reminder; a repeated ordinal queues no second message."""
        return self._do(step, _nudge)

    @activity.defn(no_thread_cancel_exception=True)
    def report_stuck(self, step: Step) -> Facts:
        """Say that reminders no longer help, and why."""
        return self._do(step, _report_stuck)

    @activity.defn(no_thread_cancel_exception=True)
    def give_notice(self, step: Step) -> Facts:
        """Tell the person that text-message codes will go, and when."""
        return self._do(step, _give_notice)

    @activity.defn(no_thread_cancel_exception=True)
    def suspend_sms(self, step: Step) -> Facts:
        """Switch text-message codes off, so that they can be restored, if the proof holds."""
        return self._switch_off(step, sms.suspend, refused="sms_not_suspended")

    @activity.defn(no_thread_cancel_exception=True)
    def restore_sms(self, step: Step) -> Facts:
        """Switch text-message codes on again, because the proof no longer holds; not by itself to a new number."""
        return self._do(step, _restore_sms)

    @activity.defn(no_thread_cancel_exception=True)
    def remove_sms(self, step: Step) -> Facts:
        """Remove text-message codes for good, if the proof still holds, and end the journey."""
        return self._switch_off(step, sms.remove, refused="sms_not_removed")

    @activity.defn(no_thread_cancel_exception=True)
    def ask_host(self, step: Step) -> Facts:
        """Ask the host to end text-message codes in its own system, if the proof holds."""
        return self._switch_off(step, asking.ask_to_end, refused="host_not_asked")

    @activity.defn(no_thread_cancel_exception=True)
    def ask_for_restore(self, step: Step) -> Facts:
        """Ask the host once more to restore text-message codes, whatever holds the journey."""
        return self._do(step, _ask_for_restore)

    @activity.defn(no_thread_cancel_exception=True)
    def tell_end(self, step: Step) -> Facts:
        """Tell the person their end date, or that there is none any more."""
        return self._do(step, _tell_end)

    @activity.defn(no_thread_cancel_exception=True)
    def read_policy(self, account_id: str) -> Policy:
        """The rules by which an account is moved now."""
        with self._act() as session:
            return journeys.require_policy(session, account_id)

    def _switch_off(self, step: Step, change: Callable[..., None], *, refused: str) -> Facts:
        """Make a change that needs the proof; a refusal changes nothing and shows in the facts."""

        def act(session: Session, step: Step) -> None:
            try:
                _switch_off(session, step, change)
            except NotSafeYet as refusal:
                log.warning(refused, account_id=step.account_id, missing=refusal.missing)

        return self._do(step, act)

    def _do(self, step: Step, act: Callable[[Session, Step], None]) -> Facts:
        """Do an act that was planned by this epoch's facts; returns the facts after it."""
        with self._act() as session:
            if not is_outdated(session, step):
                act(session, step)
            return facts.read(session, step.account_id)

    @contextmanager
    def _act(self) -> Iterator[Session]:
        """One transaction; an account that does not exist is beyond retrying."""
        with beyond_retrying(), self._database.transaction() as session:
            yield session


def _nudge(session: Session, step: Step) -> None:
    """While nudges are stopped for the account nothing is done, so that the journey asks again within the hour."""
    if switches.is_stopped(session, Switch.NUDGES, step.account_id):
        log.debug("nudge_put_off", account_id=step.account_id)
    elif not is_held(session, step):
        _queue_nudge(session, step)


def _tell_end(session: Session, step: Step) -> None:
    if not is_frozen(session, step):
        end_dates.tell(session, step.account_id, at=step.at)


def _give_notice(session: Session, step: Step) -> None:
    policy = journeys.require_policy(session, step.account_id)
    if not is_held(session, step):
        with holding_while_stopped(session, step):
            sms.give_notice(session, step.account_id, policy, at=step.at)


def _ask_for_restore(session: Session, step: Step) -> None:
    asking.ask_for_restore(session, step.account_id, at=step.at)


def _switch_off(session: Session, step: Step, change: Callable[..., None]) -> None:
    """What the host has done already is no new act: it is followed whatever holds the journey, or taken back."""
    policy = journeys.require_policy(session, step.account_id)
    if asking.is_confirmed(session, step.account_id):
        _follow_host(session, step, policy, change)
    elif not is_held(session, step) and not _extended(session, step):
        with holding_while_stopped(session, step):
            change(session, step.account_id, policy, at=step.at)


def _follow_host(session: Session, step: Step, policy: Policy, change: Callable[..., None]) -> None:
    """Do what the host has done; where the evidence no longer bears that, the host is asked to take it back."""
    try:
        change(session, step.account_id, policy, at=step.at)
    except (NotSafeYet, RetiringStopped) as refusal:
        log.warning("host_asked_back", account_id=step.account_id, reason=str(refusal))
        if accounts.get(session, step.account_id).sms == SmsState.SUSPENDED:
            _restore_sms(session, step)
        else:
            host_words.ask_back(session, step.account_id, at=step.at, actor=Actor.JOURNEY)


def _extended(session: Session, step: Step) -> bool:
    """Whether support has given the person more time, perhaps a moment ago."""
    until = accounts.get(session, step.account_id).extended_until
    return until is not None and until > step.at


def _queue_nudge(session: Session, step: Step) -> None:
    account = accounts.lock(session, step.account_id)
    milestone, channel = step.milestone, step.channel
    recipient = contact_faults.contacts(account).get(channel) if channel else None
    if milestone is None or channel is None or recipient is None:
        return  # The contact is gone since this was planned; the facts in the answer make another plan.
    key = f"migration:{step.account_id}:{milestone}:{step.ordinal}"
    caps.take_turn(session, [recipient])
    if messages.find(session, key) or _capped(session, account, recipient, at=step.at):
        return
    reminder = NewMessage(
        key=key,
        account_id=step.account_id,
        purpose=Purpose.NUDGE,
        template=nudge_template(milestone),
        channel=channel,
        recipient=recipient,
        locale=account.locale,
        values={"ordinal": str(step.ordinal)} | end_dates.values(session, step.account_id, at=step.at),
        milestone=milestone,
        cohort_id=members.cohort_of(session, step.account_id) or "",
    )
    try:
        is_new = messages.add(session, reminder, at=step.at)
    except BudgetSpent as refusal:
        _put_off(session, account, until=refusal.until, at=step.at)
        return
    if is_new:
        end_dates.note_told(session, account, at=step.at)
        journal.append(
            session,
            step.account_id,
            EventKind.NUDGED,
            at=step.at,
            actor=Actor.JOURNEY,
            milestone=milestone,
            ordinal=step.ordinal,
            channel=channel,
        )


def _capped(session: Session, account: Account, contact: str, *, at: datetime) -> bool:
    """Put a reminder off if the contact has had as many as the policy allows, from all cohorts and accounts."""
    policy = journeys.require_policy(session, account.account_id)
    full_until = caps.full_until(session, contact, policy, now=at)
    if full_until is None:
        return False
    _put_off(session, account, until=full_until, at=at)
    return True


def _put_off(session: Session, account: Account, *, until: datetime, at: datetime) -> None:
    accounts.note_capped(session, account, until=until)
    journal.append(session, account.account_id, EventKind.NUDGE_CAPPED, at=at, actor=Actor.JOURNEY)


def _restore_sms(session: Session, step: Step) -> None:
    """Restore SMS, or give support a case if the number is younger than the SIM-swap window."""
    account = accounts.lock(session, step.account_id)
    policy = journeys.require_policy(session, step.account_id)
    current_facts = facts.read(session, step.account_id)
    reason = asking.reason_to_restore(current_facts)
    new_until = number_is_new_until(current_facts, policy)
    is_open = account.sms == SmsState.ON or reason == asking.REFUSED
    if new_until is None or new_until <= step.at or is_open:
        sms.restore(session, step.account_id, at=step.at, actor=Actor.JOURNEY, reason=reason)
        host_words.keep_refusal(session, step.account_id, at=step.at)
        return
    if not account.stuck_since:
        _note_stuck(session, account, StuckReason.NUMBER_TOO_NEW, policy, at=step.at)


def _report_stuck(session: Session, step: Step) -> None:
    account = accounts.lock(session, step.account_id)
    current_facts = facts.read(session, step.account_id)
    policy = journeys.require_policy(session, step.account_id)
    reason = stuck_reason(step.account_id, current_facts, policy)
    if reason is None or account.stuck_since:
        return
    _note_stuck(session, account, reason, policy, at=step.at)


def _note_stuck(
    session: Session, account: Account, reason: StuckReason, policy: Policy, *, at: datetime
) -> None:
    milestone = next_milestone(facts.read(session, account.account_id), policy)
    accounts.note_stuck(session, account, reason, at=at)
    journal.append(
        session,
        account.account_id,
        EventKind.STUCK,
        at=at,
        actor=Actor.JOURNEY,
        milestone=milestone,
        reason=reason,
    )
