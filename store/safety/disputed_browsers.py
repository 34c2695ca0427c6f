"""Lets an account know no longer the browsers that stem from a visit which was not its owner's."""

from collections.abc import Iterable

from sqlmodel import Session

from domain.safety.disputes import DisputeSubject, Effect
from store.people import known_browsers, lineage, passkeys
from store.people.lineage import Tree
from store.safety.objections import Objection


def forget(session: Session, objection: Objection, gone: Iterable[Effect]) -> None:
    """Wrong codes that are typed in these browsers count with those of strangers again.

    They are those of the disputed sessions, and of all sessions that the routes have opened which go (`gone`). Sessions
    that have changed nothing are soon cleared away; the browsers still know by which route they became known.
    """
    tree = _tree(session, objection)
    for effect in gone:
        if effect.subject is DisputeSubject.PASSKEY:
            tree.passkey_ids.add(effect.subject_id)
        elif effect.subject is DisputeSubject.CODES:
            tree.set_ids.add(effect.subject_id)
        elif effect.subject is DisputeSubject.AUTHENTICATOR_APP:
            tree.app_ids.add(effect.subject_id)
    known_browsers.forget(
        session,
        objection.account_id,
        session_ids=tree.session_ids,
        passkey_ids=tree.passkey_ids,
        set_ids=tree.set_ids,
        app_ids=tree.app_ids,
    )


def _tree(session: Session, objection: Objection) -> Tree:
    if objection.session_id:
        return lineage.of_session(session, objection.account_id, objection.session_id)
    passkey = passkeys.look_up(session, objection.passkey_id) if objection.passkey_id else None
    return lineage.of_passkey(session, passkey) if passkey else Tree()
