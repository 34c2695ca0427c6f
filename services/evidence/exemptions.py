"""Who was left alone for a time or given more time: the one place from which a pack takes exemptions."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.desk.exemptions import ExemptionRecord
from domain.evidence.records import PackedExemption
from store.evidence.people import AccountRows

STANDING = "stands"
"""What the line is called that says how things stand when the pack is made."""

REGISTERED = "registered"
"""What the line of the register of exemptions is called."""


def exemptions(rows: AccountRows, *, now: datetime) -> Iterator[PackedExemption]:
    """The register's exemptions, then support's acts, oldest first, and last how the account stands if left alone."""
    account = rows.account
    yield from map(_registered, rows.exemptions)
    for entry in rows.exempting:
        days = entry.detail.get("days")
        yield PackedExemption(
            account_id=account.account_id,
            at=entry.at,
            what=entry.kind,
            rest=entry.detail.get("rest"),
            days=days,
            until=entry.at + timedelta(days=days) if isinstance(days, int) else None,
            by=entry.detail.get("by"),
            together_with=entry.detail.get("together_with"),
            reason=entry.detail.get("reason"),
        )
    if account.rests_until and account.rests_until > now:
        yield PackedExemption(
            account_id=account.account_id,
            at=now,
            what=STANDING,
            rest=account.rest,
            days=None,
            until=account.rests_until,
            by=None,
            together_with=None,
            reason=None,
        )


def _registered(exemption: ExemptionRecord) -> PackedExemption:
    return PackedExemption(
        account_id=exemption.account_id,
        at=exemption.granted_at,
        what=REGISTERED,
        rest=exemption.basis,
        days=None,
        until=exemption.expires_at,
        by=exemption.asked_by,
        together_with=exemption.approved_by,
        reason=exemption.reason,
        evidence=exemption.evidence or None,
        review_at=exemption.review_at,
        ended_at=exemption.ended_at,
        ended_because=exemption.ended_because,
    )
