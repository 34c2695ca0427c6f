"""Members whom launches have passed over because they could not take part: who, since when, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, and_, col, update

from domain.rollouts.cohorts import Ineligibility
from store.people.accounts import Account
from store.rollouts.members import Member

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class PassedOverMember:
    """One member whom a launch has passed over, since when and why."""

    account_id: str
    external_id: str
    at: datetime
    because: Ineligibility


def note(session: Session, cohort_id: str, reasons: Mapping[str, Ineligibility], *, at: datetime) -> None:
    """Note why members are passed over, by account id; where the reason is the same as before, its time stays."""
    for because in set(reasons.values()):
        account_ids = [account_id for account_id, why in reasons.items() if why is because]
        session.execute(
            update(Member)
            .where(
                col(Member.cohort_id) == cohort_id,
                col(Member.account_id).in_(account_ids),
                col(Member.passed_over_because).is_distinct_from(because.value),
            )
            .values(passed_over_at=at, passed_over_because=because)
        )


def forget(session: Session, account_id: str) -> None:
    """Pass an account over no more, because its host has deleted it."""
    rows = update(Member).where(col(Member.account_id) == account_id)
    session.execute(rows.values(passed_over_at=None, passed_over_because=None))


def counts(session: Session, cohort_id: str) -> dict[Ineligibility, int]:
    """How many members are passed over for each reason; reasons that nobody has are missing."""
    because = col(Member.passed_over_because)
    rows = session.execute(select(because, func.count()).where(is_passed_over(cohort_id)).group_by(because))
    by_reason = {Ineligibility(because): people for because, people in rows}
    return {because: by_reason[because] for because in Ineligibility if because in by_reason}


def page(
    session: Session, cohort_id: str, *, because: Ineligibility | None = None, after: str = "", limit: int
) -> Sequence[PassedOverMember]:
    """The next members behind an account, in the order of the accounts' ids."""
    query = listing(cohort_id, because=because, after=after)
    return [
        PassedOverMember(account_id=account_id, external_id=external_id, at=at, because=Ineligibility(why))
        for account_id, external_id, at, why in session.execute(query.limit(limit))
    ]


def listing(
    cohort_id: str, *, because: Ineligibility | None = None, after: str = ""
) -> Select[str, str, datetime | None, str | None]:
    """The query behind `page`, without an end."""
    query = (
        select(
            col(Member.account_id),
            col(Account.external_id),
            col(Member.passed_over_at),
            col(Member.passed_over_because),
        )
        .join(Account, col(Account.account_id) == col(Member.account_id))
        .where(is_passed_over(cohort_id), col(Member.account_id) > after)
        .order_by(col(Member.account_id))
    )
    return query.where(col(Member.passed_over_because) == because) if because else query


def every(
    session: Session, cohort_id: str, *, because: Ineligibility | None = None
) -> Iterator[PassedOverMember]:
    """All of them, read a part at a time."""
    after = ""
    while people := page(session, cohort_id, because=because, after=after, limit=_AT_ONCE):
        yield from people
        after = people[-1].account_id


def is_passed_over(cohort_id: str) -> ColumnElement[bool]:
    """The members of a cohort who are passed over, in the words of the index."""
    return and_(col(Member.cohort_id) == cohort_id, col(Member.passed_over_because).is_not(None))
