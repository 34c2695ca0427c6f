"""Whether a message may go out right now: a pointless message is skipped, and one at a bad time waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.facts import Channel, Facts, Milestone, SmsState
from domain.messages.cadence import calm_moment
from domain.messages.messages import Purpose, Template
from domain.milestones import reached
from domain.policy import Policy
from domain.safety.contact_keys import are_same
from domain.switches import Switch
from store import Session
from store.journeys import check_ups, facts, journeys, switches
from store.messages import contact_faults, outages
from store.messages.message_facts import HeldBack
from store.messages.messages import Message
from store.people import accounts
from store.rollouts import holds

STOPPED_FOR = timedelta(minutes=15)
"""After how long a reminder asks again whether nudges are still stopped for its person."""


class Pointless(StrEnum):
    """Why a message need not be sent any more."""

    EXPIRED = "expired"
    REACHED = "reached"
    DEACTIVATED = "deactivated"


class WaitsFor(StrEnum):
    """What a message waits for before it is sent."""

    QUIET_HOURS = "quiet_hours"
    PROVIDER = "provider"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A message that is not sent, and why."""

    reason: Pointless | HeldBack


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A message that is sent later, and what it waits for."""

    until: datetime
    waits_for: WaitsFor


def gate(session: Session, message: Message, *, provider: str, now: datetime) -> Skip | Wait | None:
    """None if a message may be handed to its provider now."""
    if message.expires_at and message.expires_at <= now:
        return Skip(reason=Pointless.EXPIRED)
    if message.account_id and accounts.get(session, message.account_id).deactivated_at:
        is_nudge = message.purpose == Purpose.NUDGE
        return Skip(reason=HeldBack.JOURNEY_HELD if is_nudge else Pointless.DEACTIVATED)
    if message.purpose == Purpose.NUDGE and (verdict := _nudge(session, message, now)):
        return verdict
    if message.purpose == Purpose.CODE:
        # The person waits for it, and each code also tries whether the provider is back.
        return None
    held_until = outages.admit(session, provider, now=now)
    return Wait(until=held_until, waits_for=WaitsFor.PROVIDER) if held_until else None


def _nudge(session: Session, message: Message, now: datetime) -> Skip | Wait | None:
    is_check_up = message.template == Template.NUDGE_CHECK_UP
    verdict = _check_up(session, message, now) if is_check_up else _reminder(session, message, now)
    if isinstance(verdict, Skip) or not message.account_id:
        return verdict
    if switches.is_stopped(session, Switch.NUDGES, message.account_id):
        return Wait(until=now + STOPPED_FOR, waits_for=WaitsFor.SWITCH)
    return verdict


def _reminder(session: Session, message: Message, now: datetime) -> Skip | Wait | None:
    account_id, milestone = message.account_id, message.milestone
    policy = journeys.policies_of(session, [account_id]).get(account_id) if account_id else None
    if policy is None or account_id is None or milestone is None:
        return Skip(reason=Pointless.REACHED)
    current_facts = facts.read(session, account_id)
    if reached(Milestone(milestone), current_facts, policy):
        return Skip(reason=Pointless.REACHED)
    if holds.is_frozen(session, account_id) or current_facts.disputed_since or _rests(current_facts, now):
        return Skip(reason=HeldBack.JOURNEY_HELD)
    if _is_contact_lost(session, message, account_id, current_facts):
        return Skip(reason=HeldBack.CONTACT_LOST)
    return _in_quiet_hours(account_id, now, current_facts, policy)


def _check_up(session: Session, message: Message, now: datetime) -> Skip | Wait | None:
    """An invitation to a check-up belongs to no journey: the last one has ended."""
    account_id = message.account_id
    row = check_ups.find(session, account_id) if account_id else None
    if account_id is None or row is None or not row.is_open:
        return Skip(reason=Pointless.REACHED)
    current_facts = facts.read(session, account_id)
    if current_facts.sms is not SmsState.REMOVED:
        return Skip(reason=Pointless.REACHED)
    if holds.is_paused(session, account_id) or current_facts.disputed_since or _rests(current_facts, now):
        return Skip(reason=HeldBack.JOURNEY_HELD)
    if _is_contact_lost(session, message, account_id, current_facts):
        return Skip(reason=HeldBack.CONTACT_LOST)
    return _in_quiet_hours(account_id, now, current_facts, journeys.require_policy(session, account_id))


def _is_contact_lost(session: Session, message: Message, account_id: str, current_facts: Facts) -> bool:
    channel = Channel(message.channel)
    contact = contact_faults.contacts(accounts.get(session, account_id)).get(channel)
    return not are_same(contact, message.recipient) or channel not in current_facts.channels


def _in_quiet_hours(account_id: str, now: datetime, current_facts: Facts, policy: Policy) -> Wait | None:
    calm = calm_moment(account_id, now, current_facts, policy)
    return Wait(until=calm, waits_for=WaitsFor.QUIET_HOURS) if calm > now else None


def _rests(current_facts: Facts, now: datetime) -> bool:
    """Whether support has paused or exempted the account since the reminder was queued."""
    return current_facts.rests_until is not None and current_facts.rests_until > now
