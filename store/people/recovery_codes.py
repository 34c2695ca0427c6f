"""Recovery codes: kept as keyed digests, made in sets. The old set works until a code of the new set is typed back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Update, func
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from store.engine.types import Instant
from store.people import accounts


class RecoveryCode(SQLModel, table=True):
    """One code that signs in once. `proven_at` is when a code of its set was typed back."""

    __tablename__ = "recovery_code"

    code_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    set_id: str
    account_id: str = Field(foreign_key="account.account_id", index=True)
    digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)
    rooted_in_sms_at: datetime | None = Field(default=None, sa_type=Instant)
    proven_at: datetime | None = Field(default=None, sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    voided_at: datetime | None = Field(default=None, sa_type=Instant)


def make(
    session: Session, account_id: str, digests: list[str], *, at: datetime, rooted_in_sms_at: datetime | None
) -> str:
    """Keep a new set, and return its id; an earlier set of which no code was typed back is void."""
    accounts.lock(session, account_id)  # two sets made at once would not void each other
    session.execute(_working(account_id).where(col(RecoveryCode.proven_at).is_(None)).values(voided_at=at))
    set_id = str(uuid7())
    session.add_all(
        RecoveryCode(
            set_id=set_id, account_id=account_id, digest=digest, made_at=at, rooted_in_sms_at=rooted_in_sms_at
        )
        for digest in digests
    )
    session.flush()
    return set_id


def find(session: Session, account_id: str, digest: str) -> RecoveryCode | None:
    """The account's code of this digest, if it still works; its row is locked, so that the code works once."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.digest == digest,
        col(RecoveryCode.used_at).is_(None),
        col(RecoveryCode.voided_at).is_(None),
    )
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def is_known(session: Session, account_id: str, digest: str) -> bool:
    """Whether the account ever had a code of this digest. It locks nothing, and costs nobody's guess the same."""
    query = select(RecoveryCode.code_id).where(
        RecoveryCode.account_id == account_id, RecoveryCode.digest == digest
    )
    return session.exec(query).first() is not None


def is_any_left(session: Session, account_id: str) -> bool:
    """Whether any code opens the account. It costs the same for an id of nobody."""
    query = select(RecoveryCode.code_id).where(
        RecoveryCode.account_id == account_id,
        col(RecoveryCode.used_at).is_(None),
        col(RecoveryCode.voided_at).is_(None),
    )
    return session.exec(query.limit(1)).first() is not None


def use(session: Session, code: RecoveryCode, *, at: datetime) -> None:
    """Use a code up."""
    code.used_at = at
    session.add(code)
    session.flush()


def prove(session: Session, code: RecoveryCode, *, at: datetime) -> None:
    """Note that the person typed a code back, which shows that they have the set; other sets are void from now on."""
    account_id, set_id = code.account_id, code.set_id
    session.execute(_working(account_id).where(col(RecoveryCode.set_id) != set_id).values(voided_at=at))
    session.execute(_working(account_id).values(proven_at=at))


def void_set(session: Session, account_id: str, set_id: str, *, at: datetime, if_proven: bool) -> int:
    """Void the unused codes of a set, and proven codes only `if_proven`; returns how many are now void."""
    statement = _working(account_id).where(
        col(RecoveryCode.set_id) == set_id, col(RecoveryCode.used_at).is_(None)
    )
    if not if_proven:
        statement = statement.where(col(RecoveryCode.proven_at).is_(None))
    voided_codes = session.execute(statement.values(voided_at=at).returning(col(RecoveryCode.code_id)))
    return len(voided_codes.all())


def works(session: Session, account_id: str, set_id: str) -> bool:
    """Whether any code of a set still opens the account."""
    query = select(RecoveryCode.code_id).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.set_id == set_id,
        col(RecoveryCode.used_at).is_(None),
        col(RecoveryCode.voided_at).is_(None),
    )
    return session.exec(query.limit(1)).first() is not None


def left(session: Session, account_id: str) -> tuple[int, bool]:
    """How many codes still work, and whether they are proven; unproven codes count only if no proven code works."""
    return left_of(session, [account_id]).get(account_id, (0, False))


def left_of(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """The same for several accounts, by account id; accounts without working codes are missing."""
    query = (
        select(RecoveryCode.account_id, func.count(), func.count(col(RecoveryCode.proven_at)))
        .where(
            col(RecoveryCode.account_id).in_(account_ids),
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.voided_at).is_(None),
        )
        .group_by(col(RecoveryCode.account_id))
    )
    return {
        account_id: (proven, True) if proven else (codes, False)
        for account_id, codes, proven in session.exec(query)
    }


def _working(account_id: str) -> Update:
    return update(RecoveryCode).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.voided_at).is_(None)
    )
