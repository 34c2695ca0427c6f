"""Which passkeys devices may go on offering, and which are gone for good: an objection can bring removed ones back."""

from datetime import datetime

from sqlmodel import Session, select

from domain.safety.objections import can_bring_back
from store.people import accounts, passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey


def find_ever_bound(session: Session, credential_id: str) -> Passkey | None:
    """The passkey of a credential id, even if it is removed."""
    return session.exec(select(Passkey).where(Passkey.credential_id == credential_id)).first()


def credential_ids(session: Session, account: Account, *, remover: str, now: datetime) -> list[str]:
    """The credential ids that devices go on offering, oldest first: those on hold too, and those that may come back.

    Not so what the session `remover` itself has removed: whoever did that wants to see it gone.
    """
    return [
        passkey.credential_id
        for passkey in passkeys.ever_bound(session, account.account_id)
        if passkey.removed_at is None
        or (passkey.removed_in != remover and _may_come_back(account, passkey, now=now))
    ]


def is_gone(session: Session, passkey: Passkey, *, now: datetime) -> bool:
    """Whether a passkey is removed for good."""
    account = accounts.get(session, passkey.account_id)
    return passkey.removed_at is not None and not _may_come_back(account, passkey, now=now)


def _may_come_back(account: Account, passkey: Passkey, *, now: datetime) -> bool:
    """What support or the end of a dispute removes stays removed; an objection is to what a session did."""
    if passkey.removed_at is None or passkey.removed_in is None:
        return False
    return account.disputed_since is not None or can_bring_back(passkey.removed_at, now)
