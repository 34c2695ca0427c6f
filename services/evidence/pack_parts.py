"""What a pack is made of: what was asked for, what its first page shows, and who writes its pages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.evidence.chains import DayLink
from domain.evidence.packs import PackSubject
from domain.evidence.records import AccountEvidence, PackedAssessment, PackedCohort, PackedOrder, PackedPolicy
from domain.staff.staff import Author


@dataclass(frozen=True, kw_only=True)
class PackOrder:
    """What somebody asks for: about whom, why, who they are, when, and of which service."""

    subject: PackSubject
    reason: str
    author: Author
    at: datetime
    service: str


@dataclass(kw_only=True)
class PackTotals:
    """What the front page counts, of all accounts."""

    accounts: int = 0
    sms: Counter[str] = field(default_factory=Counter)
    proofs: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    exempt: int = 0
    erased: int = 0

    def add(self, evidence: AccountEvidence) -> None:
        """Count one account."""
        self.accounts += 1
        self.sms[evidence.account.sms] += 1
        self.proofs.update(proof.state for proof in evidence.proofs)
        self.messages.update(message.fate or message.state for message in evidence.messages)
        self.exempt += bool(evidence.exemptions)
        self.erased += evidence.account.deleted_at is not None


@dataclass(frozen=True, kw_only=True)
class CohortFront:
    """What the first page shows of a cohort: all orders, and the latest looks at its guardrails, oldest first."""

    cohort: PackedCohort
    orders: Sequence[PackedOrder]
    assessments: Sequence[PackedAssessment]


@dataclass(frozen=True, kw_only=True)
class PackFront:
    """What the first page shows. `pages` are the names of the pages of accounts."""

    order: PackOrder
    made_by: str
    key_id: str
    totals: PackTotals
    lines: dict[str, int]
    pages: list[str]
    links: list[DayLink]
    policies: list[PackedPolicy]
    cohort: CohortFront | None


class EvidencePages(Protocol):
    """Writes the pages that people read. Each needs no other file to look as it should."""

    def front(self, front: PackFront) -> str:
        """The first page."""

    def accounts(self, order: PackOrder, number: int, batch: list[AccountEvidence]) -> str:
        """The page of a number, from 1, with some accounts."""


@dataclass(frozen=True, kw_only=True)
class MadePack:
    """What was made: how many accounts and entries are in it, and the digest of its manifest, which the audit keeps."""

    accounts: int
    entries: int
    files: int
    key_id: str
    manifest_sha256: str
