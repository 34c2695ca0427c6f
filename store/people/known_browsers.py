"""Browsers that have signed in before, by the digest of a token that each keeps (OWASP: device cookies).

The token opens nothing. It only lets wrong codes typed there count apart from those of strangers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case
from sqlmodel import Field, Session, SQLModel, col, delete, or_, select

from domain.safety.guessing import KNOWN_FOR
from store.engine.types import Instant
from store.engine.upserts import insert


@dataclass(frozen=True, kw_only=True)
class Stem:
    """By which session a browser became known, and the passkey, set of codes or app that opened the session."""

    session_id: str
    passkey_id: str | None = None
    set_id: str | None = None
    app_id: str | None = None


class KnownBrowser(SQLModel, table=True):
    """One browser as one account knows it. Several people may sign in at one browser.

    `session_id`, `passkey_id`, `set_id` and `app_id` are those of the `Stem`; a link in an e-mail leaves none.
    """

    __tablename__ = "known_browser"

    browser_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, foreign_key="account.account_id", index=True)
    known_since: datetime = Field(sa_type=Instant)
    last_used_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    session_id: str | None = None
    passkey_id: str | None = None
    set_id: str | None = None
    app_id: str | None = None


def remember(
    session: Session, browser_id: str, account_id: str, *, at: datetime, stem: Stem | None = None
) -> None:
    """Let an account know a browser, from now on or further on. What it stems from stays while it is known."""
    origin = {
        "known_since": at,
        "session_id": stem.session_id if stem else None,
        "passkey_id": stem.passkey_id if stem else None,
        "set_id": stem.set_id if stem else None,
        "app_id": stem.app_id if stem else None,
    }
    used = {"last_used_at": at, "expires_at": at + KNOWN_FOR}
    row = insert(session, KnownBrowser).values(browser_id=browser_id, account_id=account_id, **origin, **used)
    is_forgotten = col(KnownBrowser.expires_at) <= at
    anew = {
        name: case((is_forgotten, row.excluded[name]), else_=getattr(KnownBrowser, name)) for name in origin
    }
    session.execute(row.on_conflict_do_update(index_elements=["browser_id", "account_id"], set_=anew | used))


def forget(
    session: Session,
    account_id: str,
    *,
    session_ids: Collection[str],
    passkey_ids: Collection[str],
    set_ids: Collection[str],
    app_ids: Collection[str],
) -> None:
    """Let an account know no longer what has become known by these sessions, or by sessions that these have opened."""
    statement = delete(KnownBrowser).where(
        col(KnownBrowser.account_id) == account_id,
        or_(
            col(KnownBrowser.session_id).in_(session_ids),
            col(KnownBrowser.passkey_id).in_(passkey_ids),
            col(KnownBrowser.set_id).in_(set_ids),
            col(KnownBrowser.app_id).in_(app_ids),
        ),
    )
    session.execute(statement)


def is_known(session: Session, browser_id: str, account_id: str | None = None, *, now: datetime) -> bool:
    """Whether this account knows the browser; without an account, whether any does."""
    query = select(KnownBrowser.browser_id).where(
        KnownBrowser.browser_id == browser_id, KnownBrowser.expires_at > now
    )
    if account_id is not None:
        query = query.where(KnownBrowser.account_id == account_id)
    return session.exec(query.limit(1)).first() is not None


def known_since(session: Session, browser_id: str, account_id: str, *, now: datetime) -> datetime | None:
    """Since when an account knows a browser; None if it does not."""
    query = select(KnownBrowser.known_since).where(
        KnownBrowser.browser_id == browser_id,
        KnownBrowser.account_id == account_id,
        KnownBrowser.expires_at > now,
    )
    return session.exec(query).first()
