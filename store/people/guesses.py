"""Wrong six-digit codes in a row: for each account or unknown contact, and for each browser that an account knows."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.safety.guessing import GuessedCode
from store.engine.types import Instant
from store.engine.upserts import insert


class GuessCount(SQLModel, table=True):
    """How many wrong codes came in a row. `browser_id` is empty for the strangers' common count."""

    __tablename__ = "guess_count"

    subject: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    browser_id: str = Field(primary_key=True)
    failures: int = 0
    last_at: datetime = Field(sa_type=Instant, index=True)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Whose wrong codes are counted together, and for what kind of code. `subject` is a keyed digest."""

    subject: str
    code: GuessedCode
    browser_id: str = ""


def failures(session: Session, counted: Counted, *, at: datetime) -> tuple[int, datetime]:
    """How many wrong codes came in a row, and when the last one; the count is locked until the transaction ends."""
    key = {"subject": counted.subject, "code": counted.code, "browser_id": counted.browser_id}
    first = insert(session, GuessCount).values(**key, failures=0, last_at=at)
    # In one statement, because a right code may delete the count at this moment.
    locked = first.on_conflict_do_update(
        index_elements=list(key), set_={"failures": col(GuessCount.failures)}
    ).returning(col(GuessCount.failures), col(GuessCount.last_at))
    count, last_at = session.execute(locked).one()
    return count, last_at


def add(session: Session, counted: Counted, *, at: datetime) -> None:
    """Count one more wrong code."""
    row = session.exec(_row(counted)).one()
    row.failures, row.last_at = row.failures + 1, at
    session.add(row)
    session.flush()


def forget(session: Session, subject: str, code: GuessedCode | None = None) -> None:
    """Begin all counts of a subject anew, or those of one kind of code."""
    statement = delete(GuessCount).where(col(GuessCount.subject) == subject)
    session.execute(statement.where(col(GuessCount.code) == code) if code else statement)


def _row(counted: Counted) -> SelectOfScalar[GuessCount]:
    return select(GuessCount).where(
        GuessCount.subject == counted.subject,
        GuessCount.code == counted.code,
        GuessCount.browser_id == counted.browser_id,
    )
