"""Exemptions: on which basis somebody is left alone, for how long, and when that is looked at again.

Nobody is exempt for ever: every exemption has a last day, and `LONGEST_EXEMPTION` bounds every basis.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.desk.acts import LONGEST_EXEMPTION, ActRefused, Rest
from domain.staff.reasons import BadReason, clean_reason

REVIEWED_AFTER = timedelta(days=90)
"""How long after its beginning, or its last review, an exemption is looked at again, unless its basis says sooner."""

LOOKED_AT_BEFORE_END = timedelta(days=14)
"""How long before its end an exemption is due for review, whenever it was looked at; and the person is told of it."""

LONGEST_EVIDENCE = 200
"""The most letters of an evidence's address or reference."""

_TICKET = re.compile(r"#?(?=[A-Za-z0-9]*[A-Za-z_./#-])[A-Za-z0-9][A-Za-z0-9_./#-]{1,59}|#\d{1,12}")
_NUMBERING = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=[A-Za-z#])-?\d+")
"""Numbers that are no phone's: a UUID, and what follows the letters of a ticket's name at once."""

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_NO_CODES = frozenset({"", Rest.PAUSED.value})


class ExemptionEnd(StrEnum):
    """Why an exemption is over."""

    EXPIRED = "expired"
    ENDED = "ended"
    SUPERSEDED = "superseded"
    ACCOUNT_DONE = "account_done"


class ExemptionStanding(StrEnum):
    """How an exemption that is not over stands: nothing to do, or somebody should look at it."""

    IN_FORCE = "in_force"
    REVIEW_DUE = "review_due"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One ground on which people are exempted. `words` say it to staff.

    `longest`: how long one exemption may last; `reviewed_after`: when it is looked at again. `needs_evidence`: a link
    or a ticket's reference has to be given. `takes_two`: a second member has to approve it.
    """

    code: str
    words: str
    longest: timedelta = LONGEST_EXEMPTION
    reviewed_after: timedelta = REVIEWED_AFTER
    needs_evidence: bool = False
    takes_two: bool = False

    @property
    def rest(self) -> Rest:
        """What the account's row says of it: journeys need to know no more than that it is an exemption."""
        return Rest(self.code) if self.code in list(Rest) else Rest.OTHER


@dataclass(frozen=True)
class Bases:
    """The grounds that there are, in the order in which staff choose."""

    all: tuple[Basis, ...]

    def __iter__(self) -> Iterator[Basis]:
        return iter(self.all)

    def find(self, code: str | None) -> Basis | None:
        """The basis with this code; None if there is none."""
        return next((basis for basis in self.all if basis.code == code), None)

    def words(self, code: str) -> str:
        """What a basis is called; one that has left the list is called by its code."""
        basis = self.find(code)
        return basis.words if basis else code


STANDARD_BASES = Bases(
    (
        Basis(code=Rest.MACHINE_ACCOUNT, words="A machine's account, no person"),
        Basis(code=Rest.NO_CAPABLE_DEVICE, words="No device that can hold a passkey"),
        Basis(code=Rest.OTHER, words="Another reason"),
    )
)
"""The grounds, unless the operator has a list of their own."""


@dataclass(frozen=True, kw_only=True)
class ExemptionRecord:
    """One exemption as the register has it, to show and as evidence; it holds ids, and nothing that names the person.

    `asked_by`, `approved_by` and `ended_by` are members' ids, or the name of who worked on the machine itself.
    `renews` is the exemption that it took the place of. `told_at` is when the person was told that it ends.
    """

    exemption_id: str
    account_id: str
    basis: str
    reason: str
    evidence: str
    asked_by: str
    approved_by: str | None
    granted_at: datetime
    review_at: datetime
    reviewed_at: datetime | None
    expires_at: datetime
    renews: str | None
    told_at: datetime | None
    ended_at: datetime | None
    ended_because: ExemptionEnd | None
    ended_by: str | None

    def is_due(self, now: datetime) -> bool:
        """Whether somebody should look at it."""
        return self.ended_at is None and self.review_at <= now

    @property
    def evidence_url(self) -> str:
        """The evidence's address; empty if it is a ticket's reference, or if there is none."""
        return self.evidence if self.evidence.startswith("https://") else ""


def review_at(after: timedelta, *, now: datetime, expires_at: datetime) -> datetime:
    """When an exemption is looked at next: after its basis's time, and once more before its end."""
    before_end = max(expires_at - LOOKED_AT_BEFORE_END, now + (expires_at - now) / 2)
    return min(now + after, before_end)


def tell_at(*, granted_at: datetime, expires_at: datetime) -> datetime:
    """When the person is told that their exemption ends: two weeks before, or at half of a short one."""
    return max(expires_at - LOOKED_AT_BEFORE_END, granted_at + (expires_at - granted_at) / 2)


def require_granted(basis: Basis | None, days: int, evidence: str) -> Basis:
    """The basis of an exemption. Raises ActRefused if it, its length or its evidence is missing or not allowed."""
    if basis is None:
        raise ActRefused("Say what the exemption is for.")
    longest = min(basis.longest, LONGEST_EXEMPTION)
    if not timedelta(days=1) <= timedelta(days=days) <= longest:
        raise ActRefused(f"Between 1 and {longest.days} days, please.")
    if basis.needs_evidence and not evidence:
        raise ActRefused("This needs evidence: a link that begins with https://, or a ticket's reference.")
    return basis


def clean_evidence(text: str) -> str:
    """Evidence as it is kept: the address of a page, a ticket's reference, or nothing. Raises BadReason."""
    evidence = text.strip()
    if not evidence:
        return ""
    if len(evidence) > LONGEST_EVIDENCE or not (_is_address(evidence) or _TICKET.fullmatch(evidence)):
        raise BadReason(
            "Evidence is a link that begins with https://, or a ticket's reference like CRM-1234: "
            f"{LONGEST_EVIDENCE} characters at most."
        )
    try:
        clean_reason(_NUMBERING.sub("a number", evidence))
    except BadReason:
        raise BadReason("The evidence looks like it holds a phone number or an address.") from None
    return evidence


def basis_problems(bases: Sequence[Basis]) -> list[str]:
    """What is wrong with a list of grounds, each in a sentence; an empty list if nothing is."""
    codes = [basis.code for basis in bases]
    problems = [] if bases else ["there is no basis"]
    problems += [f"{code} is there twice" for code in dict.fromkeys(codes) if codes.count(code) > 1]
    for basis in bases:
        if basis.code in _NO_CODES or not _CODE.fullmatch(basis.code):
            problems.append(f'"{basis.code}" is no code: small letters, digits and _, 2 to 40')
        if not timedelta(days=1) <= basis.longest <= LONGEST_EXEMPTION:
            problems.append(f"{basis.code} lasts between 1 and {LONGEST_EXEMPTION.days} days at most")
        if basis.reviewed_after < timedelta(days=1):
            problems.append(f"{basis.code} is reviewed after 1 day or more")
    return problems


def _is_address(text: str) -> bool:
    """Whether a text is the address of a page, without anybody's name or password before the host."""
    if any(letter.isspace() for letter in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in text
    except ValueError:
        return False
