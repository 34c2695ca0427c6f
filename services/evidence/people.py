"""Turns the rows about accounts into the lines of a pack, a batch of accounts at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from domain.evidence.packs import PackKind, PackSubject
from domain.evidence.records import (
    AccountEvidence,
    OfferedAlternatives,
    OfferedRecovery,
    PackedAccount,
    PackedDecision,
    PackedMessage,
    PackedProof,
    ToldStep,
)
from domain.facts import Channel
from domain.journal import EventKind
from domain.masking import masked_email, masked_phone
from domain.policy import InsteadOfPasskey
from domain.words import timeline
from domain.words.desk_words import ACTORS
from services.evidence.decisions import decisions_about
from services.evidence.exemptions import exemptions
from store import Session
from store.evidence import people
from store.evidence.people import AccountRows
from store.journeys import policies
from store.messages.message_rows import Message
from store.people.accounts import Account

_TELLING_DIGITS = 7
"""So many last digits of a number tell whose it is, however the rest is written."""


def batches(session: Session, subject: PackSubject, *, now: datetime) -> Iterator[list[AccountEvidence]]:
    """The accounts of a pack in the order of their ids, so many at a time as fit on one page."""
    cohort_id = subject.subject_id if subject.kind is PackKind.COHORT else None
    for account_ids in _account_ids(session, subject):
        rows_of_accounts = people.read(session, account_ids, cohort_id=cohort_id)
        decisions = decisions_about(session, account_ids)
        yield [
            _evidence(rows, decisions.get(rows.account.account_id, ()), now=now) for rows in rows_of_accounts
        ]


def _account_ids(session: Session, subject: PackSubject) -> Iterator[list[str]]:
    if subject.kind is PackKind.ACCOUNT:
        yield [subject.subject_id]
        return
    after = ""
    while account_ids := people.members_of(session, subject.subject_id, after=after):
        yield account_ids
        after = account_ids[-1]


def _evidence(rows: AccountRows, decisions: Sequence[PackedDecision], *, now: datetime) -> AccountEvidence:
    account_id = rows.account.account_id
    return AccountEvidence(
        account=_account(rows),
        proofs=[
            PackedProof(
                account_id=account_id,
                proof_id=proof.proof_id,
                state=proof.state,
                at=proof.at,
                evidence=proof.evidence,
            )
            for proof in rows.proofs
        ],
        messages=[_message(account_id, message) for message in rows.messages],
        alternatives=_alternatives(rows),
        exemptions=list(exemptions(rows, now=now)),
        decisions=decisions,
        steps=[
            ToldStep(
                at=entry.at,
                who=ACTORS[entry.actor],
                sentence=timeline.sentence(EventKind(entry.kind), entry.detail),
            )
            for entry in rows.switching
        ],
    )


def _account(rows: AccountRows) -> PackedAccount:
    account, member, journey = rows.account, rows.member, rows.journey
    return PackedAccount(
        account_id=account.account_id,
        external_id=_external_id(account),
        email=masked_email(account.email),
        phone=masked_phone(account.phone),
        sms=account.sms,
        sms_since=account.sms_since,
        created_at=account.created_at,
        deleted_at=account.deleted_at,
        cohort_id=member.cohort_id if member else None,
        wave=member.wave if member else None,
        held_out=bool(member and member.held_out),
        launched_at=member.launched_at if member else None,
        passed_over_because=member.passed_over_because if member else None,
        policy_id=rows.policy.policy_id if rows.policy else None,
        policy=rows.policy.name if rows.policy else None,
        journey_started_at=journey.started_at if journey else None,
        journey_ended_at=journey.ended_at if journey else None,
        outcome=journey.outcome if journey else None,
    )


def _external_id(account: Account) -> str:
    """The host's id, masked where the host calls people by their numbers; addresses are left out of every line."""
    digits = "".join(letter for letter in account.external_id if letter.isdigit())
    is_number = bool(account.phone) and digits.endswith((account.phone or "")[-_TELLING_DIGITS:])
    return (masked_phone(account.external_id) or "") if is_number else account.external_id.strip()


def _message(account_id: str, message: Message) -> PackedMessage:
    mask = masked_email if message.channel == Channel.EMAIL else masked_phone
    return PackedMessage(
        account_id=account_id,
        key=message.key,
        purpose=message.purpose,
        template=message.template,
        channel=message.channel,
        recipient=mask(message.recipient or None),
        locale=message.locale,
        milestone=message.milestone,
        written_at=message.created_at,
        settled_at=message.settled_at,
        state=message.state,
        reason=message.reason,
        fate=message.fate,
        fate_at=message.fate_at,
    )


def _alternatives(rows: AccountRows) -> OfferedAlternatives:
    policy = policies.read(rows.policy.body) if rows.policy else None
    return OfferedAlternatives(
        account_id=rows.account.account_id,
        policy_id=rows.policy.policy_id if rows.policy else None,
        second_routes=tuple(policy.second_routes) if policy else (),
        instead_of_passkey=policy.instead_of_passkey if policy else InsteadOfPasskey.NONE,
        recovery=tuple(
            OfferedRecovery(proofs=(first, second), wait=rule.wait)
            for rule in (policy.recovery if policy else ())
            for first, second in (rule.proofs,)
        ),
        reminders=_times(rows.counts, EventKind.NUDGED),
        prompts_seen=_times(rows.counts, EventKind.PROMPT_SEEN),
        put_off=_times(rows.counts, EventKind.PROMPT_SKIPPED),
        could_not=_times(rows.counts, EventKind.CANNOT_NOW),
        email_verified=_times(rows.counts, EventKind.EMAIL_VERIFIED),
        passkeys_bound=_times(rows.counts, EventKind.PASSKEY_BOUND),
        recovery_codes_proven=_times(rows.counts, EventKind.RECOVERY_CODES_PROVEN),
        authenticator_apps_bound=_times(rows.counts, EventKind.AUTHENTICATOR_APP_BOUND),
    )


def _times(counts: Mapping[tuple[str, str], int], kind: EventKind) -> int:
    return sum(times for (counted, _), times in counts.items() if counted == kind)
