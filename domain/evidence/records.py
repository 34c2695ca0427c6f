"""The lines of a pack: what is true of an account and of a cohort, as an auditor reads it. Contacts are masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PackedAccount:
    """One account. `wave` has launched it; `policy_id` names the rules of its journey, and `outcome` how that ended."""

    account_id: str
    external_id: str
    email: str | None
    phone: str | None
    sms: str
    sms_since: datetime | None
    created_at: datetime
    deleted_at: datetime | None
    cohort_id: str | None
    wave: int | None
    held_out: bool
    launched_at: datetime | None
    passed_over_because: str | None
    policy_id: str | None
    policy: str | None
    journey_started_at: datetime | None
    journey_ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, kw_only=True)
class PackedProof:
    """The evidence on which codes became `suspended` or `removed`."""

    account_id: str
    proof_id: str
    state: str
    at: datetime
    evidence: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackedMessage:
    """One notice or reminder: `state` is how far it came, and `fate` what its provider told later."""

    account_id: str
    key: str
    purpose: str
    template: str
    channel: str
    recipient: str | None
    locale: str
    milestone: str | None
    written_at: datetime
    settled_at: datetime | None
    state: str
    reason: str | None
    fate: str | None
    fate_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OfferedRecovery:
    """Two proofs that let an owner back in, and after how long."""

    proofs: tuple[str, str]
    wait: timedelta


@dataclass(frozen=True, kw_only=True)
class OfferedAlternatives:
    """What the policy offers in place of codes, and how often it was shown, put off and taken.

    Everybody is offered a passkey. `instead_of_passkey` is `none`, or what is taken of whoever has no device for one.
    """

    account_id: str
    policy_id: str | None
    second_routes: tuple[str, ...]
    instead_of_passkey: str
    recovery: tuple[OfferedRecovery, ...]
    reminders: int
    prompts_seen: int
    put_off: int
    could_not: int
    email_verified: int
    passkeys_bound: int
    recovery_codes_proven: int
    authenticator_apps_bound: int


@dataclass(frozen=True, kw_only=True)
class PackedExemption:
    """One step of leaving an account alone, or of giving it more time: what, by whom, why, and for how long.

    With `what` as `registered` it is an exemption as the register has it, to its end: `rest` is then its basis,
    `by` the member who asked, `together_with` the one who approved.
    """

    account_id: str
    at: datetime
    what: str
    rest: str | None
    days: int | None
    until: datetime | None
    by: str | None
    together_with: str | None
    reason: str | None
    evidence: str | None = None
    review_at: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None


@dataclass(frozen=True, kw_only=True)
class PackedDecision:
    """One thing that a member of staff did, from the audit; `by` is the member's id, or their name on this machine."""

    entry_id: int
    at: datetime
    kind: str
    by: str
    role: str | None
    account_id: str | None
    cohort_id: str | None
    reason: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackedOrder:
    """One entry of the cohort's journal."""

    entry_id: int
    at: datetime
    kind: str
    by: str
    reason: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackedAssessment:
    """One look at all guardrails of the cohort, and how far its people had come then."""

    at: datetime
    assessments: Sequence[Mapping[str, Any]]
    reached: Mapping[str, int]
    draw: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class PackedPolicy:
    """One version of a policy, as it was stored."""

    policy_id: str
    name: str
    version: int
    stored_at: datetime
    rules: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackedCohort:
    """The cohort as it is now. `description` is what its operators gave; earlier ones are in its orders."""

    cohort_id: str
    name: str
    launched_at: datetime
    stage: str
    members: int
    held_out: int
    launched_by_wave: Mapping[str, int]
    description: Mapping[str, Any]
    standing: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ToldStep:
    """One entry about the end of text-message codes as a sentence."""

    at: datetime
    who: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class AccountEvidence:
    """All lines about one account together, as a page shows them."""

    account: PackedAccount
    proofs: Sequence[PackedProof]
    messages: Sequence[PackedMessage]
    alternatives: OfferedAlternatives
    exemptions: Sequence[PackedExemption]
    decisions: Sequence[PackedDecision]
    steps: Sequence[ToldStep]
