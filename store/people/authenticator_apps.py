"""Authenticator apps: each shares a sealed secret with us, and shows a new code every 30 seconds (RFC 6238).

A row begins when the secret is shown, and is a way in from when its first code was typed back (`proven_at`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, Column, ColumnElement, Index, LargeBinary, text
from sqlmodel import Field, Session, col, delete, or_, select, update
from uuid_utils.compat import uuid7

from domain.authenticator_apps import SHOWN_FOR
from domain.safety.disputes import DISPUTE_LIFETIME
from domain.safety.objections import WINDOW
from domain.trust import Assurance, Trust, Way
from store.engine.types import Instant
from store.people import trust
from store.people.trust import TrustColumns


class AuthenticatorApp(TrustColumns, table=True):
    """One secret in one app. `sealed` is the secret; it is None when nobody needs it any more.

    `last_step` is the newest time step whose code was used: no code of it, or of one before, counts again. The app was
    used, or set up, on `days_used` days, the last of them `last_day`, by the person's own calendar. `removed_in` is the
    session that removed it, with the assurance `removed_as`; `held_at` is since when a dispute keeps it out of use.
    """

    __tablename__ = "authenticator_app"
    __table_args__ = (
        Index(
            "ix_authenticator_app_removed_as",
            "removed_at",
            sqlite_where=text("removed_as <> 'high'"),
            postgresql_where=text("removed_as <> 'high'"),
        ),
        Index(
            "ix_authenticator_app_notice",
            "established_from",
            sqlite_where=text("way = 'notice'"),
            postgresql_where=text("way = 'notice'"),
        ),
    )

    app_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id", index=True)
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    bound_at: datetime = Field(sa_type=Instant)
    proven_at: datetime | None = Field(default=None, sa_type=Instant)
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    days_used: int = 0
    last_day: date | None = None
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_in: str | None = None
    removed_as: str | None = None
    held_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def is_working(self) -> bool:
        """Whether its codes open the account."""
        return self.proven_at is not None and self.removed_at is None and self.held_at is None


def begin(
    session: Session, account_id: str, sealed: bytes, new_trust: Trust, *, bound_in: str
) -> AuthenticatorApp:
    """Keep a secret that is shown to a session; one that the session was shown before, and has not used, goes."""
    session.execute(delete(AuthenticatorApp).where(*_shown_to(account_id, bound_in)))
    app = AuthenticatorApp(
        account_id=account_id,
        sealed=sealed,
        bound_at=new_trust.bound_at,
        **trust.columns(new_trust, bound_in=bound_in),
    )
    _keep(session, app)
    return app


def find_shown(
    session: Session, account_id: str, session_id: str, *, now: datetime
) -> AuthenticatorApp | None:
    """The secret that a session was shown lately, and of which no code was typed back yet."""
    is_fresh = col(AuthenticatorApp.bound_at) > now - SHOWN_FOR
    query = select(AuthenticatorApp).where(*_shown_to(account_id, session_id), is_fresh)
    return session.exec(query).first()


def prove(
    session: Session, app: AuthenticatorApp, new_trust: Trust, *, step: int, at: datetime, day: date
) -> None:
    """Make an app a way in, from the moment when its first code was typed back, with the trust of that moment."""
    for name, value in trust.columns(new_trust, bound_in=app.bound_in).items():
        setattr(app, name, value)
    app.bound_at = app.proven_at = at
    app.last_step, app.days_used, app.last_day = step, 1, day
    _keep(session, app)


def working(session: Session, account_id: str) -> Sequence[AuthenticatorApp]:
    """The account's apps whose codes open it, oldest first."""
    query = select(AuthenticatorApp).where(AuthenticatorApp.account_id == account_id, *works_now())
    return session.exec(query.order_by(col(AuthenticatorApp.bound_at))).all()


def kept(session: Session, account_id: str) -> Sequence[AuthenticatorApp]:
    """The account's apps that are set up and not removed, those on hold too, oldest first."""
    query = select(AuthenticatorApp).where(
        AuthenticatorApp.account_id == account_id,
        col(AuthenticatorApp.proven_at).is_not(None),
        col(AuthenticatorApp.removed_at).is_(None),
    )
    return session.exec(query.order_by(col(AuthenticatorApp.bound_at))).all()


def working_of(session: Session, account_ids: Sequence[str]) -> dict[str, list[AuthenticatorApp]]:
    """The same for several accounts, by account id; accounts without any are missing."""
    query = select(AuthenticatorApp).where(col(AuthenticatorApp.account_id).in_(account_ids), *works_now())
    by_account: dict[str, list[AuthenticatorApp]] = defaultdict(list)
    for app in session.exec(query.order_by(col(AuthenticatorApp.bound_at))):
        by_account[app.account_id].append(app)
    return by_account


