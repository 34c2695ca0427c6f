"""Takes a passkey off hold, whoever decided it: its owner, its own device after a wait, or support."""

from datetime import datetime

from sqlmodel import Session

from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.trust import Bearer
from store.messages import notices
from store.people import held_passkeys, journal
from store.people.accounts import Account
from store.people.passkeys import Passkey


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
    """Let the passkey sign in again, and tell the owner.

    `bearer` is the session that releases it, `detail` further fields of the journal entry.
    """
    held_passkeys.thaw(session, passkey)
    passkey_id, name, account_id = passkey.passkey_id, passkey.name, account.account_id
    kind = EventKind.PASSKEY_RELEASED
    version = journal.append(session, account_id, kind, at=at, actor=actor, passkey_id=passkey_id, **detail)
    values, event = {"device": name, "passkey_id": passkey_id}, f"{passkey_id}-{version}"
    template = Template.PASSKEY_RELEASED
    notices.tell(session, account, template, event=event, at=at, values=values, by=bearer)
