"""Recovery codes: kept as keyed digests, made in sets. An old set works until a successor of equal trust is proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Index, Update, func, text
from sqlmodel import Field, Session, col, select, update
from uuid_utils.compat import uuid7

from domain.trust import Assurance, Trust, Way
from store.engine.types import Instant
from store.people import accounts, trust
from store.people.trust import TrustColumns


@dataclass(frozen=True, kw_only=True)
class AskedBack:
    """The code of a new set whose ending is asked for: its number in the list, from 1, and the digest of its ending."""

    number_in_set: int
    ending: str


class RecoveryCode(TrustColumns, table=True):
    """One code that signs in once. `proven_at` is when a code of its set was typed back.

    `number_in_set` and `ending` are set for the one code of its set whose ending is asked for (`AskedBack`). `key_id`
    is the secret key that the digests hang on. `voided_in` is the session that made it void, with the assurance
    `voided_as`; `held_at` is since when a dispute keeps it out of use. `host_id` is the host's own name of a set that
    lives with the host, whose codes are not known here.
    """

    __tablename__ = "recovery_code"
    __table_args__ = (
        Index(
            "ix_recovery_code_voided_as",
            "voided_at",
            sqlite_where=text("voided_as <> 'high'"),
            postgresql_where=text("voided_as <> 'high'"),
        ),
        Index(
            "ix_recovery_code_notice",
            "established_from",
            sqlite_where=text("way = 'notice'"),
            postgresql_where=text("way = 'notice'"),
        ),
    )

    code_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    set_id: str
    account_id: str = Field(foreign_key="account.account_id", index=True)
    digest: str = Field(unique=True)
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    made_at: datetime = Field(sa_type=Instant)
    proven_at: datetime | None = Field(default=None, sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    voided_at: datetime | None = Field(default=None, sa_type=Instant)
    voided_in: str | None = None
    voided_as: str | None = None
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    host_id: str | None = None
    number_in_set: int | None = None
    ending: str | None = None

    @property
    def bound_at(self) -> datetime:
        """When the set was made."""
        return self.made_at


def make(
    session: Session,
    account_id: str,
    digests: list[str],
    new_trust: Trust,
    *,
    bound_in: str | None = None,
    host_id: str | None = None,
    asked_code: AskedBack | None = None,
    key_id: str = "",
) -> str:
    """Keep a new set, and return its id; an earlier set of no older root is void if no code of it was typed back."""
    accounts.lock(session, account_id)  # two sets made at once would not void each other
    at = new_trust.bound_at
    unproven = _working(account_id).where(
        col(RecoveryCode.proven_at).is_(None), col(RecoveryCode.rooted_at) >= new_trust.rooted_at
    )
    session.execute(unproven.values(voided_at=at, voided_in=bound_in))
    set_id = str(uuid7())
    columns = trust.columns(new_trust, bound_in=bound_in)
    codes = [
        RecoveryCode(
            set_id=set_id,
            account_id=account_id,
            digest=digest,
            key_id=key_id,
            made_at=at,
            host_id=host_id,
            **columns,
        )
        for digest in digests
    ]
    if asked_code:
        code = codes[asked_code.number_in_set - 1]
        code.number_in_set, code.ending = asked_code.number_in_set, asked_code.ending
    session.add_all(codes)
    session.flush()
    return set_id


def find(session: Session, account_id: str, *digests: str) -> RecoveryCode | None:
    """The account's code of one of these digests, if it still works; its row is locked, so that the code works once."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        col(RecoveryCode.digest).in_(digests),
        *works_now(),
    )
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def find_asked(session: Session, account_id: str) -> RecoveryCode | None:
    """The code whose ending is asked for, of the newest set that waits for it; None if it was used or none waits."""
    newest = select(RecoveryCode.set_id).where(
        RecoveryCode.account_id == account_id, col(RecoveryCode.proven_at).is_(None), *works_now()
    )
    newest = newest.order_by(col(RecoveryCode.made_at).desc()).limit(1)
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        col(RecoveryCode.set_id).in_(newest.scalar_subquery()),
        col(RecoveryCode.ending).is_not(None),
        *works_now(),
    )
    return session.exec(query).first()


def is_known(session: Session, account_id: str, *digests: str) -> bool:
    """Whether the account ever had a code of one of these digests. It locks nothing.

    It costs nobody's guess the same.
    """
    query = select(RecoveryCode.code_id).where(
        RecoveryCode.account_id == account_id, col(RecoveryCode.digest).in_(digests)
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
    """Note that the person typed a code back, which shows that they have the set."""
    of_set = _working(code.account_id).where(col(RecoveryCode.set_id) == code.set_id)
    session.execute(of_set.values(proven_at=at))


def other_sets(session: Session, account_id: str, set_id: str) -> Sequence[RecoveryCode]:
    """One working code of each other set of the account."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.set_id != set_id, *works_now()
    )
    return list({code.set_id: code for code in session.exec(query)}.values())


def is_kept_since(session: Session, account_id: str, since: datetime) -> bool:
    """Whether a code of a set that was made since an instant was typed back."""
    query = select(RecoveryCode.code_id).where(
        RecoveryCode.account_id == account_id,
        col(RecoveryCode.made_at) >= since,
        col(RecoveryCode.proven_at).is_not(None),
    )
    return session.exec(query.limit(1)).first() is not None


def working_set(session: Session, account_id: str, set_id: str) -> RecoveryCode | None:
    """A working code of a set, which holds what is true of the whole set."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.set_id == set_id, *works_now()
    )
    return session.exec(query.limit(1)).first()


