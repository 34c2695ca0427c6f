"""The last comparison of a host's list with what Offramp believes, and the states that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select

from domain.facts import SmsState
from domain.host.comparing import Comparison, SmsDifference
from store.engine.types import Instant
from store.journeys.host_words import HostWord
from store.people.accounts import Account

_LAST = "last"


class HostComparison(SQLModel, table=True):
    """The result of the last comparison that came to its end; there is one row."""

    __tablename__ = "host_comparison"

    name: str = Field(primary_key=True, default=_LAST)
    ended_at: datetime = Field(sa_type=Instant)
    compared: int
    under_way: int
    bad_lines: int
    differences: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))

    @property
    def count(self) -> int:
        """How many accounts differ."""
        return sum(self.differences.values())

    @property
    def is_whole(self) -> bool:
        """Whether the list was read whole, so that it says who is missing there."""
        return SmsDifference.MISSING_THERE in self.differences


@dataclass(frozen=True, kw_only=True)
class KnownState:
    """What is believed of one account's codes, and whether the host is being asked about them."""

    account_id: str
    sms: SmsState
    is_under_way: bool


def states(session: Session, external_ids: Sequence[str]) -> dict[str, KnownState]:
    """The state of codes of these accounts, by the host's id."""
    query = (
        select(Account.external_id, Account.account_id, Account.sms, HostWord.change)
        .outerjoin(HostWord, col(HostWord.account_id) == Account.account_id)
        .where(col(Account.external_id).in_(external_ids))
    )
    return {
        external_id: KnownState(account_id=account_id, sms=SmsState(sms), is_under_way=bool(change))
        for external_id, account_id, sms, change in session.exec(query)
    }


def keep(session: Session, comparison: Comparison, *, at: datetime) -> None:
    """Keep the result of a comparison in place of the one before."""
    row = HostComparison(
        ended_at=at,
        compared=comparison.compared,
        under_way=comparison.under_way,
        bad_lines=comparison.bad_lines,
        differences={str(kind): count for kind, count in comparison.differences.items()},
    )
    session.merge(row)
    session.flush()


def last(session: Session) -> HostComparison | None:
    """The last result; None if nothing was ever compared."""
    return session.get(HostComparison, _LAST)
