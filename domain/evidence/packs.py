"""What a pack of evidence is: whom it is about, which files are in it, and what can be wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Refused

FORMAT = "offramp.evidence-pack"
VERSION = 1

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PACK = "pack.json"
CHAIN = "chain.ndjson"
JOURNAL = "journal.ndjson"

CONTENTS: Mapping[str, str] = {
    PACK: "what the pack is about, when and by whom it was made, and how many lines each file has",
    "cohort.json": "the cohort as its operators have described it: whom, by which rules, in which waves, what stops it",
    "orders.ndjson": "every order to the cohort's rollout and every change of its rules, with who and why",
    "assessments.ndjson": "every assessment of the cohort's guardrails",
    "policies.ndjson": "every version of the policies by which these accounts are moved",
    "accounts.ndjson": "the accounts, with masked contacts, and how each stands",
    "off_proofs.ndjson": "the evidence on which text-message codes were suspended and removed",
    "messages.ndjson": "every notice and every reminder, and what became of it",
    "alternatives.ndjson": "what was offered in place of text-message codes, shown and taken",
    "exemptions.ndjson": "who was left alone for a time or given more time, by whom and until when",
    "decisions.ndjson": "what members of staff did about these accounts and this cohort, and why",
    JOURNAL: "the journal's entries about these accounts, each with its path to its day's root",
    CHAIN: "the chain of the journal's days, from the first one on",
}
"""The files for programs, in the order in which they are written, and what is in each."""

OF_COHORTS = frozenset({"cohort.json", "orders.ndjson", "assessments.ndjson"})
"""Those that only a cohort's pack has."""


MOST_AT_ONCE = 10_000
"""The most members of a cohort of whom a pack is made while somebody's browser waits; a command packs any number."""


class EvidenceRefused(Refused):
    """A pack that is not made; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PackKind(StrEnum):
    """Whom a pack is about."""

    COHORT = "cohort"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class PackSubject:
    """The cohort or the account of an id; `name` is the cohort's name, or the host's id of the account."""

    kind: PackKind
    subject_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PackedFile:
    """One file of a pack as its manifest names it."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All files of a pack but itself and its signature. `key_id` is the digest of the public key that verifies it."""

    format: str
    version: int
    made_at: datetime
    key_id: str
    files: tuple[PackedFile, ...]


class PackFlaw(StrEnum):
    """What can be wrong with a pack."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    ANOTHER_SIGNER = "another_signer"
    BAD_SIGNATURE = "bad_signature"
    BROKEN_CHAIN = "broken_chain"
    BROKEN_ENTRY = "broken_entry"
    WRONG_ORDER = "wrong_order"
    WRONG_COUNT = "wrong_count"


@dataclass(frozen=True, kw_only=True)
class PackFault:
    """One thing that is wrong with a pack, in which file of it, and in words."""

    flaw: PackFlaw
    file: str
    says: str
