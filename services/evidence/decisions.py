"""Who decided what: the audit about accounts and a cohort, with members by their ids and no network address."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from domain.evidence.records import PackedDecision
from store import Session
from store.evidence import decisions
from store.staff.audit import AuditEntry


def decisions_about(session: Session, account_ids: Sequence[str]) -> Mapping[str, Sequence[PackedDecision]]:
    """What staff did about some accounts, by account id, oldest first."""
    by_account: defaultdict[str, list[PackedDecision]] = defaultdict(list)
    for entry in decisions.of_accounts(session, account_ids):
        by_account[entry.account_id or ""].append(_packed(entry))
    return by_account


def decisions_on(session: Session, cohort_id: str) -> Iterator[PackedDecision]:
    """What staff did with a cohort as a whole, oldest first."""
    return map(_packed, decisions.of_cohort(session, cohort_id))


def who(by: str) -> str:
    """A member or somebody on this machine without an address: what stands before the at-sign."""
    return by.partition("@")[0]


def _packed(entry: AuditEntry) -> PackedDecision:
    return PackedDecision(
        entry_id=entry.entry_id or 0,
        at=entry.at,
        kind=entry.kind,
        by=entry.staff_id or who(entry.by),
        role=entry.role,
        account_id=entry.account_id,
        cohort_id=entry.cohort_id,
        reason=entry.reason,
        detail=entry.detail,
    )