def established(session: Session, account_id: str, *, now: datetime) -> AuthenticatorApp | None:
    """The account's app that has been established longest and works; `store.people.trust.of_row` says its trust."""
    return next((app for app in working(session, account_id) if trust.of_row(app).is_established(now)), None)


def is_any_working(session: Session, account_id: str) -> bool:
    """Whether any app opens the account. It costs the same for an id of nobody."""
    query = select(AuthenticatorApp.app_id).where(AuthenticatorApp.account_id == account_id, *works_now())
    return session.exec(query.limit(1)).first() is not None


def find(session: Session, account_id: str, app_id: str | None) -> AuthenticatorApp | None:
    """An app of this account that was set up and is not removed; a dispute may hold it."""
    app = session.get(AuthenticatorApp, app_id) if app_id else None
    is_kept = app and app.account_id == account_id and app.proven_at and not app.removed_at
    return app if is_kept else None


def look_up(session: Session, app_id: str) -> AuthenticatorApp | None:
    """An app by its id, whatever became of it."""
    return session.get(AuthenticatorApp, app_id)


def claim_step(session: Session, app: AuthenticatorApp, step: int, *, at: datetime) -> bool:
    """Use up a time step and all before it; False if another request has used one as late, or ended the app."""
    unused = update(AuthenticatorApp).where(
        col(AuthenticatorApp.app_id) == app.app_id, col(AuthenticatorApp.last_step) < step, *works_now()
    )
    claimed = session.execute(unused.values(last_step=step, last_used_at=at))
    session.refresh(app)
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def note_day(session: Session, app: AuthenticatorApp, day: date) -> bool:
    """Count the day of a sign-in; False if it counts already."""
    if app.last_day == day:
        return False
    app.last_day, app.days_used = day, app.days_used + 1
    _keep(session, app)
    return True


def remove(
    session: Session,
    app: AuthenticatorApp,
    *,
    at: datetime,
    removed_in: str | None = None,
    removed_as: Assurance | None = None,
) -> None:
    """Take an app out of use. Its row stays, and for a while its secret: an objection may bring it back."""
    app.removed_at, app.removed_in, app.removed_as = at, removed_in, removed_as
    _keep(session, app)


def bring_back(session: Session, app: AuthenticatorApp) -> None:
    """Let a removed app open its account again."""
    app.removed_at = app.removed_in = app.removed_as = None
    _keep(session, app)


def hold(session: Session, app: AuthenticatorApp, *, at: datetime | None) -> None:
    """Keep an app out of use while a dispute about it is open; with None, let it work again."""
    app.held_at = at
    _keep(session, app)


def establish(session: Session, app: AuthenticatorApp, *, from_: datetime | None, way: Way) -> None:
    """Note from when an app is established; None if that is not known."""
    app.established_from, app.way = from_, way
    _keep(session, app)


def bound_in(session: Session, account_id: str, session_id: str) -> Sequence[AuthenticatorApp]:
    """The apps that a session set up, removed ones too."""
    query = select(AuthenticatorApp).where(
        AuthenticatorApp.account_id == account_id,
        AuthenticatorApp.bound_in == session_id,
        col(AuthenticatorApp.proven_at).is_not(None),
    )
    return session.exec(query).all()


def removed_in(session: Session, account_id: str, session_id: str) -> Sequence[AuthenticatorApp]:
    """The apps that a session removed, and whose secrets are still there."""
    query = select(AuthenticatorApp).where(
        AuthenticatorApp.account_id == account_id,
        AuthenticatorApp.removed_in == session_id,
        col(AuthenticatorApp.sealed).is_not(None),
    )
    return session.exec(query).all()


def forget_secrets(session: Session, *, now: datetime) -> int:
    """Forget the secrets that nobody used in time, and of apps that no objection can bring back; returns how many."""
    is_unused = col(AuthenticatorApp.proven_at).is_(None) & (col(AuthenticatorApp.bound_at) < now - SHOWN_FOR)
    is_gone = col(AuthenticatorApp.removed_at) < now - WINDOW - DISPUTE_LIFETIME
    forgotten = update(AuthenticatorApp).where(
        col(AuthenticatorApp.sealed).is_not(None), or_(is_unused, is_gone)
    )
    return int(session.execute(forgotten.values(sealed=None)).rowcount)  # type: ignore[attr-defined]


def works_now() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which an app's codes open its account."""
    return (
        col(AuthenticatorApp.proven_at).is_not(None),
        col(AuthenticatorApp.removed_at).is_(None),
        col(AuthenticatorApp.held_at).is_(None),
    )


def _shown_to(account_id: str, session_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AuthenticatorApp.account_id) == account_id,
        col(AuthenticatorApp.bound_in) == session_id,
        col(AuthenticatorApp.proven_at).is_(None),
    )


def _keep(session: Session, app: AuthenticatorApp) -> None:
    session.add(app)
    session.flush()
