"""Takes a passkey out of use, whoever decided it: its owner, support, or the settling of a dispute."""

from datetime import datetime

from sqlmodel import Session

from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.safety.routes import require_route_without_passkey
from domain.trust import Bearer
from store.journeys import facts
from store.messages import notices
from store.people import journal, lineage, passkeys, sessions
from store.people.accounts import Account
from store.people.passkeys import Passkey


def require_another_way(session: Session, passkey: Passkey) -> None:
    """Raise LastRoute if removing the passkey leaves no proven way in that lasts."""
    account_facts = facts.read(session, passkey.account_id)
    require_route_without_passkey(account_facts, proven=passkey.last_used_at is not None)


def carry_out(
    session: Session,
    account: Account,
    passkey: Passkey,
    bearer: Bearer | None,
    /,
    *,
    at: datetime,
    actor: Actor,
    **detail: str,
) -> None:
    """Remove the passkey, tell the owner, and end its sessions, all that goes back to them, and the one that bound it.

    `bearer` is the session that removes it, `detail` further fields of the journal entry.
    """
    passkey_id, name, bound_in = passkey.passkey_id, passkey.name, passkey.bound_in
    gone = lineage.of_passkey(session, passkey).session_ids | ({bound_in} if bound_in else set())
    if bearer and bearer.session_id:
        gone.discard(bearer.session_id)  # unless it signed in by this very passkey
    passkeys.remove(
        session,
        passkey,
        at=at,
        removed_in=bearer.session_id if bearer else None,
        removed_as=bearer.assurance if bearer else None,
    )
    sessions.end_these(session, gone, at=at)
    sessions.end_of_passkey(session, passkey_id, at=at)
    kind, account_id = EventKind.PASSKEY_REMOVED, account.account_id
    journal.append(session, account_id, kind, at=at, actor=actor, passkey_id=passkey_id, **detail)
    values = {"device": name, "passkey_id": passkey_id}
    notices.tell(
        session, account, Template.PASSKEY_REMOVED, event=passkey_id, at=at, values=values, by=bearer
    )
