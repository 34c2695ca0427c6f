"""Takes what a host tells of its accounts; whoever gets another number or address by that is told of it."""

from collections.abc import Sequence
from datetime import datetime

from domain.facts import Channel
from domain.messages.messages import Template
from domain.safety.bindings import host_binding
from domain.trust import Trust
from store import Session
from store.journeys import waits
from store.messages import notices
from store.people import accounts, imports, passkeys
from store.people.accounts import Account
from store.people.host_bindings import HostBinding
from store.people.imports import Imported
from store.people.told_accounts import ImportedAccount

_TOLD_BY = {Channel.EMAIL: Template.EMAIL_CHANGED, Channel.SMS: Template.PHONE_CHANGED}


def take(
    session: Session, imported: Sequence[ImportedAccount], *, at: datetime, is_locked: bool = False
) -> Imported:
    """Import accounts, and tell all contacts of the last 30 days of every number and address that the host changed.

    Such a contact is a new binding. The host vouches for it at once, unless the account has an established passkey:
    then it is established after the cooling-off of the account's policy, counted from the import, because that is when
    the notice is queued. Accounts without a journey have the standard policy. The former contact is kept as ended.
    `is_locked`: all accounts are there, and the caller has locked them.
    """

    def bind(account: Account) -> Trust:
        return host_binding(
            guarded=passkeys.guards(session, account.account_id, now=at),
            is_disputed=account.disputed_since is not None,
            cooling_off=waits.policy_now(session, account.account_id, now=at).cooling_off,
            now=at,
        )

    total = imports.take(session, imported, at=at, bind=bind, is_locked=is_locked)
    for binding in total.bindings:
        if binding.replaces or binding.trust.established_from != at:
            _tell(session, binding, at=at)
    return total


def _tell(session: Session, binding: HostBinding, *, at: datetime) -> None:
    account = accounts.lock(session, binding.account_id)
    values = {"contact_id": binding.contact_id}
    template, event = _TOLD_BY[binding.channel], binding.contact_id
    notices.tell(session, account, template, event=event, at=at, values=values)
