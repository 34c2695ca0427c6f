"""What of a journal entry goes into its day's digest: what an erasure leaves as it is, so that it breaks no chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.evidence.canonical import canonical, instant
from domain.journal import Actor, EventKind
from domain.rights.pseudonyms import without_person

NEWEST_RULE = 1
"""The rule by which days are sealed now. A day keeps the rule that it was sealed by."""

REASON = "reason"

RULES: Mapping[int, frozenset[str]] = {
    1: frozenset(
        {
            *("method", "milliseconds", "platform", "ceremony", "name", "capable"),
            *("template", "channel", "purpose", "key", "country", "ordinal", "milestone"),
            *("passkey_id", "set_id", "app_id", "contact_id", "objection_id", "request_id", "deadline"),
            *("exemption_id", "ends_at"),
            *("outcome", "change", "what", "credential", "answer", "synced", "shared", "lacks", "fields"),
            *("email_unverified", "days", "rest", "host", "offramp", "sms", "sms_was", "form"),
            *("by", "together_with", "on_behalf_of", REASON),
        }
    )
}
"""The fields of an entry's detail that count by each rule. All of them stay when the person is erased; of reasons those
that were chosen from a list. A rule by which days are sealed never changes: what stays later makes another rule.
"""

_LEAF = b"\x00"
"""What stands before an entry that is hashed (RFC 6962, 2.1), so that no inner node can pass for an entry."""


@dataclass(frozen=True, kw_only=True)
class EntryRecord:
    """One entry of the journal as it stands."""

    entry_id: int
    account_id: str
    version: int
    kind: str
    actor: str
    at: datetime
    detail: Mapping[str, Any]

    def lasting(self, rule: int) -> dict[str, Any]:
        """The entry as it is hashed, and as a pack shows it: without what an erasure would take away."""
        staying = without_person(EventKind(self.kind), Actor(self.actor), self.detail)
        return {
            "entry_id": self.entry_id,
            "account_id": self.account_id,
            "version": self.version,
            "kind": self.kind,
            "actor": self.actor,
            "at": instant(self.at),
            "detail": {name: value for name, value in staying.items() if name in RULES[rule]},
        }


def leaf(lasting: Mapping[str, Any]) -> bytes:
    """The digest of an entry, as `lasting` gives it."""
    return sha256(_LEAF + canonical(lasting)).digest()
