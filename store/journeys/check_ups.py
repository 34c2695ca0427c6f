"""Whose check-up is due, and how far it is: one row for each account whose text-message codes were removed."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from domain.facts import SmsState
from store.engine.types import Instant
from store.engine.upserts import insert
from store.people.accounts import Account


class CheckUp(SQLModel, table=True):
    """The check-ups of one account. `round` counts its invitations, and the last one went out at `invited_at`.

    At `due_at` the account is looked at next; None: not again. `done_at` is when the person last came to the end.
    """

    __tablename__ = "check_up"

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    round: int = 0
    due_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    invited_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def is_open(self) -> bool:
        """Whether the person was invited, and has not come to the end since."""
        return self.invited_at is not None and (self.done_at is None or self.done_at < self.invited_at)

    @property
    def has_been_looked_at(self) -> bool:
        """Whether the person was ever invited, or has come by themselves."""
        return self.invited_at is not None or self.done_at is not None


def schedule(session: Session, account_id: str, *, due_at: datetime) -> None:
    """Have an account looked at, at a time; earlier rounds stay counted."""
    row = CheckUp(account_id=account_id, due_at=due_at).model_dump()
    statement = insert(session, CheckUp).values(row)
    session.execute(
        statement.on_conflict_do_update(index_elements=["account_id"], set_={"due_at": row["due_at"]})
    )


def due(session: Session, *, now: datetime, limit: int) -> Sequence[str]:
    """The next accounts that are to be looked at, the longest due first."""
    query = select(CheckUp.account_id).where(col(CheckUp.due_at) <= now)
    return session.exec(query.order_by(col(CheckUp.due_at), CheckUp.account_id).limit(limit)).all()


def find_due(session: Session, account: Account, *, now: datetime) -> CheckUp | None:
    """The row of a locked account if it is still due: another worker may have seen to it a moment ago."""
    row = session.get(CheckUp, account.account_id, populate_existing=True)
    return row if row and row.due_at and row.due_at <= now else None


def find(session: Session, account_id: str) -> CheckUp | None:
    """The check-ups of an account; None if its codes were never removed."""
    return session.get(CheckUp, account_id)


def is_open(session: Session, account: Account) -> bool:
    """Whether the owner was invited and has not come to the end; most accounts have codes, and cost no query."""
    row = find(session, account.account_id) if account.sms == SmsState.REMOVED else None
    return row is not None and row.is_open


def put_off(session: Session, row: CheckUp, *, until: datetime | None) -> None:
    """Look at the account again at a time; None: not before its codes are removed anew."""
    row.due_at = until
    session.add(row)
    session.flush()


def note_invited(session: Session, row: CheckUp, *, at: datetime, due_at: datetime | None) -> None:
    """Count an invitation; the next check-up is due at `due_at`."""
    row.round, row.invited_at, row.due_at = row.round + 1, at, due_at
    session.add(row)
    session.flush()


def forget_invitation(session: Session, row: CheckUp) -> None:
    """Let the last invitation not count, because it has not arrived; the number of the next one is another."""
    row.invited_at = row.done_at
    session.add(row)
    session.flush()


def step_back(session: Session, account_id: str, *, until: datetime) -> None:
    """Look at an account again at a time, because it could not be looked at now."""
    row = session.get(CheckUp, account_id, with_for_update=True, populate_existing=True)
    if row and row.due_at:
        put_off(session, row, until=max(until, row.due_at))


def note_done(session: Session, row: CheckUp, *, at: datetime, due_at: datetime | None) -> None:
    """Note that the person has come to the end; the next check-up is due at `due_at`."""
    row.done_at, row.due_at = at, due_at
    session.add(row)
    session.flush()
