"""Journeys as the database knows them: which ought to run, by which policy, and how they ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, func, select

from domain.errors import Unknown
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome
from domain.policy import Policy
from store.engine import epochs
from store.engine.types import Instant
from store.journeys import policies
from store.people import accounts, journal
from store.people.accounts import Account, is_deleted
from store.people.journal import JournalEntry


class Journey(SQLModel, table=True):
    """The one journey of an account."""

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    policy_id: str = Field(foreign_key="policy.policy_id")
    policy_changes: int = 0
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Course:
    """The policy of a journey, and whether the journey ought to run, or has ended because its account was deleted.

    `epoch` is the database's.
    """

    policy_id: str
    policy_changes: int
    runs: bool
    is_deleted: bool = False
    epoch: int = epochs.FIRST


def open_(session: Session, account_id: str, policy_id: str, *, at: datetime) -> bool:
    """Begin an account's journey; False if it has or had a journey already, or has no phone number."""
    account = accounts.lock(session, account_id)
    if account.phone is None or session.get(Journey, account_id) is not None:
        return False
    session.add(Journey(account_id=account_id, policy_id=policy_id, started_at=at))
    session.flush()
    journal.append(session, account_id, EventKind.JOURNEY_STARTED, at=at, actor=Actor.HOST)
    return True


def find(session: Session, account_id: str) -> Journey | None:
    """The journey of an account, running or ended; None if it never had one."""
    return session.get(Journey, account_id)


def policy_of(session: Session, account_id: str) -> Policy | None:
    """The policy of an account's journey; None if it never had one."""
    journey = session.get(Journey, account_id)
    return policies.get(session, journey.policy_id) if journey else None


def require_policy(session: Session, account_id: str) -> Policy:
    """The policy of an account's journey; raises Unknown if it never had one."""
    policy = policy_of(session, account_id)
    if policy is None:
        raise Unknown(f"no journey for account {account_id}")
    return policy


def of_accounts(session: Session, account_ids: Sequence[str]) -> dict[str, Course]:
    """The journeys of these accounts, by account id; accounts that never had one are missing."""
    columns = select(Journey.account_id, Journey.policy_id, Journey.policy_changes, Journey.outcome)
    query = columns.add_columns(epochs.current_in_query()).where(col(Journey.account_id).in_(account_ids))
    return {
        account_id: Course(
            policy_id=policy_id,
            policy_changes=policy_changes,
            runs=outcome is None,
            is_deleted=outcome == JourneyOutcome.DELETED,
            epoch=epoch,
        )
        for account_id, policy_id, policy_changes, outcome, epoch in session.execute(query)
    }


def policies_of(session: Session, account_ids: Sequence[str]) -> dict[str, Policy]:
    """The policies of these accounts, by account id; accounts whose journey ought not to run are missing."""
    return rules(session, of_accounts(session, account_ids))


def policies_to_tell(session: Session, account_ids: Sequence[str]) -> dict[str, Policy]:
    """The policies of the accounts whose workflows have to hear of new facts, by account id."""
    courses = of_accounts(session, account_ids)
    return rules(
        session,
        {
            account_id: replace(course, runs=course.runs or course.is_deleted)
            for account_id, course in courses.items()
        },
    )


def rules(session: Session, courses: Mapping[str, Course]) -> dict[str, Policy]:
    """The policies of the journeys that ought to run, by account id."""
    policy_ids = {account_id: course.policy_id for account_id, course in courses.items() if course.runs}
    by_id = {policy_id: policies.get(session, policy_id) for policy_id in set(policy_ids.values())}
    return {account_id: by_id[policy_id] for account_id, policy_id in policy_ids.items()}


def running(session: Session, *, after: str = "", batch: int = 500) -> Sequence[str]:
    """The next accounts behind `after` whose journeys ought to run, in the order of their ids."""
    query = select(Journey.account_id).where(col(Journey.ended_at).is_(None), Journey.account_id > after)
    return session.exec(query.order_by(Journey.account_id).limit(batch)).all()


def count_running(session: Session) -> int:
    """How many journeys ought to run."""
    return session.exec(select(func.count()).where(col(Journey.ended_at).is_(None))).one()


def running_at(session: Session, place: int) -> str:
    """The account at a place, from 0, of those whose journeys ought to run; empty if there are not so many."""
    query = select(Journey.account_id).where(col(Journey.ended_at).is_(None))
    return session.exec(query.order_by(Journey.account_id).offset(place).limit(1)).first() or ""


def changed_last(session: Session, *, limit: int) -> list[str]:
    """The accounts whose journeys ought to run and that changed last, among those of the newest entries."""
    newest = select(JournalEntry.account_id).order_by(col(JournalEntry.entry_id).desc()).limit(10 * limit)
    account_ids = list(dict.fromkeys(session.exec(newest)))
    runs = {account_id for account_id, course in of_accounts(session, account_ids).items() if course.runs}
    return [account_id for account_id in account_ids if account_id in runs][:limit]


def strange(session: Session, account_ids: Collection[str]) -> list[str]:
    """The accounts among these that never had a journey here, or are not here at all."""
    with_journey = set(
        session.exec(select(Journey.account_id).where(col(Journey.account_id).in_(account_ids)))
    )
    return [account_id for account_id in account_ids if account_id not in with_journey]


def without_journey(session: Session, *, after: str = "", batch: int = 500) -> Sequence[str]:
    """The next accounts behind `after` that have no journey yet, in the order of their ids."""
    query = (
        select(Account.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(col(Journey.account_id).is_(None), Account.account_id > after, ~is_deleted())
    )
    return session.exec(query.order_by(Account.account_id).limit(batch)).all()


def renew(session: Session, account_id: str, policy_id: str) -> None:
    """Give a journey another policy from now on."""
    journey = session.get(Journey, account_id)
    if journey:
        journey.policy_id, journey.policy_changes = policy_id, journey.policy_changes + 1
        session.add(journey)
        session.flush()


def end(session: Session, account_id: str, outcome: JourneyOutcome, *, at: datetime) -> None:
    """Note that a journey has reached its end."""
    journey = session.get(Journey, account_id)
    if journey is None or journey.ended_at:
        return
    journey.ended_at, journey.outcome = at, outcome
    session.add(journey)
    session.flush()
    journal.append(session, account_id, EventKind.JOURNEY_ENDED, at=at, actor=Actor.JOURNEY, outcome=outcome)
