"""What an objection does to everything that stems from the disputed session, and how the settlement ends or undoes it.

First what the session removed or replaced comes back, then what it bound is stopped. What was there before it began is
not touched, but the route that opened it, which from then on changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import LastRoute
from domain.facts import Facts, Method
from domain.journal import Actor
from domain.safety.disputes import Did, DisputeSubject, Effect, stop_passkey
from domain.safety.objections import as_disputed, may_hold, may_hold_app, may_void_codes
from services.safety import returning, shared_effects
from services.safety.shared_effects import read_effects
from store import Session
from store.journeys import facts
from store.people import (
    authenticator_apps,
    contact_changes,
    contacts,
    held_passkeys,
    lineage,
    passkeys,
    recovery_codes,
    sessions,
    trust,
)
from store.people.accounts import Account
from store.people.lineage import Tree
from store.people.passkeys import Passkey
from store.safety import app_removal, disputed_browsers, objections, passkey_removal
from store.safety.objections import Objection


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """A disputed session with all that goes back to it, and the route that opened it, if that is on record."""

    tree: Tree
    opener_passkey_id: str | None = None
    opener_set_id: str | None = None
    opener_app_id: str | None = None


def of_notice(
    session: Session,
    account_id: str,
    *,
    session_id: str | None,
    passkey_id: str | None,
    set_id: str | None,
    app_id: str | None = None,
    contact_id: str | None = None,
) -> Disputed:
    """What a notice is about: the session that made the change, or at least the route or contact that it names.

    A contact that the host has changed was changed by no session.
    """
    web_session = sessions.look_up(session, session_id) if session_id else None
    if web_session is None:
        passkey = passkeys.find_kept(session, account_id, passkey_id)
        tree = lineage.of_passkey(session, passkey) if passkey else Tree()
        tree.set_ids |= {set_id} if set_id else set()
        if app := authenticator_apps.find(session, account_id, app_id):
            tree.app_ids.add(app.app_id)
        tree.contact_ids |= {contact_id} if contact_id else set()
        return Disputed(tree=tree)
    return Disputed(
        tree=lineage.of_session(session, account_id, web_session.session_id),
        opener_passkey_id=web_session.passkey_id if web_session.method == Method.PASSKEY else None,
        opener_set_id=web_session.set_id,
        opener_app_id=web_session.app_id,
    )


def stop(
    session: Session, account: Account, disputed: Disputed, known_facts: Facts, *, at: datetime
) -> list[Effect]:
    """Bring back what the disputed sessions took away, and stop what they bound; returns what was done.

    `known_facts` are those from before the objection: text-message codes that it has brought back are no last way in.
    """
    own_contacts = returning.own_contacts(session, account)
    known_facts = _without_apps(session, account, disputed, known_facts)
    effects = [*returning.bring_back(session, account, disputed.tree, at=at)]
    for passkey in _passkeys(session, account.account_id, disputed.tree):
        effects.append(_stop_passkey(session, passkey, disputed.tree, known_facts, at=at))
    effects += _hold_codes(session, account.account_id, disputed.tree.set_ids, known_facts, at=at)
    effects += _hold_apps(session, account.account_id, disputed.tree.app_ids, at=at)
    displaced = own_contacts - returning.own_contacts(session, account)
    disputed_contacts = disputed.tree.contact_ids & own_contacts
    effects += _hold_contacts(session, account, disputed_contacts | displaced, at=at)
    effects += _stop_opener(session, account.account_id, disputed, known_facts, at=at)
    effects += shared_effects.of_open(
        session, account.account_id, disputed.tree, disputed.opener_set_id, disputed.opener_app_id
    )
    return effects


def uphold(
    session: Session,
    account: Account,
    objection: Objection,
    *,
    at: datetime,
    actor: Actor,
    by: str,
    spares_opener: bool = False,
) -> None:
    """Remove for good what was stopped, and forget its browsers; what was brought back stays. Raises LastRoute.

    `spares_opener`: the way in that opened the visit stays, because it is older than the visit, and nobody has looked
    whose hands it is in, or who says so may not remove it at once.
    """
    others = shared_effects.kept_by_others(session, objection)
    gone = _gone(objection, spares_opener=spares_opener)
    disputed_browsers.forget(session, objection, gone)
    for effect in read_effects(objection):
        if effect.did not in (Did.HELD, Did.LOWERED):
            continue
        if effect not in gone:
            if shared_effects.key(effect) not in others:
                _release(session, account, effect, at=at)
            continue
        match effect.subject:
            case DisputeSubject.PASSKEY:
                if passkey := passkeys.find_kept(session, account.account_id, effect.subject_id):
                    _remove(session, account, passkey, at=at, actor=actor, by=by)
            case DisputeSubject.CODES:
                recovery_codes.void_set(session, account.account_id, effect.subject_id, at=at)
            case DisputeSubject.AUTHENTICATOR_APP:
                if app := authenticator_apps.find(session, account.account_id, effect.subject_id):
                    app_removal.carry_out(session, account, app, None, at=at, actor=actor, by=by)


def dismiss(session: Session, account: Account, objection: Objection, *, at: datetime) -> None:
    """Undo what the objection did, in reverse; what another dispute holds or has brought back stays so."""
    others = shared_effects.kept_by_others(session, objection)
    returned_ids = {effect.subject_id for effect in read_effects(objection) if effect.did is Did.BROUGHT_BACK}
    for effect in reversed(read_effects(objection)):
        if shared_effects.key(effect) in others:
            continue
        if effect.did is Did.BROUGHT_BACK:
            returning.take_away_again(session, account, effect, at=at)
        elif not effect.subject.is_contact or returning.is_free(session, account, effect, returned_ids):
            _release(session, account, effect, at=at)


def _passkeys(session: Session, account_id: str, tree: Tree) -> list[Passkey]:
    kept = [passkeys.find_kept(session, account_id, passkey_id) for passkey_id in sorted(tree.passkey_ids)]
    return [passkey for passkey in kept if passkey]


def _stop_passkey(
    session: Session, passkey: Passkey, tree: Tree, known_facts: Facts, *, at: datetime
) -> Effect:
    subject, passkey_id = DisputeSubject.PASSKEY, passkey.passkey_id
    if _was_on_hold(session, passkey):
        return Effect(subject=subject, subject_id=passkey_id, did=Did.HELD, was_on_hold=True)
    outside = [
        other
        for other in passkeys.active(session, passkey.account_id)
        if other.passkey_id not in tree.passkey_ids and trust.of_row(other).is_established(at)
    ]
    did = stop_passkey(
        is_established=trust.of_row(passkey).is_established(at),
        guards_alone=not outside,
        may_hold=_may_hold(session, passkey, tree, known_facts),
    )
    if did is Did.HELD:
        held_passkeys.freeze(session, passkey, at=at)
    else:
        held_passkeys.lower(session, passkey, at=at)
    return Effect(subject=subject, subject_id=passkey_id, did=did)


def _was_on_hold(session: Session, passkey: Passkey) -> bool:
    """Whether a passkey is on hold for another reason than an open dispute."""
    return not passkey.is_active and not any(
        effect.subject_id == passkey.passkey_id and effect.did is Did.HELD and not effect.was_on_hold
        for objection in objections.of_account(session, passkey.account_id)
        if objection.settled_at is None
        for effect in read_effects(objection)
    )


def _may_hold(session: Session, passkey: Passkey, tree: Tree, known_facts: Facts) -> bool:
    """Whether a proven way in remains. Passkeys outside the tree count, also those that have just come back."""
    outside = [
        other
        for other in passkeys.active(session, passkey.account_id)
        if other.passkey_id not in tree.passkey_ids and other.last_used_at
    ]
    return bool(outside) or may_hold(known_facts, proven=passkey.last_used_at is not None)


def _hold_codes(
    session: Session,
    account_id: str,
    set_ids: set[str],
    known_facts: Facts,
    *,
    at: datetime,
    opened: bool = False,
) -> Iterator[Effect]:
    for set_id in sorted(set_ids):
        code = recovery_codes.working_set(session, account_id, set_id)
        if code is None or (code.proven_at and not may_void_codes(known_facts)):
            continue
        recovery_codes.hold_set(session, account_id, set_id, at=at)
        yield Effect(subject=DisputeSubject.CODES, subject_id=set_id, did=Did.HELD, opened=opened)


def _without_apps(session: Session, account: Account, disputed: Disputed, known_facts: Facts) -> Facts:
    """The facts without the apps that are to be held themselves: what is disputed keeps nothing else open."""
    app_ids = disputed.tree.app_ids | {disputed.opener_app_id}
    apps = authenticator_apps.working(session, account.account_id)
    left = sum(app.app_id not in app_ids for app in apps)
    return replace(known_facts, authenticator_apps=left)


def _hold_apps(
    session: Session, account_id: str, app_ids: set[str], *, at: datetime, opened: bool = False
) -> Iterator[Effect]:
    """Hold apps, each unless nothing else that is proven is open by now: it is looked at anew, for much may be held."""
    for app_id in sorted(app_ids):
        app = authenticator_apps.find(session, account_id, app_id)
        if app is None or not app.is_working:
            continue
        if not may_hold_app(as_disputed(facts.read(session, account_id))):
            continue
        authenticator_apps.hold(session, app, at=at)
        subject = DisputeSubject.AUTHENTICATOR_APP
        yield Effect(subject=subject, subject_id=app_id, did=Did.HELD, opened=opened)


def _hold_contacts(
    session: Session, account: Account, contact_ids: set[str], *, at: datetime
) -> Iterator[Effect]:
    for contact_id in sorted(contact_ids):
        record = contacts.get(session, contact_id)
        if record.ended_at is None:
            contact_changes.take_away(session, account, record, at=at)
        contact_changes.hold(session, record, at=at)
        yield Effect(subject=returning.subject_of(record.channel), subject_id=contact_id, did=Did.HELD)


def _stop_opener(
    session: Session, account_id: str, disputed: Disputed, known_facts: Facts, *, at: datetime
) -> Iterator[Effect]:
    passkey = passkeys.find_kept(session, account_id, disputed.opener_passkey_id)
    if passkey and passkey.passkey_id not in disputed.tree.passkey_ids:
        held_passkeys.lower(session, passkey, at=at)
        yield Effect(
            subject=DisputeSubject.PASSKEY, subject_id=passkey.passkey_id, did=Did.LOWERED, opened=True
        )
    if disputed.opener_set_id and disputed.opener_set_id not in disputed.tree.set_ids:
        yield from _hold_codes(session, account_id, {disputed.opener_set_id}, known_facts, at=at, opened=True)
    if disputed.opener_app_id and disputed.opener_app_id not in disputed.tree.app_ids:
        yield from _hold_apps(session, account_id, {disputed.opener_app_id}, at=at, opened=True)


def _gone(objection: Objection, *, spares_opener: bool) -> list[Effect]:
    """What goes for good when an objection is upheld: what it stopped, but perhaps for the opener."""
    return [
        effect
        for effect in read_effects(objection)
        if effect.did in (Did.HELD, Did.LOWERED) and not (effect.opened and spares_opener)
    ]


def _remove(
    session: Session, account: Account, passkey: Passkey, *, at: datetime, actor: Actor, by: str
) -> None:
    account_facts = facts.read(session, account.account_id)
    if passkey.is_active and not may_hold(account_facts, proven=passkey.last_used_at is not None):
        raise LastRoute(
            "the passkey is the last way into the account that is known to work; help to another first"
        )
    passkey_removal.carry_out(session, account, passkey, None, at=at, actor=actor, by=by)


def _release(session: Session, account: Account, effect: Effect, *, at: datetime) -> None:
    if effect.was_on_hold:
        return
    account_id = account.account_id
    match effect.subject:
        case DisputeSubject.PASSKEY:
            if passkey := passkeys.find_kept(session, account_id, effect.subject_id):
                held_passkeys.thaw(session, passkey)
                held_passkeys.lift(session, passkey)
        case DisputeSubject.CODES:
            recovery_codes.hold_set(session, account_id, effect.subject_id, at=None)
        case DisputeSubject.AUTHENTICATOR_APP:
            if app := authenticator_apps.find(session, account_id, effect.subject_id):
                authenticator_apps.hold(session, app, at=None)
        case DisputeSubject.EMAIL | DisputeSubject.PHONE:
            contact_changes.bring_back(session, account, contacts.get(session, effect.subject_id), at=at)
