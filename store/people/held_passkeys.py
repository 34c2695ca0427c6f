"""Passkeys that are frozen, lost, lowered or suspected, and what takes that back."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Unknown
from domain.passkeys import Suspicion
from store.people import passkeys
from store.people.passkeys import Passkey


def freeze(session: Session, passkey: Passkey, *, at: datetime, is_lost: bool = False) -> None:
    """Put a passkey on hold: it opens nothing and counts for nothing until it is thawed."""
    passkey.frozen_at, passkey.is_lost = at, is_lost
    _keep(session, passkey)


def hold_as_lost(session: Session, passkey: Passkey, *, at: datetime, held_in: str) -> None:
    """Put a passkey on hold because its owner has lost it; `held_in` is the session that says so."""
    passkey.removed_in = held_in
    freeze(session, passkey, at=at, is_lost=True)


def get_lost(session: Session, account_id: str, passkey_id: str) -> Passkey:
    """A passkey of this account that is on hold as lost; raises Unknown."""
    passkey = passkeys.find_kept(session, account_id, passkey_id)
    if passkey is None or not passkey.is_lost:
        raise Unknown(f"no lost passkey {passkey_id} in this account")
    return passkey


def thaw(session: Session, passkey: Passkey) -> None:
    """Take a passkey off hold, so that it opens and counts as before."""
    passkey.frozen_at, passkey.is_lost = None, False
    passkey.removed_in = passkey.removed_in if passkey.removed_at else None
    _keep(session, passkey)


def lower(session: Session, passkey: Passkey, *, at: datetime) -> None:
    """Let a passkey sign in and change nothing, for as long as a dispute about it is open."""
    passkey.lowered_at = at
    _keep(session, passkey)


def lift(session: Session, passkey: Passkey) -> None:
    """Let a lowered passkey change things again, as far as it is established."""
    passkey.lowered_at = None
    _keep(session, passkey)


def suspect(session: Session, passkey: Passkey, suspicion: Suspicion) -> None:
    """Note how a passkey behaved that may be a copy."""
    passkey.suspicion = suspicion
    session.add(passkey)
    session.flush()


def trust_again(session: Session, passkey: Passkey) -> None:
    """Suspect a passkey no longer: whatever it reports next, of its counter and of being synced, counts as right."""
    passkey.suspicion, passkey.sign_count = None, 0
    passkey.backup_eligible = passkey.backed_up = False
    session.add(passkey)
    session.flush()


def _keep(session: Session, passkey: Passkey) -> None:
    session.add(passkey)
    session.flush()
