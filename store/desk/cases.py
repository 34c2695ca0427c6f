"""Reads one account's whole case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.desk.cases import Case, ContactLine, HostSignIns, JournalLine, MessageLine, PasskeyLine, ProofLine
from domain.desk.tickets import tickets
from domain.errors import NotSafeYet
from domain.facts import Channel, Facts, Milestone
from domain.host.ceremonies import Ceremonies
from domain.journal import EventKind
from domain.journey import Plan, due, plan
from domain.masking import masked_email, masked_phone
from domain.messages.messages import Template
from domain.milestones import app_stands_in, reached
from domain.policy import InsteadOfPasskey, Policy
from domain.presets import STANDARD
from domain.safety.end_of_codes import Halt
from domain.safety.off_proof import off_proof
from domain.safety.routes import proven_routes
from domain.switches import Switch
from domain.trust import Root, Way
from domain.words.names import MESSAGES
from domain.words.timeline import sentence
from store import Session
from store.desk import list_rows
from store.journeys import facts, heard_accounts, journeys, retiring, sms, switches
from store.journeys.journeys import Journey
from store.messages import contact_faults, messages
from store.people import accounts, host_routes, journal, passkeys, provisional, sharing
from store.people.accounts import Account
from store.rollouts import holds

_REACHED_BY = {
    Milestone.PASSKEY_PROVEN: (EventKind.PASSKEY_PROVEN, EventKind.AUTHENTICATOR_APP_PROVEN),
    Milestone.SECOND_ROUTE_READY: (EventKind.RECOVERY_CODES_PROVEN, EventKind.AUTHENTICATOR_APP_BOUND),
}


_ASKED_FOR_HELP = (EventKind.SUPPORT_CASE, EventKind.TICKET_OPENED)


def draw(session: Session, account_id: str, *, now: datetime) -> Case:
    """The case of an account. Raises Unknown."""
    account = accounts.get(session, account_id)
    listed = list_rows.describe(session, [account_id], now=now)[account_id]
    journey = journeys.find(session, account_id)
    # Without a journey, the standard policy says which milestones are reached.
    policy = journeys.policy_of(session, account_id) or STANDARD
    account_facts = facts.read(session, account_id)
    planned = _next(account, journey, account_facts, policy)
    lines, keys = _journal(session, account_id), _passkeys(session, account_id)
    met = {milestone: reached(milestone, account_facts, policy) for milestone in Milestone}
    return Case(
        external_id=account.external_id,
        account_id=account_id,
        phone=listed.phone,
        email=listed.email,
        time_zone=account_facts.time_zone,
        cohort=listed.cohort,
        wave=listed.wave,
        started_at=journey.started_at if journey else None,
        ended_at=journey.ended_at if journey else None,
        outcome=journey.outcome if journey else None,
        policy=policy,
        facts=account_facts,
        hurdles=listed.hurdles,
        milestones=met,
        reached_at={
            milestone: _reached_at(milestone, account_facts, keys, lines) if met[milestone] else None
            for milestone in Milestone
        },
        next=planned,
        next_at=due(account_id, planned, account_facts, policy, now),
        halt=Halt(
            is_frozen=holds.is_frozen(session, account_id),
            is_retiring_stopped=retiring.is_stopped_for(session, account_id),
            is_nudging_stopped=switches.is_stopped(session, Switch.NUDGES, account_id),
        ),
        routes=tuple(sorted(proven_routes(account_facts))),
        lacks=_lacks(account_facts, policy, now),
        proofs=_proofs(session, account_id),
        passkeys=keys,
        contacts=_contacts(session, account),
        provisional=tuple(provisional.of_account(session, account, now=now)),
        messages=_messages(session, account_id),
        journal=lines,
        asked_for_help=tuple(line for line in lines if line.kind in _ASKED_FOR_HELP),
        tickets=tickets(lines),
        at_host=_at_host(session, account_id),
        instead_of_passkey=(
            policy.instead_of_passkey if app_stands_in(account_facts, policy) else InsteadOfPasskey.NONE
        ),
        is_at_host=host_routes.ceremonies(session) is Ceremonies.ORCHESTRATED,
    )


def _next(account: Account, journey: Journey | None, account_facts: Facts, policy: Policy) -> Plan:
    if journey is None or journey.ended_at:
        return Plan(act=None)
    return plan(account.account_id, account_facts, policy)


def _lacks(account_facts: Facts, policy: Policy, now: datetime) -> tuple[str, ...]:
    try:
        off_proof(account_facts, policy, now)
    except NotSafeYet as refusal:
        return refusal.missing
    return ()


def _reached_at(
    milestone: Milestone, account_facts: Facts, keys: Sequence[PasskeyLine], lines: Sequence[JournalLine]
) -> datetime | None:
    if milestone is Milestone.EMAIL_VERIFIED:
        return account_facts.email_verified_at
    bound_at = sorted(key.bound_at for key in keys if key.works)
    if milestone is Milestone.PASSKEY_ENROLLED:
        apps_at = [line.at for line in lines if line.kind == EventKind.AUTHENTICATOR_APP_BOUND]
        return bound_at[0] if bound_at else apps_at[-1] if apps_at else None
    reached_at = [line.at for line in lines if line.kind in _REACHED_BY[milestone]]
    if milestone is Milestone.SECOND_ROUTE_READY and len(bound_at) > 1:
        reached_at.append(bound_at[1])
    return reached_at[-1] if reached_at else None


def _proofs(session: Session, account_id: str) -> tuple[ProofLine, ...]:
    return tuple(
        ProofLine(state=proof.state, at=proof.at, evidence=proof.evidence)
        for proof in sms.proofs(session, account_id)
    )


def _passkeys(session: Session, account_id: str) -> tuple[PasskeyLine, ...]:
    return tuple(
        PasskeyLine(
            passkey_id=passkey.passkey_id,
            platform=passkey.platform,
            synced=passkey.backed_up,
            bound_at=passkey.bound_at,
            bound_by=passkey.bound_by,
            last_used_at=passkey.last_used_at,
            frozen_at=passkey.frozen_at,
            suspicion=passkey.suspicion,
            removed_at=passkey.removed_at,
            lowered_at=passkey.lowered_at,
            root=Root(passkey.root),
            way=Way(passkey.way),
            established_from=passkey.established_from,
            is_at_host=passkey.host_id is not None,
        )
        for passkey in passkeys.ever_bound(session, account_id)
    )


def _at_host(session: Session, account_id: str) -> HostSignIns | None:
    heard = heard_accounts.find(session, account_id)
    if heard is None:
        return None
    return HostSignIns(
        by_sms=heard.sms_sign_ins,
        in_all=heard.sms_sign_ins + heard.other_sign_ins,
        last_by_sms_at=heard.last_sms_sign_in_at,
        passkey_device_at=heard.passkey_device_at,
        risk=heard.risk,
    )


def _contacts(session: Session, account: Account) -> tuple[ContactLine, ...]:
    faults = contact_faults.of_accounts(session, [account.account_id])
    sharers = sharing.others(session, account)
    lines = []
    for channel, contact in contact_faults.contacts(account).items():
        fault = faults.get((account.account_id, channel))
        masked = masked_email(contact) if channel is Channel.EMAIL else masked_phone(contact)
        line = ContactLine(channel=channel, masked=masked or "", shared_with=sharers.get(channel, 0))
        if fault and fault.is_about(contact):
            line = replace(line, fault=fault.fate, reason=fault.reason, since=fault.since)
        lines.append(line)
    return tuple(lines)


def _messages(session: Session, account_id: str) -> tuple[MessageLine, ...]:
    return tuple(
        MessageLine(
            key=message.key,
            template=message.template,
            name=MESSAGES[Template(message.template)],
            channel=message.channel,
            state=message.state,
            fate=message.fate,
            created_at=message.created_at,
            settled_at=message.settled_at,
            reason=message.reason,
            fate_at=message.fate_at,
            not_before=message.not_before,
            waits_for=message.waits_for,
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
            sentence=sentence(EventKind(entry.kind), entry.detail),
        )
        for entry in journal.of_account(session, account_id)
    )
