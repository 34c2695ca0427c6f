"""A portrait of one account for those who look after it: where the person stands, what happens next, what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import Unknown
from domain.facts import Channel, Facts, Milestone
from domain.journey import Plan, plan
from domain.milestones import reached
from domain.policy import Policy
from domain.presets import STANDARD
from domain.routes import Route, proven_routes
from store import Session, accounts, contact_faults, facts, journal, journeys, messages, passkeys
from store.accounts import Account
from store.journeys import Journey


@dataclass(frozen=True, kw_only=True)
class PasskeyLine:
    """One passkey, without what only its owner needs to know."""

    platform: str
    synced: bool
    bound_at: datetime
    last_used_at: datetime | None
    frozen_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """One message, and what became of it."""

    template: str
    channel: str
    state: str
    created_at: datetime
    settled_at: datetime | None
    reason: str | None
    not_before: datetime | None
    waits_for: str | None
    fate: str | None
    fate_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FaultLine:
    """What is wrong with one contact, or that its owner wants no reminders there."""

    channel: Channel
    is_broken: bool
    fate: str
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One journal entry."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]
    published: bool


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """Everything that is shown of an account; contacts are masked."""

    external_id: str
    account_id: str
    phone: str | None
    email: str | None
    time_zone: str | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    stuck_reason: str | None
    policy: Policy
    facts: Facts
    milestones: dict[Milestone, bool]
    next: Plan
    routes: tuple[Route, ...]
    passkeys: tuple[PasskeyLine, ...]
    faults: tuple[FaultLine, ...]
    messages: tuple[MessageLine, ...]
    journal: tuple[JournalLine, ...]


def draw(session: Session, external_id: str) -> Portrait:
    """The portrait of a host's account. Raises Unknown."""
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown(f"no account is called {external_id}")
    journey = journeys.get(session, account.account_id)
    # Without a journey the milestones are shown by the rules that most journeys go by.
    policy = journeys.policy_of(session, account.account_id) or STANDARD
    known = facts.read(session, account.account_id)
    return Portrait(
        external_id=account.external_id,
        account_id=account.account_id,
        phone=masked_phone(account.phone),
        email=masked_email(account.email),
        time_zone=account.time_zone,
        started_at=journey.started_at if journey else None,
        ended_at=journey.ended_at if journey else None,
        outcome=journey.outcome if journey else None,
        stuck_reason=account.stuck_reason,
        policy=policy,
        facts=known,
        milestones={milestone: reached(milestone, known, policy) for milestone in Milestone},
        next=_next(account, journey, known, policy),
        routes=tuple(sorted(proven_routes(known))),
        passkeys=_passkeys(session, account.account_id),
        faults=_faults(session, account),
        messages=_messages(session, account.account_id),
        journal=_journal(session, account.account_id),
    )


def masked_phone(phone: str | None) -> str | None:
    """Enough of a number to recognise one's own: `+49…67`."""
    return f"{phone[:3]}…{phone[-2:]}" if phone else None


def masked_email(email: str | None) -> str | None:
    """Enough of an address to recognise one's own: `a…@example.com`."""
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _next(account: Account, journey: Journey | None, known: Facts, policy: Policy) -> Plan:
    if journey is None or journey.ended_at:
        return Plan(act=None)
    return plan(account.account_id, known, policy)


def _passkeys(session: Session, account_id: str) -> tuple[PasskeyLine, ...]:
    return tuple(
        PasskeyLine(
            platform=passkey.platform,
            synced=passkey.backup_eligible,
            bound_at=passkey.bound_at,
            last_used_at=passkey.last_used_at,
            frozen_at=passkey.frozen_at,
        )
        for passkey in passkeys.kept(session, account_id)
    )


def _faults(session: Session, account: Account) -> tuple[FaultLine, ...]:
    known = contact_faults.of_account(session, account)
    return tuple(
        FaultLine(
            channel=channel,
            is_broken=fault.is_broken,
            fate=fault.fate,
            reason=fault.reason,
            since=fault.since,
        )
        for channel, fault in sorted(known.items())
    )


def _messages(session: Session, account_id: str) -> tuple[MessageLine, ...]:
    return tuple(
        MessageLine(
            template=message.template,
            channel=message.channel,
            state=message.state,
            created_at=message.created_at,
            settled_at=message.settled_at,
            reason=message.reason,
            not_before=message.not_before,
            waits_for=message.waits_for,
            fate=message.fate,
            fate_at=message.fate_at,
        )
        for message in reversed(messages.of_account(session, account_id))
    )


def _journal(session: Session, account_id: str) -> tuple[JournalLine, ...]:
    return tuple(
        JournalLine(
            at=entry.at,
            kind=entry.kind,
            actor=entry.actor,
            detail=entry.detail,
            published=entry.published_at is not None,
        )
        for entry in journal.of_account(session, account_id)
    )
