"""Requests to get back in: each gathers proofs, waits while all contacts are told, and is followed by browsers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain import recovery as rules
from domain.codes import new_token
from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.masking import masked_email, masked_phone
from domain.policy import Policy
from domain.presets import STANDARD
from domain.recovery import Circumstances, Proof, RecoveryStage, StopReason
from domain.recovery_rules import ProofKind, RecoveryRule
from services.container import Services
from services.people.visits import Visit
from store import Session
from store.host import keys
from store.journeys import journeys, waits
from store.messages import contact_faults
from store.people import accounts, authenticator_apps, contacts, journal, known_browsers, recovery_codes
from store.people.accounts import Account
from store.people.contacts import KnownContact
from store.safety import objections, recoveries, recovery_links, recovery_notices
from store.safety.recoveries import Recovery

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """One request, for the person who follows it. Contacts are masked; `lacking` are the kinds that would complete it.

    `links_to` is where the link can go, the contact first to which it goes; without any, nothing can be sent.
    `is_complete`: two things count, and it waits for a contact. `is_one_root`: two things were shown that go back to
    one, so that they count as one.
    """

    stage: RecoveryStage
    number: int
    reference: str
    proven: tuple[ProofKind, ...]
    lacking: tuple[ProofKind, ...]
    is_complete: bool
    is_one_root: bool
    opens_at: datetime | None
    ends_at: datetime | None
    stop_reason: StopReason | None
    email: str
    phone: str
    links_to: tuple[str, ...]
    link_channels: tuple[Channel, ...]
    zone: str | None


def look(services: Services, token: str | None) -> RequestView | None:
    """The request that the browser with this token follows; None if it follows none."""
    with services.database.reading() as session:
        recovery = recoveries.of_browser(session, token) if token else None
        return _view(session, services, recovery) if recovery else None


def hand_over(services: Services, token: str | None) -> str | None:
    """A token by which another browser may follow the same request; None if this one follows none."""
    with services.database.transaction() as session:
        recovery = recoveries.of_browser(session, token) if token else None
        if recovery is None:
            return None
        handed = new_token()
        recoveries.follow(session, recovery, handed, at=services.clock())
        return handed


def go_on(services: Services, token: str | None) -> None:
    """Let a request go on whose proofs are complete, and that had no contact for the way in when they came."""
    with services.database.transaction() as session:
        recovery = recoveries.of_browser(session, token) if token else None
        if recovery is not None:
            accounts.lock(session, recovery.account_id)
            advance(session, services, recoveries.reread(session, recovery.recovery_id), at=services.clock())


def account_of(session: Session, token: str | None) -> str | None:
    """The account of the request that this browser gathers proofs for; None if it has none that is not over."""
    recovery = recoveries.of_browser(session, token) if token else None
    return recovery.account_id if recovery and not RecoveryStage(recovery.stage).is_over else None


def give(
    session: Session,
    services: Services,
    visit: Visit,
    account_id: str,
    proof: Proof,
    *,
    token: str | None,
    set_id: str | None = None,
) -> str:
    """Keep a proof of a locked account, in the request of this browser or in a new one; returns the browser's token."""
    now, token = services.clock(), token or new_token()
    recovery = recoveries.of_browser(session, token)
    if recovery is None or recovery.account_id != account_id or RecoveryStage(recovery.stage).is_over:
        token = new_token()
        is_known = _is_known(session, visit, account_id, now=now)
        recovery = recoveries.begin(session, account_id, at=now, browser_known=is_known)
        recoveries.follow(session, recovery, token, at=now)
    _keep_proof(session, services, recovery, proof, at=now, set_id=set_id, actor=Actor.PERSON)
    return token


def vouch(session: Session, services: Services, recovery: Recovery, proof: Proof, *, at: datetime) -> None:
    """Keep the host's word as a proof of a request whose account is locked."""
    _keep_proof(session, services, recovery, proof, at=at, set_id=None, actor=Actor.HOST)


def policy_of(session: Session, account_id: str) -> Policy:
    """The rules by which an account is moved, or the standard ones for one that is not moved."""
    return journeys.policy_of(session, account_id) or STANDARD


def rules_of(services: Services, policy: Policy) -> tuple[RecoveryRule, ...]:
    """The pairs of proofs that count here."""
    return policy.recovery if services.email_recovers else rules.without_email(policy.recovery)


def _keep_proof(
    session: Session,
    services: Services,
    recovery: Recovery,
    proof: Proof,
    *,
    at: datetime,
    set_id: str | None,
    actor: Actor,
) -> None:
    recoveries.add_proof(session, recovery, proof, at=at, set_id=set_id)
    number, kind = recovery.number, EventKind.RECOVERY_PROVEN
    journal.append(session, recovery.account_id, kind, at=at, actor=actor, number=number, proof=proof.kind)
    log.info("recovery_proven", account_id=recovery.account_id, number=number, proof=proof.kind)
    advance(session, services, recovery, at=at)


