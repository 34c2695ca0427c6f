"""Reads what is provisional of an account, and counts it over all accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, not_, or_, select

from domain.facts import Channel
from domain.safety.provisional import Provisional, ProvisionalKind
from store.people import authenticator_apps, contacts, passkeys, recovery_codes, trust
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode

_CONTACTS = {
    Channel.EMAIL: (ProvisionalKind.EMAIL, "E-mail address"),
    Channel.SMS: (ProvisionalKind.PHONE, "Phone number"),
}


def of_account(session: Session, account: Account, *, now: datetime) -> list[Provisional]:
    """What of an account is provisional now: passkeys first, then codes, apps and contacts."""
    new_things = [
        Provisional(
            kind=ProvisionalKind.PASSKEY, subject_id=row.passkey_id, name=row.name, trust=trust.of_row(row)
        )
        for row in passkeys.active(session, account.account_id)
    ]
    new_things += [
        Provisional(
            kind=ProvisionalKind.CODES, subject_id=row.set_id, name="Recovery codes", trust=trust.of_row(row)
        )
        for row in recovery_codes.other_sets(session, account.account_id, "")
    ]
    new_things += [
        Provisional(
            kind=ProvisionalKind.AUTHENTICATOR_APP,
            subject_id=row.app_id,
            name="Authenticator app",
            trust=trust.of_row(row),
        )
        for row in authenticator_apps.working(session, account.account_id)
    ]
    for channel, contact in contacts.present(session, account).items():
        if contact.contact_id:
            kind, name = _CONTACTS[channel]
            new_things.append(
                Provisional(kind=kind, subject_id=contact.contact_id, name=name, trust=contact.trust)
            )
    return [new for new in new_things if not new.trust.is_established(now)]


def count(session: Session, *, now: datetime) -> dict[ProvisionalKind, int]:
    """How many passkeys, sets of recovery codes, apps and contacts are provisional now, by kind."""
    keys = select(func.count()).select_from(Passkey)
    apps = select(func.count()).select_from(AuthenticatorApp)
    sets = select(func.count(func.distinct(col(RecoveryCode.set_id))))
    kept = select(func.count()).select_from(ContactRecord).where(col(ContactRecord.ended_at).is_(None))
    counts = {
        ProvisionalKind.PASSKEY: keys.where(*passkeys.is_active(), _is_provisional(Passkey, now)),
        ProvisionalKind.CODES: sets.where(*recovery_codes.works_now(), _is_provisional(RecoveryCode, now)),
        ProvisionalKind.AUTHENTICATOR_APP: apps.where(
            *authenticator_apps.works_now(), _is_provisional(AuthenticatorApp, now)
        ),
    }
    for channel, (kind, _) in _CONTACTS.items():
        counts[kind] = kept.where(ContactRecord.channel == channel, _is_provisional(ContactRecord, now))
    return {kind: session.execute(query).scalar_one() for kind, query in counts.items()}


def _is_provisional(table: Any, now: datetime) -> ColumnElement[bool]:
    is_unknown = col(table.established_from).is_(None)
    return or_(is_unknown, not_(trust.is_established(table, now)))