def find_of_set(session: Session, account_id: str, set_id: str) -> RecoveryCode | None:
    """A code of a set that is neither void nor held, used or not: it holds what is true of the whole set."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.set_id == set_id,
        col(RecoveryCode.voided_at).is_(None),
        col(RecoveryCode.held_at).is_(None),
    )
    return session.exec(query.limit(1)).first()


def look_up_set(session: Session, account_id: str, set_id: str) -> RecoveryCode | None:
    """A code of a set, whatever became of it."""
    query = select(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.set_id == set_id)
    return session.exec(query.limit(1)).first()


def void_set(
    session: Session,
    account_id: str,
    set_id: str,
    *,
    at: datetime,
    voided_in: str | None = None,
    voided_as: Assurance | None = None,
) -> None:
    """Void the unused codes of a set."""
    of_set = _working(account_id).where(
        col(RecoveryCode.set_id) == set_id, col(RecoveryCode.used_at).is_(None)
    )
    session.execute(of_set.values(voided_at=at, voided_in=voided_in, voided_as=voided_as))


def bring_back(session: Session, account_id: str, set_id: str) -> None:
    """Let the unused codes of a void set work again."""
    session.execute(_of_set(account_id, set_id).values(voided_at=None, voided_in=None, voided_as=None))


def hold_set(session: Session, account_id: str, set_id: str, *, at: datetime | None) -> None:
    """Keep the codes of a set out of use while a dispute about it is open; with None, let them work again."""
    session.execute(_of_set(account_id, set_id).values(held_at=at))


def establish(session: Session, account_id: str, set_id: str, *, from_: datetime | None, way: Way) -> None:
    """Note from when a set is established; None if that is not known."""
    session.execute(_of_set(account_id, set_id).values(established_from=from_, way=way))


def made_in(session: Session, account_id: str, session_id: str) -> list[RecoveryCode]:
    """One code of each set that a session made."""
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.bound_in == session_id
    )
    return list({code.set_id: code for code in session.exec(query)}.values())


def voided_in(session: Session, account_id: str, session_id: str) -> set[str]:
    """The sets that a session made void."""
    query = select(RecoveryCode.set_id).where(
        RecoveryCode.account_id == account_id, RecoveryCode.voided_in == session_id
    )
    return set(session.exec(query).all())


def works(session: Session, account_id: str, set_id: str) -> bool:
    """Whether any code of a set still opens the account."""
    return working_set(session, account_id, set_id) is not None


def left(session: Session, account_id: str) -> tuple[int, bool]:
    """How many codes still work, and whether they are proven; unproven codes count only if no proven code works."""
    return left_of(session, [account_id]).get(account_id, (0, False))


def left_of(session: Session, account_ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """The same for several accounts, by account id; accounts without working codes are missing."""
    query = (
        select(RecoveryCode.account_id, func.count(), func.count(col(RecoveryCode.proven_at)))
        .where(col(RecoveryCode.account_id).in_(account_ids), *works_now())
        .group_by(col(RecoveryCode.account_id))
    )
    return {
        account_id: (proven, True) if proven else (codes, False)
        for account_id, codes, proven in session.exec(query)
    }


def proven_sets_of(session: Session, account_ids: Sequence[str]) -> dict[str, list[RecoveryCode]]:
    """One working code of each proven set of several accounts, by account id; accounts without any are missing."""
    query = select(RecoveryCode).where(
        col(RecoveryCode.account_id).in_(account_ids), col(RecoveryCode.proven_at).is_not(None), *works_now()
    )
    by_set = {code.set_id: code for code in session.exec(query)}
    sets: dict[str, list[RecoveryCode]] = {}
    for code in by_set.values():
        sets.setdefault(code.account_id, []).append(code)
    return sets


def works_now() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a code opens its account."""
    unset = (RecoveryCode.used_at, RecoveryCode.voided_at, RecoveryCode.held_at)
    return tuple(col(column).is_(None) for column in unset)


def _of_set(account_id: str, set_id: str) -> Update:
    return update(RecoveryCode).where(
        col(RecoveryCode.account_id) == account_id,
        col(RecoveryCode.set_id) == set_id,
        col(RecoveryCode.used_at).is_(None),
    )


def _working(account_id: str) -> Update:
    return update(RecoveryCode).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.voided_at).is_(None)
    )
