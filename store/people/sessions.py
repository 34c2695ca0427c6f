"""Sessions: the browser holds a token, and the database keeps the token's digest alone."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, update

from domain.codes import digest
from store.engine.types import Instant


class WebSession(SQLModel, table=True):
    """One browser's session. Before sign-in it has no account, and only binds ceremonies and codes to the browser."""

    __tablename__ = "session"

    session_id: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, foreign_key="account.account_id", index=True)
    method: str | None = None
    passkey_id: str | None = None
    rooted_in_sms_at: datetime | None = Field(default=None, sa_type=Instant)
    platform: str = ""
    started_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


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


def note_passkey(session: Session, session_id: str, passkey_id: str) -> None:
    """Tie a session to the passkey that it has made or signed in with; the session ends when the passkey is removed."""
    session.execute(
        update(WebSession).where(col(WebSession.session_id) == session_id).values(passkey_id=passkey_id)
    )


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


def end_of_passkey(session: Session, passkey_id: str, *, at: datetime) -> None:
    """End the sessions that are tied to a passkey."""
    session.execute(
        update(WebSession)
        .where(col(WebSession.passkey_id) == passkey_id, col(WebSession.ended_at).is_(None))
        .values(ended_at=at)
    )
