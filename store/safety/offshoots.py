"""The tree that an objection is about: which session bound what, and what that has opened in turn."""

from collections.abc import Iterator

from sqlmodel import Session

from domain.facts import Channel, Method
from domain.safety.disputes import DisputeSubject, Offshoot
from store.people import authenticator_apps, contacts, passkeys, recovery_codes, sessions
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.people.sessions import WebSession
from store.safety.objections import Objection


def of_objection(session: Session, objection: Objection) -> Offshoot | None:
    """The disputed session with all that goes back to it, or else the disputed passkey; None without either."""
    web_session = sessions.look_up(session, objection.session_id) if objection.session_id else None
    passkey = passkeys.look_up(session, objection.passkey_id) if objection.passkey_id else None
    if web_session is not None:
        return _of_session(session, objection.account_id, web_session, {web_session.session_id})
    return _of_passkey(session, passkey, set()) if passkey else None


def _of_session(session: Session, account_id: str, web_session: WebSession, seen: set[str]) -> Offshoot:
    session_id = web_session.session_id
    children = [
        *(_of_passkey(session, row, seen) for row in passkeys.bound_in(session, account_id, session_id)),
        *(_of_codes(session, row, seen) for row in recovery_codes.made_in(session, account_id, session_id)),
        *(
            _of_app(session, row, seen)
            for row in authenticator_apps.bound_in(session, account_id, session_id)
        ),
        *_contacts(session, account_id, session_id),
        *_opened(session, account_id, seen, parent_id=session_id),
    ]
    return Offshoot(
        subject=DisputeSubject.VISIT,
        subject_id=session_id,
        name=web_session.method or Method.SMS,
        at=web_session.started_at,
        offshoots=_in_order(children),
    )


def _of_passkey(session: Session, passkey: Passkey, seen: set[str]) -> Offshoot:
    return Offshoot(
        subject=DisputeSubject.PASSKEY,
        subject_id=passkey.passkey_id,
        name=passkey.platform,
        at=passkey.bound_at,
        offshoots=_in_order(_opened(session, passkey.account_id, seen, passkey_id=passkey.passkey_id)),
    )


def _of_codes(session: Session, code: RecoveryCode, seen: set[str]) -> Offshoot:
    return Offshoot(
        subject=DisputeSubject.CODES,
        subject_id=code.set_id,
        name="",
        at=code.made_at,
        offshoots=_in_order(_opened(session, code.account_id, seen, set_id=code.set_id)),
    )


def _of_app(session: Session, app: AuthenticatorApp, seen: set[str]) -> Offshoot:
    return Offshoot(
        subject=DisputeSubject.AUTHENTICATOR_APP,
        subject_id=app.app_id,
        name="",
        at=app.bound_at,
        offshoots=_in_order(_opened(session, app.account_id, seen, app_id=app.app_id)),
    )


def _contacts(session: Session, account_id: str, session_id: str) -> Iterator[Offshoot]:
    for record in contacts.of_session(session, account_id, session_id):
        is_email = record.channel == Channel.EMAIL
        subject = DisputeSubject.EMAIL if is_email else DisputeSubject.PHONE
        yield Offshoot(subject=subject, subject_id=record.contact_id, name="", at=record.bound_at)


def _opened(
    session: Session,
    account_id: str,
    seen: set[str],
    *,
    passkey_id: str = "",
    set_id: str = "",
    app_id: str = "",
    parent_id: str = "",
) -> list[Offshoot]:
    """The sessions that these have opened, but for those that stand elsewhere in the tree."""
    opened = sessions.opened_by(
        session,
        account_id,
        passkey_ids={passkey_id} - {""},
        set_ids={set_id} - {""},
        app_ids={app_id} - {""},
        parent_ids={parent_id} - {""},
    )
    new_sessions = [web_session for web_session in opened if web_session.session_id not in seen]
    seen |= {web_session.session_id for web_session in new_sessions}
    return [_of_session(session, account_id, web_session, seen) for web_session in new_sessions]


def _in_order(offshoots: list[Offshoot]) -> tuple[Offshoot, ...]:
    return tuple(sorted(offshoots, key=lambda offshoot: offshoot.at))
