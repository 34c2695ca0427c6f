"""A whole case: everything that is shown of one account to those who look after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.desk.stuck import Hurdle
from domain.desk.tickets import Ticket
from domain.facts import Channel, Facts, Milestone
from domain.journey import Plan
from domain.policy import InsteadOfPasskey, Policy
from domain.safety.end_of_codes import Halt
from domain.safety.provisional import Provisional
from domain.safety.routes import Route
from domain.trust import Root, Way


@dataclass(frozen=True, kw_only=True)
class PasskeyLine:
    """One passkey, without what only its owner needs to know; removed ones are shown too.

    `root` is what its trust goes back to, `way` how it becomes established, `established_from` from when, if that is
    known. Since `lowered_at` it signs in and changes nothing, because a dispute about it is open. `suspicion` says how
    it behaved like a copy of itself. `is_at_host`: it lives with the host, and Offramp has heard of it by events.
    """

    passkey_id: str
    platform: str
    synced: bool
    bound_at: datetime
    bound_by: str
    last_used_at: datetime | None
    frozen_at: datetime | None
    suspicion: str | None
    removed_at: datetime | None
    lowered_at: datetime | None
    root: Root
    way: Way
    established_from: datetime | None
    is_at_host: bool = False

    @property
    def works(self) -> bool:
        """Whether it opens the account."""
        return self.frozen_at is None and self.removed_at is None


@dataclass(frozen=True, kw_only=True)
class HostSignIns:
    """How a person signs in at the host, as far as its events have told; `risk` is its word of the newest sign-in."""

    by_sms: int
    in_all: int
    last_by_sms_at: datetime | None
    passkey_device_at: datetime | None
    risk: str | None


@dataclass(frozen=True, kw_only=True)
class ContactLine:
    """One contact, masked, and what is known against it; `shared_with` counts the other accounts that have it."""

    channel: Channel
    masked: str
    fault: str | None = None
    reason: str | None = None
    since: datetime | None = None
    shared_with: int = 0


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """One message, and what became of it; `name` is what people call it."""

    key: str
    template: str
    name: str
    channel: str
    state: str
    fate: str | None
    created_at: datetime
    settled_at: datetime | None
    reason: str | None
    fate_at: datetime | None
    not_before: datetime | None
    waits_for: str | None


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One journal entry, also as a sentence."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]
    published: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ProofLine:
    """The evidence on which text-message codes were switched off."""

    state: str
    at: datetime
    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One account; contacts are masked.

    `next` is what its journey does if nothing happens, and `next_at` when, unless `halt` stops it. `lacks` names what
    is missing for switching text-message codes off; `reached_at` may lack the moment of a milestone that is long past.
    `is_at_host`: the host runs the ceremonies, so passkeys and recovery codes live there. `instead_of_passkey` is what
    is in place of a passkey, if anything is: it is less than phishing-resistant.
    """

    external_id: str
    account_id: str
    phone: str | None
    email: str | None
    time_zone: str | None
    cohort: str | None
    wave: int | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    policy: Policy
    facts: Facts
    hurdles: tuple[Hurdle, ...]
    milestones: dict[Milestone, bool]
    reached_at: dict[Milestone, datetime | None]
    next: Plan
    next_at: datetime | None
    halt: Halt
    routes: tuple[Route, ...]
    lacks: tuple[str, ...]
    proofs: tuple[ProofLine, ...]
    passkeys: tuple[PasskeyLine, ...]
    contacts: tuple[ContactLine, ...]
    provisional: tuple[Provisional, ...]
    messages: tuple[MessageLine, ...]
    journal: tuple[JournalLine, ...]
    asked_for_help: tuple[JournalLine, ...]
    tickets: tuple[Ticket, ...] = ()
    at_host: HostSignIns | None = None
    is_at_host: bool = False
    instead_of_passkey: InsteadOfPasskey = InsteadOfPasskey.NONE

    @property
    def waits_for(self) -> Milestone | None:
        """The first milestone that is not reached."""
        return next((milestone for milestone, is_reached in self.milestones.items() if not is_reached), None)
