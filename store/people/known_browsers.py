"""Browsers that have signed in before, by the digest of a token that each keeps (OWASP: device cookies).

The token opens nothing. It only lets wrong codes typed there count apart from those of strangers.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from domain.guessing import KNOWN_FOR
from store.engine.types import Instant
from store.engine.upserts import insert


class KnownBrowser(SQLModel, table=True):
    """One browser as one account knows it. Several people may sign in at one browser."""

    __tablename__ = "known_browser"

    browser_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, foreign_key="account.account_id", index=True)
    known_since: datetime = Field(sa_type=Instant)
    last_used_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


def remember(session: Session, browser_id: str, account_id: str, *, at: datetime) -> None:
    """Let an account know a browser, from now on or further on."""
    used = {"last_used_at": at, "expires_at": at + KNOWN_FOR}
    row = insert(session, KnownBrowser).values(
        browser_id=browser_id, account_id=account_id, known_since=at, **used
    )
    session.execute(row.on_conflict_do_update(index_elements=["browser_id", "account_id"], set_=used))


def is_known(session: Session, browser_id: str, account_id: str | None = None, *, now: datetime) -> bool:
    """Whether this account knows the browser; without an account, whether any does."""
    query = select(KnownBrowser.browser_id).where(
        KnownBrowser.browser_id == browser_id, KnownBrowser.expires_at > now
    )
    if account_id is not None:
        query = query.where(KnownBrowser.account_id == account_id)
    return session.exec(query.limit(1)).first() is not None
