"""How long what names people is kept when it has served its time; what a dispute may need stays longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.safety.disputes import DISPUTE_LIFETIME
from domain.safety.objections import WINDOW

EVIDENCE_KEPT_FOR = WINDOW + DISPUTE_LIFETIME
"""How long what an objection may look at stays: its window, and the dispute that it may begin on its last day."""

LATE_AFTER = timedelta(days=2)
"""How long after its time something may still be there: housekeeping goes over it in batches."""

ANSWERED_FOR = timedelta(days=1)
"""How long an expired session stays at least, so that a late answer still learns why it is refused."""


ATTEMPTS_WANTED_FOR = timedelta(days=7)
"""How far back guardrails usually look."""


class Term(StrEnum):
    """What is kept for a time that a setting names."""

    RECIPIENTS = "recipients"
    SESSIONS = "sessions"
    ANONYMOUS_SESSIONS = "anonymous_sessions"
    AUDIT_ADDRESSES = "audit_addresses"
    ATTEMPTS = "attempts"


LEAST: Mapping[Term, timedelta] = {
    Term.RECIPIENTS: EVIDENCE_KEPT_FOR,
    Term.SESSIONS: ANSWERED_FOR,
    Term.ANONYMOUS_SESSIONS: ANSWERED_FOR,
    Term.AUDIT_ADDRESSES: EVIDENCE_KEPT_FOR,
    Term.ATTEMPTS: ATTEMPTS_WANTED_FOR,
}
"""The shortest terms: what is shorter would take from owners what shows that it was not them, or from operators what
shows that something is wrong."""

WHY_NOT_SHORTER: Mapping[Term, str] = {
    Term.RECIPIENTS: "until then an owner may object, and the dispute has to know who was told",
    Term.SESSIONS: "until then a late answer has to learn why it is refused",
    Term.ANONYMOUS_SESSIONS: "until then a late answer has to learn why it is refused",
    Term.AUDIT_ADDRESSES: "until then a dispute may have to know from where a member of staff acted",
    Term.ATTEMPTS: "until then guardrails look back over them",
}


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long each is kept: addresses of settled messages, from their end; sessions of accounts and of nobody, from
    their expiry; network addresses in the audit, and attempts, from the entry on. A session that has changed something
    stays for `EVIDENCE_KEPT_FOR` after that, whatever is set.
    """

    recipients: timedelta = timedelta(days=90)
    sessions: timedelta = ANSWERED_FOR
    anonymous_sessions: timedelta = ANSWERED_FOR
    audit_addresses: timedelta = timedelta(days=180)
    attempts: timedelta = timedelta(days=90)

    def term(self, term: Term) -> timedelta:
        """How long one of them is kept."""
        return {
            Term.RECIPIENTS: self.recipients,
            Term.SESSIONS: self.sessions,
            Term.ANONYMOUS_SESSIONS: self.anonymous_sessions,
            Term.AUDIT_ADDRESSES: self.audit_addresses,
            Term.ATTEMPTS: self.attempts,
        }[term]

    def too_short(self) -> dict[Term, str]:
        """The terms that are shorter than trust needs, and why they may not be."""
        return {term: WHY_NOT_SHORTER[term] for term in Term if self.term(term) < LEAST[term]}
