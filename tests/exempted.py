"""Exempts people as support does, without the desk around it."""

from datetime import datetime, timedelta

from domain.desk.exemptions import STANDARD_BASES, Basis
from store import Session
from store.people import exemptions
from store.people.accounts import Account
from store.people.exemptions import Exemption, Grant


def exempted(
    session: Session, account: Account, basis: str | Basis, *, days: float, at: datetime, evidence: str = ""
) -> Exemption:
    """An exemption of an account, from now on."""
    ground = basis if isinstance(basis, Basis) else STANDARD_BASES.find(basis)
    assert ground
    grant = Grant(
        basis=ground,
        reason="they called",
        evidence=evidence,
        asked_by="sam",
        approved_by=None,
        expires_at=at + timedelta(days=days),
    )
    return exemptions.add(session, account, grant, at=at)
