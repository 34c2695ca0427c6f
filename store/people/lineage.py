"""What hangs together: the sessions, routes and contacts that go back to one session or passkey."""

from dataclasses import dataclass, field

from sqlmodel import Session

from store.people import authenticator_apps, contacts, passkeys, recovery_codes, sessions
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey


@dataclass(kw_only=True)
class Tree:
    """The ids of everything that was bound by a session, or by sessions that what it bound has opened."""

    session_ids: set[str] = field(default_factory=set)
    passkey_ids: set[str] = field(default_factory=set)
    set_ids: set[str] = field(default_factory=set)
    app_ids: set[str] = field(default_factory=set)
    contact_ids: set[str] = field(default_factory=set)


def of_session(session: Session, account_id: str, session_id: str) -> Tree:
    """Everything that goes back to a session, itself included."""
    tree = Tree()
    _follow(session, account_id, tree, {session_id})
    return tree


def of_passkey(session: Session, passkey: Passkey) -> Tree:
    """Everything that goes back to a passkey, itself included."""
    tree = Tree(passkey_ids={passkey.passkey_id})
    account_id = passkey.account_id
    opened = sessions.opened_by(
        session, account_id, passkey_ids=tree.passkey_ids, set_ids=set(), app_ids=set(), parent_ids=set()
    )
    _follow(session, account_id, tree, {web_session.session_id for web_session in opened})
    return tree


def of_app(session: Session, app: AuthenticatorApp) -> Tree:
    """Everything that goes back to an authenticator app, itself included."""
    tree, account_id = Tree(app_ids={app.app_id}), app.account_id
    opened = sessions.opened_by(
        session, account_id, passkey_ids=set(), set_ids=set(), app_ids=tree.app_ids, parent_ids=set()
    )
    _follow(session, account_id, tree, {web_session.session_id for web_session in opened})
    return tree


def _follow(session: Session, account_id: str, tree: Tree, session_ids: set[str]) -> None:
    while session_ids:
        tree.session_ids |= session_ids
        passkey_ids = {
            passkey.passkey_id
            for session_id in session_ids
            for passkey in passkeys.bound_in(session, account_id, session_id)
        }
        set_ids = {
            code.set_id
            for session_id in session_ids
            for code in recovery_codes.made_in(session, account_id, session_id)
        }
        app_ids = {
            app.app_id
            for session_id in session_ids
            for app in authenticator_apps.bound_in(session, account_id, session_id)
        }
        tree.contact_ids |= {
            record.contact_id
            for session_id in session_ids
            for record in contacts.of_session(session, account_id, session_id)
        }
        opened = sessions.opened_by(
            session,
            account_id,
            passkey_ids=passkey_ids - tree.passkey_ids,
            set_ids=set_ids - tree.set_ids,
            app_ids=app_ids - tree.app_ids,
            parent_ids=session_ids,
        )
        tree.passkey_ids |= passkey_ids
        tree.set_ids |= set_ids
        tree.app_ids |= app_ids
        session_ids = {web_session.session_id for web_session in opened} - tree.session_ids
