"""Single-use links: in an e-mail, to verify the address or to make a browser known; in a QR code, to add a device."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, update

from domain.codes import digest
from domain.errors import LinkRejected
from store.engine.types import Instant


class LinkPurpose(StrEnum):
    """What a link opens."""

    VERIFY_EMAIL = "verify_email"
    ADD_DEVICE = "add_device"
    KNOW_BROWSER = "know_browser"


class Link(SQLModel, table=True):
    """One link, kept as the digest of its token. It carries the root and the assurance of the session that made it."""

    link_id: str = Field(primary_key=True)
    purpose: str
    account_id: str = Field(foreign_key="account.account_id", index=True)
    email: str | None = None
    root: str | None = None
    rooted_at: datetime | None = Field(default=None, sa_type=Instant)
    made_in: str | None = None
    carries: str | None = None
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def make(session: Session, token: str, link: Link) -> None:
    """Keep a new link under the digest of its token; the account's earlier links for that purpose are void."""
    link.link_id = digest(token)
    add(session, link)


def add(session: Session, link: Link) -> None:
    """Keep a new link whose id is the digest of its token; the account's earlier links for that purpose are void.

    Otherwise a link that went to a mistyped address would still work after the address was corrected.
    """
    session.execute(
        update(Link)
        .where(
            col(Link.account_id) == link.account_id,
            col(Link.purpose) == link.purpose,
            col(Link.used_at).is_(None),
        )
        .values(used_at=link.made_at)
    )
    session.add(link)
    session.flush()


def void_all(session: Session, account_id: str, *, at: datetime) -> None:
    """Void all of an account's links, so that none of them works any more."""
    unused = update(Link).where(col(Link.account_id) == account_id, col(Link.used_at).is_(None))
    session.execute(unused.values(used_at=at))


def look(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> Link:
    """The link of a token, if it still works; raises LinkRejected. It is not used up: mail scanners look too."""
    link = session.get(Link, digest(token), with_for_update=True, populate_existing=True)
    if link is None or link.purpose != purpose or link.used_at or link.expires_at <= now:
        raise LinkRejected("the link is unknown, expired or used")
    return link


def look_back(session: Session, token: str) -> Link:
    """The link of a token that may have been used."""
    return session.get_one(Link, digest(token))


def use(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> Link:
    """The link of a token, used up by this call; raises LinkRejected."""
    link = look(session, token, purpose, now=now)
    link.used_at = now
    session.add(link)
    session.flush()
    return link
