"""What several disputes of an account have done in common, so that the end of one does not undo another."""

from collections.abc import Iterator
from dataclasses import replace

from domain.safety.disputes import Did, DisputeSubject, Effect
from domain.safety.objections import Outcome
from store import Session
from store.people.lineage import Tree
from store.safety import objections
from store.safety.objections import Objection

Key = tuple[DisputeSubject, str, bool]
"""A subject, its id, and whether it was brought back; otherwise it was stopped."""

_STOPPED = (Did.HELD, Did.LOWERED)


def read_effects(objection: Objection) -> list[Effect]:
    """What an objection did, in the order in which it was done."""
    return [Effect.read(kept) for kept in objection.effects]


def key(effect: Effect) -> Key:
    """By what the effects of two objections are the same."""
    return effect.subject, effect.subject_id, effect.did is Did.BROUGHT_BACK


def of_open(
    session: Session, account_id: str, tree: Tree, opener_set_id: str | None, opener_app_id: str | None
) -> Iterator[Effect]:
    """What open disputes have done to a disputed tree, and a further one finds done: it keeps that done, too."""
    app_ids = tree.app_ids | ({opener_app_id} if opener_app_id else set())
    first_effects: dict[Key, Effect] = {}
    for other in objections.of_account(session, account_id):
        if other.settled_at is None:
            for effect in read_effects(other):
                if _is_in(effect, tree, opener_set_id, app_ids):
                    first_effects.setdefault(key(effect), effect)
    for effect in first_effects.values():
        is_codes = effect.subject is DisputeSubject.CODES
        is_held = effect.did is Did.HELD
        is_app = effect.subject is DisputeSubject.AUTHENTICATOR_APP
        opened = is_codes and is_held and effect.subject_id not in tree.set_ids
        opened = opened or (is_app and is_held and effect.subject_id not in tree.app_ids)
        yield replace(effect, opened=opened)


def kept_by_others(session: Session, objection: Objection) -> set[Key]:
    """What other disputes hold or have brought back, and the end of this one does not change.

    Contacts, and what came back, stay as an objection left them that was upheld while this one was open.
    """
    kept: set[Key] = set()
    for other in objections.of_account(session, objection.account_id):
        if other.objection_id == objection.objection_id:
            continue
        effects = read_effects(other)
        if other.settled_at is None:
            kept |= {key(effect) for effect in effects if effect.did is not Did.WITHDRAWN}
        elif other.outcome == Outcome.UPHELD and other.settled_at >= objection.made_at:
            kept |= {key(effect) for effect in effects if _stays_when_upheld(effect)}
    return kept


def _is_in(effect: Effect, tree: Tree, opener_set_id: str | None, app_ids: set[str]) -> bool:
    if effect.did is Did.BROUGHT_BACK:
        return effect.taken_in in tree.session_ids
    if effect.did not in _STOPPED:
        return False
    if effect.subject.is_contact:
        return effect.subject_id in tree.contact_ids
    if effect.subject is DisputeSubject.AUTHENTICATOR_APP:
        return effect.subject_id in app_ids
    is_codes = effect.subject is DisputeSubject.CODES
    return is_codes and effect.subject_id in tree.set_ids | ({opener_set_id} if opener_set_id else set())


def _stays_when_upheld(effect: Effect) -> bool:
    return effect.did is Did.BROUGHT_BACK or (effect.did is Did.HELD and effect.subject.is_contact)
