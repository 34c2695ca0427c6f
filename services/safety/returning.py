"""Brings back what disputed sessions have taken away, and takes it away again when a dispute is dismissed."""

from collections.abc import Iterator
from datetime import datetime

from domain.facts import Channel
from domain.safety.disputes import Did, DisputeSubject, Effect
from domain.safety.objections import may_hold, may_hold_app
from store import Session
from store.journeys import facts
from store.people import (
    authenticator_apps,
    contact_changes,
    contacts,
    held_passkeys,
    passkeys,
    recovery_codes,
    waiting_changes,
)
from store.people.accounts import Account
from store.people.contacts import ContactRecord, KnownContact
from store.people.lineage import Tree


def bring_back(session: Session, account: Account, tree: Tree, *, at: datetime) -> Iterator[Effect]:
    """Bring back what the sessions of a tree removed or replaced, and withdraw what they have asked for."""
    for session_id in sorted(tree.session_ids):
        yield from _passkeys(session, account.account_id, tree, session_id)
        yield from _codes(session, account.account_id, tree, session_id)
        yield from _apps(session, account.account_id, tree, session_id)
    yield from _contacts(session, account, tree, at=at)
    for change in waiting_changes.withdraw_of(session, account.account_id, tree.session_ids, at=at):
        yield Effect(subject=DisputeSubject.WAITING_CHANGE, subject_id=change.change_id, did=Did.WITHDRAWN)


def take_away_again(session: Session, account: Account, effect: Effect, *, at: datetime) -> None:
    """Undo that something came back. It is on record as taken by the same session as before."""
    account_id, taken_in = account.account_id, effect.taken_in or None
    match effect.subject:
        case DisputeSubject.PASSKEY:
            passkey = passkeys.find_kept(session, account_id, effect.subject_id)
            if passkey is None or not may_hold(
                facts.read(session, account_id), proven=passkey.last_used_at is not None
            ):
                return
            if effect.was_on_hold:
                held_passkeys.hold_as_lost(session, passkey, at=at, held_in=effect.taken_in)
            else:
                passkeys.remove(session, passkey, at=at, removed_in=taken_in)
        case DisputeSubject.CODES:
            recovery_codes.void_set(session, account_id, effect.subject_id, at=at, voided_in=taken_in)
        case DisputeSubject.AUTHENTICATOR_APP:
            app = authenticator_apps.find(session, account_id, effect.subject_id)
            if app and may_hold_app(facts.read(session, account_id)):
                authenticator_apps.remove(session, app, at=at, removed_in=taken_in)
        case DisputeSubject.EMAIL | DisputeSubject.PHONE:
            record = contacts.get(session, effect.subject_id)
            contact_changes.take_away(session, account, record, at=at, ended_in=taken_in)


def own_contacts(session: Session, account: Account) -> set[str]:
    """The ids of the contacts that are the account's own now, and not only the host's."""
    return {
        contact.contact_id for contact in contacts.present(session, account).values() if contact.contact_id
    }


def is_free(session: Session, account: Account, effect: Effect, returned_ids: set[str]) -> bool:
    """Whether a contact that was held can be the account's again: no other has come since the dispute began."""
    channel = Channel(contacts.get(session, effect.subject_id).channel)
    present = contacts.present(session, account).get(channel)
    return present is None or present.contact_id in returned_ids


def subject_of(channel: str) -> DisputeSubject:
    """What a contact is in a dispute."""
    return DisputeSubject.EMAIL if channel == Channel.EMAIL else DisputeSubject.PHONE


def _passkeys(session: Session, account_id: str, tree: Tree, session_id: str) -> Iterator[Effect]:
    for passkey in passkeys.removed_in(session, account_id, session_id):
        if passkey.passkey_id in tree.passkey_ids:
            continue
        was_on_hold = passkey.removed_at is None
        passkeys.bring_back(session, passkey)
        yield Effect(
            subject=DisputeSubject.PASSKEY,
            subject_id=passkey.passkey_id,
            did=Did.BROUGHT_BACK,
            was_on_hold=was_on_hold,
            taken_in=session_id,
        )


def _codes(session: Session, account_id: str, tree: Tree, session_id: str) -> Iterator[Effect]:
    for set_id in sorted(recovery_codes.voided_in(session, account_id, session_id) - tree.set_ids):
        recovery_codes.bring_back(session, account_id, set_id)
        yield Effect(
            subject=DisputeSubject.CODES, subject_id=set_id, did=Did.BROUGHT_BACK, taken_in=session_id
        )


def _apps(session: Session, account_id: str, tree: Tree, session_id: str) -> Iterator[Effect]:
    for app in authenticator_apps.removed_in(session, account_id, session_id):
        if app.app_id in tree.app_ids:
            continue
        authenticator_apps.bring_back(session, app)
        yield Effect(
            subject=DisputeSubject.AUTHENTICATOR_APP,
            subject_id=app.app_id,
            did=Did.BROUGHT_BACK,
            taken_in=session_id,
        )


def _contacts(session: Session, account: Account, tree: Tree, *, at: datetime) -> Iterator[Effect]:
    """The last contact of each channel that the tree has replaced, unless another has come since, from elsewhere."""
    present = contacts.present(session, account)
    for channel, record in _replaced(session, account, tree).items():
        own = present.get(channel)
        if own and own.contact_id not in tree.contact_ids and _is_persons(session, own):
            continue
        taken_in = record.ended_in or ""
        contact_changes.bring_back(session, account, record, at=at)
        yield Effect(
            subject=subject_of(channel),
            subject_id=record.contact_id,
            did=Did.BROUGHT_BACK,
            taken_in=taken_in,
        )


def _is_persons(session: Session, own: KnownContact) -> bool:
    """Whether somebody took a contact who was signed in, and not the host."""
    return own.contact_id is not None and contacts.get(session, own.contact_id).bound_in is not None


def _replaced(session: Session, account: Account, tree: Tree) -> dict[Channel, ContactRecord]:
    former = [
        record
        for session_id in sorted(tree.session_ids)
        for record in contacts.ended_by(session, account.account_id, session_id)
        if record.contact_id not in tree.contact_ids
    ]
    by_host = [contacts.replaced_by_host(session, contact_id) for contact_id in sorted(tree.contact_ids)]
    former += [record for record in by_host if record]
    former.sort(key=lambda record: record.ended_at or record.bound_at)
    return {Channel(record.channel): record for record in former}