def advance(session: Session, services: Services, recovery: Recovery, *, at: datetime) -> None:
    """Let the waiting begin if two proofs count now, or let it end sooner if a further proof is worth more."""
    policy = waits.policy_now(session, recovery.account_id, now=at)
    given = recoveries.proofs(session, recovery.recovery_id)
    rule = rules.rule_for(given, rules_of(services, policy))
    account = accounts.get(session, recovery.account_id)
    stage = RecoveryStage(recovery.stage)
    if rule is None or stage not in (RecoveryStage.GATHERING, RecoveryStage.WAITING):
        return
    if stage is RecoveryStage.GATHERING and not recovery_links.usable(session, account, recovery, now=at):
        return
    wait = rules.wait(rule, _circumstances(session, recovery, account, at=at), cooling_off=policy.cooling_off)
    if stage is RecoveryStage.WAITING and recovery.opens_at and at + wait >= recovery.opens_at:
        return  # what was shown now is worth no more than what was shown before
    _begin_waiting(session, recovery, account, given, wait, at=at)


def _begin_waiting(
    session: Session,
    recovery: Recovery,
    account: Account,
    given: list[Proof],
    wait: timedelta,
    *,
    at: datetime,
) -> None:
    recoveries.begin_waiting(session, recovery, wait, at=at)
    recovery_notices.tell(session, account, recovery, at=at)
    hours = recovery_notices.in_hours(wait)
    kind, number = EventKind.RECOVERY_ASKED, recovery.number
    proofs = [proof.kind.value for proof in given]
    journal.append(
        session,
        account.account_id,
        kind,
        at=at,
        actor=Actor.PERSON,
        number=number,
        proofs=proofs,
        hours=hours,
    )
    log.info("recovery_asked", account_id=account.account_id, number=number, hours=hours)


def _circumstances(session: Session, recovery: Recovery, account: Account, *, at: datetime) -> Circumstances:
    since = at - rules.LOOKS_BACK
    changed_at = account.contacts_changed_at
    return Circumstances(
        failures=recovery.failures,
        contact_changed=changed_at is not None and changed_at > since,
        disputed=objections.is_any_since(session, account.account_id, since),
        browser_known=recovery.browser_known,
    )


def _is_known(session: Session, visit: Visit, account_id: str, *, now: datetime) -> bool:
    """Whether the account has known this browser for long enough."""
    if visit.browser_id is None:
        return False
    since = known_browsers.known_since(session, visit.browser_id, account_id, now=now)
    return since is not None and since <= now - rules.BROWSER_KNOWN_FOR


def _view(session: Session, services: Services, recovery: Recovery) -> RequestView:
    account = accounts.get(session, recovery.account_id)
    given = recoveries.proofs(session, recovery.recovery_id)
    counted = rules_of(services, policy_of(session, recovery.account_id))
    able = _able(session, account, counted, now=services.clock())
    usable = recovery_links.usable(session, account, recovery, now=services.clock())
    kinds = tuple(proof.kind for proof in given)
    pairs = [rule for rule in counted if set(rule.proofs) <= set(kinds)]
    stage = RecoveryStage(recovery.stage)
    return RequestView(
        stage=stage,
        number=recovery.number,
        reference=f"{recovery.reference[:4]} {recovery.reference[4:]}",
        proven=kinds,
        lacking=tuple(kind for kind in rules.lacking(given, counted) if kind in able),
        is_complete=stage is RecoveryStage.GATHERING and rules.rule_for(given, counted) is not None,
        is_one_root=bool(pairs) and rules.rule_for(given, counted) is None,
        opens_at=recovery.opens_at,
        ends_at=recovery.ends_at,
        stop_reason=StopReason(recovery.stop_reason) if recovery.stop_reason else None,
        email=masked_email(account.email) or "",
        phone=masked_phone(account.phone) or "",
        links_to=tuple(_masked(contact) for contact in usable),
        link_channels=tuple(contact.channel for contact in usable),
        zone=account.time_zone,
    )


def _masked(contact: KnownContact) -> str:
    mask = masked_email if contact.channel is Channel.EMAIL else masked_phone
    return mask(contact.address) or ""


def _able(
    session: Session, account: Account, counted: tuple[RecoveryRule, ...], *, now: datetime
) -> frozenset[ProofKind]:
    """The kinds that this account has something of. Whoever has shown one thing may know that."""
    kinds = {ProofKind.HOST} if keys.may_vouch(session, now=now) else set()
    present, faults = contacts.present(session, account), contact_faults.of_account(session, account)
    broken = {channel for channel, fault in faults.items() if fault.is_broken}
    for channel in contacts.shared_channels(session, account) | broken:
        present.pop(channel, None)
    email, phone = present.get(Channel.EMAIL), present.get(Channel.SMS)
    if email and email.trust.is_established(now):
        kinds.add(ProofKind.EMAIL)
    if phone and phone.trust.is_established(now) and account.sms in (SmsState.ON, SmsState.NOTICE):
        kinds.add(ProofKind.SMS)
    if recovery_codes.is_any_left(session, account.account_id):
        kinds.add(ProofKind.RECOVERY_CODE)
    if authenticator_apps.established(session, account.account_id, now=now):
        kinds.add(ProofKind.AUTHENTICATOR_APP)
    return frozenset(kinds) & {kind for rule in counted for kind in rule.proofs}
