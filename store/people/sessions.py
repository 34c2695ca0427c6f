"""Sessions: the browser holds a token, and the database keeps the token's digest alone."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, and_, col, or_, select, update

from domain.codes import digest
from domain.errors import Unknown
from domain.facts import Method
from domain.trust import Root
from store.engine.types import Instant


class WebSession(SQLModel, table=True):
    """One browser's session. Before sign-in it has no account, and only binds ceremonies and codes to the browser.

    `passkey_id`, `set_id` (recovery codes), `app_id` (an authenticator app) or `parent_id` (whose device link it was)
    is what opened it; `root` and `rooted_at` are what its trust goes back to; `carries` is the assurance that a device
    link or the host's word brought. `vouched_at` and `vouched_amr` are when and how, as the host says, the person
    signed in there. `sign_on_id` is the host's request that the browser came by, and the way back to it. A session that
    has changed a route or contact (`changed_at`) is kept, because disputes have to know what it did.
    """

    __tablename__ = "session"

    session_id: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, foreign_key="account.account_id", index=True)
    method: str | None = None
    passkey_id: str | None = None
    set_id: str | None = None
    app_id: str | None = None
    parent_id: str | None = Field(default=None, index=True)
    root: str | None = None
    rooted_at: datetime | None = Field(default=None, sa_type=Instant)
    carries: str | None = None
    vouched_at: datetime | None = Field(default=None, sa_type=Instant)
    vouched_amr: str | None = None
    sign_on_id: str | None = None
    has_bound: bool = False
    platform: str = ""
    started_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = Field(default=None, sa_type=Instant)


def start(session: Session, token: str, web_session: WebSession) -> None:
    """Keep a new session under the digest of its token."""
    web_session.session_id = digest(token)
    session.add(web_session)
    session.flush()


def find(session: Session, token: str, *, now: datetime) -> WebSession | None:
    """The session of a token, if it has neither ended nor expired."""
    web_session = session.get(WebSession, digest(token))
    if web_session is None or web_session.ended_at or web_session.expires_at <= now:
        return None
    return web_session


def get(session: Session, session_id: str) -> WebSession:
    """The session of an id, which may have ended. Raises Unknown: its account may have been erased just now."""
    web_session = session.get(WebSession, session_id)
    if web_session is None:
        raise Unknown("this session is not on record any more")
    return web_session


def look_up(session: Session, session_id: str) -> WebSession | None:
    """The session of an id, even if it has ended; None if it is not on record any more."""
    return session.get(WebSession, session_id)


def note_bound(session: Session, session_id: str, passkey_id: str) -> None:
    """Note that a session has bound the one passkey that it may bind; it ends when that passkey is removed."""
    statement = update(WebSession).where(col(WebSession.session_id) == session_id)
    session.execute(statement.values(has_bound=True, passkey_id=passkey_id))


def note_change(session: Session, session_id: str, *, at: datetime) -> None:
    """Note that a session has changed a route or contact, so that it stays on record."""
    statement = update(WebSession).where(col(WebSession.session_id) == session_id)
    session.execute(statement.values(changed_at=at))


def opened_by(
    session: Session,
    account_id: str,
    *,
    passkey_ids: set[str],
    set_ids: set[str],
    app_ids: set[str],
    parent_ids: set[str],
) -> Sequence[WebSession]:
    """The sessions of an account that these have opened: passkeys, sets of codes, apps, or sessions' device links."""
    query = select(WebSession).where(
        WebSession.account_id == account_id,
        or_(
            and_(col(WebSession.method) == Method.PASSKEY, col(WebSession.passkey_id).in_(passkey_ids)),
            col(WebSession.set_id).in_(set_ids),
            col(WebSession.app_id).in_(app_ids),
            col(WebSession.parent_id).in_(parent_ids),
        ),
    )
    return session.exec(query).all()


def end(session: Session, session_id: str, *, at: datetime) -> None:
    """End one session."""
    session.execute(
        update(WebSession)
        .where(col(WebSession.session_id) == session_id, col(WebSession.ended_at).is_(None))
        .values(ended_at=at)
    )


def end_all(session: Session, account_id: str, *, at: datetime, keep: str | None = None) -> None:
    """End all of an account's sessions but the session `keep`."""
    session.execute(
        update(WebSession)
        .where(
            col(WebSession.account_id) == account_id,
            col(WebSession.ended_at).is_(None),
            col(WebSession.session_id) != (keep or ""),
        )
        .values(ended_at=at)
    )


def end_begun(session: Session, account_id: str, *, by: datetime, at: datetime) -> None:
    """End the account's sessions that had begun by a moment."""
    session.execute(
        update(WebSession)
        .where(
            col(WebSession.account_id) == account_id,
            col(WebSession.ended_at).is_(None),
            col(WebSession.started_at) <= by,
        )
        .values(ended_at=at)
    )


def end_by_text(session: Session, account_id: str, *, at: datetime) -> None:
    """End the account's sessions that a text-message code has opened, here or at the host."""
    at_host = and_(col(WebSession.method) == Method.HOST, col(WebSession.root) == Root.SMS)
    session.execute(
        update(WebSession)
        .where(
            col(WebSession.account_id) == account_id,
            or_(col(WebSession.method).in_([Method.SMS, Method.SMS_AFTER_END]), at_host),
            col(WebSession.ended_at).is_(None),
        )
        .values(ended_at=at)
    )


def end_of_passkey(session: Session, passkey_id: str, *, at: datetime) -> None:
    """End the sessions that are tied to a passkey."""
    session.execute(
        update(WebSession)
        .where(col(WebSession.passkey_id) == passkey_id, col(WebSession.ended_at).is_(None))
        .values(ended_at=at)
    )


def end_of_app(session: Session, app_id: str, *, at: datetime) -> None:
    """End the sessions that an authenticator app has opened."""
    session.execute(
        update(WebSession)
        .where(col(WebSession.app_id) == app_id, col(WebSession.ended_at).is_(None))
        .values(ended_at=at)
    )


def end_these(session: Session, session_ids: Collection[str], *, at: datetime) -> None:
    """End several sessions."""
    session.execute(
        update(WebSession)
        .where(col(WebSession.session_id).in_(session_ids), col(WebSession.ended_at).is_(None))
        .values(ended_at=at)
    )


def open_ones(session: Session, account_id: str, *, now: datetime) -> Sequence[WebSession]:
    """The account's sessions that have neither ended nor expired."""
    query = select(WebSession).where(
        WebSession.account_id == account_id,
        col(WebSession.ended_at).is_(None),
        col(WebSession.expires_at) > now,
    )
    return session.exec(query).all()
