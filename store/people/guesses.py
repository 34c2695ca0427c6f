"""Wrong six-digit codes in a row: for each account or unknown contact, and for each browser that an account knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.safety.guessing import GuessedCode, together
from store.engine.types import Instant
from store.engine.upserts import insert


class GuessCount(SQLModel, table=True):
    """How many wrong codes came in a row. `browser_id` is empty for the strangers' common count.

    `key_id` is the secret key that the subject hangs on.
    """

    __tablename__ = "guess_count"

    subject: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    browser_id: str = Field(primary_key=True)
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    failures: int = 0
    last_at: datetime = Field(sa_type=Instant, index=True)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Whose wrong codes are counted together, and for what kind of code. `subject` is a digest keyed by `key_id`."""

    subject: str
    code: GuessedCode
    browser_id: str = ""
    key_id: str = ""


def failures(session: Session, counted: Counted, *, at: datetime) -> tuple[int, datetime]:
    """How many wrong codes came in a row, and when the last one; the count is locked until the transaction ends."""
    key = {"subject": counted.subject, "code": counted.code, "browser_id": counted.browser_id}
    first = insert(session, GuessCount).values(**key, key_id=counted.key_id, failures=0, last_at=at)
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


def move(session: Session, subjects: Sequence[str], *, to: str, key_id: str) -> None:
    """Count on under another name, which hangs on another key, what was counted under these names."""
    named = select(GuessCount).where(col(GuessCount.subject).in_((to, *subjects)))
    # In one order, whichever key is the newest here: two moves at once must not wait on each other.
    in_order = named.order_by(col(GuessCount.subject), col(GuessCount.code), col(GuessCount.browser_id))
    counts = session.exec(in_order.with_for_update().execution_options(populate_existing=True)).all()
    for count in counts:
        if count.subject != to:
            session.delete(count)
            _add_up(session, count, to=to, key_id=key_id)
    session.flush()


def _add_up(session: Session, count: GuessCount, *, to: str, key_id: str) -> None:
    """Add a count to the one under another name, which another request may begin at this moment."""
    key = {"subject": to, "code": count.code, "browser_id": count.browser_id}
    first = insert(session, GuessCount).values(
        **key, key_id=key_id, failures=count.failures, last_at=count.last_at
    )
    kept = first.on_conflict_do_nothing(index_elements=list(key)).returning(col(GuessCount.subject))
    if session.execute(kept).first() is not None:
        return
    row = session.get_one(GuessCount, tuple(key.values()), with_for_update=True, populate_existing=True)
    row.failures = together(row.failures, count.failures)
    row.last_at = max(row.last_at, count.last_at)
    session.add(row)
    session.flush()


def forget(session: Session, subjects: Sequence[str], code: GuessedCode | None = None) -> None:
    """Begin all counts of somebody's names anew, or those of one kind of code."""
    statement = delete(GuessCount).where(col(GuessCount.subject).in_(subjects))
    session.execute(statement.where(col(GuessCount.code) == code) if code else statement)


def _row(counted: Counted) -> SelectOfScalar[GuessCount]:
    return select(GuessCount).where(
        GuessCount.subject == counted.subject,
        GuessCount.code == counted.code,
        GuessCount.browser_id == counted.browser_id,
    )
