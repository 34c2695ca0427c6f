"""The register of exemptions: a row for each, and whom support has exempted now, as a condition of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Index, text
from sqlmodel import Field, Session, SQLModel, and_, col, select
from sqlmodel.sql.expression import Select
from uuid_utils.compat import uuid7

from domain.desk.acts import Rest
from domain.desk.exemptions import Basis, ExemptionEnd, ExemptionRecord, review_at, tell_at
from domain.errors import Unknown
from store.engine.types import Instant
from store.people.accounts import Account

EXEMPTIONS = tuple(rest for rest in Rest if rest.is_exemption)

_OPEN = text("ended_at IS NULL")


class Exemption(SQLModel, table=True):
    """One exemption. `basis` is the code of a `domain.desk.exemptions.Basis`; `renews` is what it took the place of.

    While `ended_at` is empty, `Account.rest` and `rests_until` say the same; journeys read these alone. `tell_at` is
    when the person is to be told that it ends; empty once they were told, or need not be.
    """

    __tablename__ = "exemption"
    __table_args__ = (
        Index("ix_exemption_account", "account_id", "granted_at"),
        Index("ix_exemption_open", "account_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_exemption_expires", "expires_at", "account_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_exemption_review", "review_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_exemption_tell", "tell_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    exemption_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id")
    basis: str
    reason: str = ""
    evidence: str = ""
    asked_by: str
    approved_by: str | None = None
    granted_at: datetime = Field(sa_type=Instant)
    review_at: datetime = Field(sa_type=Instant)
    review_days: int
    reviewed_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    renews: str | None = None
    tell_at: datetime | None = Field(default=None, sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_because: str | None = None
    ended_by: str | None = None

    def record(self) -> ExemptionRecord:
        """The row as it is shown and kept as evidence."""
        fields = self.model_dump(exclude={"tell_at", "review_days", "ended_because"})
        why = ExemptionEnd(self.ended_because) if self.ended_because else None
        return ExemptionRecord(**fields, ended_because=why)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What is granted, and who answers for it: `approved_by` is the second member, if it took two."""

    basis: Basis
    reason: str
    evidence: str
    asked_by: str
    approved_by: str | None
    expires_at: datetime


def exempt_until(account: Account) -> datetime | None:
    """Until when an account is or was exempt; None if it is not, or rests for another reason."""
    return account.rests_until if account.rest in EXEMPTIONS else None


def is_exempt(now: datetime, rests: Sequence[Rest] = EXEMPTIONS) -> ColumnElement[bool]:
    """Whether an account is exempt at this time, for one of some reasons."""
    return and_(col(Account.rests_until) > now, col(Account.rest).in_(rests))


def add(session: Session, account: Account, grant: Grant, *, at: datetime) -> Exemption:
    """Exempt a locked account: one row, and what journeys read. An exemption that is open ends in its favour."""
    former = find_open(session, account.account_id)
    if former:
        is_over = former.expires_at <= at
        close(session, former, ExemptionEnd.EXPIRED if is_over else ExemptionEnd.SUPERSEDED, at=at)
    row = Exemption(
        account_id=account.account_id,
        basis=grant.basis.code,
        reason=grant.reason,
        evidence=grant.evidence,
        asked_by=grant.asked_by,
        approved_by=grant.approved_by,
        granted_at=at,
        review_at=review_at(grant.basis.reviewed_after, now=at, expires_at=grant.expires_at),
        review_days=grant.basis.reviewed_after.days,
        expires_at=grant.expires_at,
        renews=former.exemption_id if former and former.ended_because == ExemptionEnd.SUPERSEDED else None,
        tell_at=tell_at(granted_at=at, expires_at=grant.expires_at),
    )
    account.rest, account.rests_until = grant.basis.rest, grant.expires_at
    session.add_all((row, account))
    session.flush()
    return row


def end(session: Session, account: Account, why: ExemptionEnd, *, at: datetime, by: str | None) -> str:
    """End a locked account's exemption before its time; returns the id of its row, empty if it has none."""
    row = find_open(session, account.account_id)
    if row:
        close(session, row, why, at=at, by=by)
    account.rest = account.rests_until = None
    session.add(account)
    session.flush()
    return row.exemption_id if row else ""


def close(
    session: Session, row: Exemption, why: ExemptionEnd, *, at: datetime, by: str | None = None
) -> None:
    """Note that an exemption is over; one that has expired was over at its last moment."""
    row.ended_at = row.expires_at if why is ExemptionEnd.EXPIRED else at
    row.ended_because, row.ended_by, row.tell_at = why, by, None
    session.add(row)
    session.flush()


def note_review(session: Session, row: Exemption, *, at: datetime) -> None:
    """Note that somebody has looked at an exemption; it is due again after the time that its basis had said."""
    after = timedelta(days=row.review_days)
    row.reviewed_at, row.review_at = at, review_at(after, now=at, expires_at=row.expires_at)
    session.add(row)
    session.flush()


def find_open(session: Session, account_id: str) -> Exemption | None:
    """The account's exemption that is not over on record; None without one."""
    query = select(Exemption).where(Exemption.account_id == account_id, col(Exemption.ended_at).is_(None))
    return session.exec(query).first()


def get(session: Session, exemption_id: str) -> Exemption:
    """An exemption. Raises Unknown."""
    row = session.get(Exemption, exemption_id)
    if row is None:
        raise Unknown(f"no exemption {exemption_id}")
    return row


def of_account(session: Session, account_id: str) -> list[ExemptionRecord]:
    """Every exemption that an account has had, newest first."""
    query = select(Exemption).where(Exemption.account_id == account_id)
    ordered = query.order_by(col(Exemption.granted_at).desc(), col(Exemption.exemption_id).desc())
    return [row.record() for row in session.exec(ordered)]


def over(session: Session, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """The next exemptions that are over and not closed yet: accounts and exemptions, by their ids."""
    query = _open_ones().where(col(Exemption.expires_at) <= now).order_by(col(Exemption.expires_at))
    return [(account_id, exemption_id) for account_id, exemption_id in session.exec(query.limit(limit))]


def untold(session: Session, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """The next exemptions of whose end the person is to be told now, as `over` has them."""
    query = _open_ones().where(col(Exemption.tell_at) <= now).order_by(col(Exemption.tell_at))
    return [(account_id, exemption_id) for account_id, exemption_id in session.exec(query.limit(limit))]


def put_off_telling(session: Session, row: Exemption, *, until: datetime | None) -> None:
    """Think of telling the person at a time; None: not any more."""
    row.tell_at = until
    session.add(row)
    session.flush()


def note_told(session: Session, row: Exemption, *, at: datetime) -> None:
    """Note that the person was told: once for each exemption."""
    row.told_at, row.tell_at = at, None
    session.add(row)
    session.flush()


def step_back(session: Session, exemption_id: str, *, until: datetime) -> None:
    """Think of telling a person at a time, because they could not be told now."""
    row = session.get(Exemption, exemption_id, with_for_update=True, populate_existing=True)
    if row and row.tell_at and row.ended_at is None:
        put_off_telling(session, row, until=until)


def _open_ones() -> Select[str, str]:
    return select(Exemption.account_id, Exemption.exemption_id).where(col(Exemption.ended_at).is_(None))
