"""What people are called at an identity system. An account that none has told of goes by the host's id of it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, literal
from sqlmodel import Session, and_, col, func, or_, select

from store.people.account_indexes import in_small
from store.people.accounts import Account, is_deleted


def user_name_key(user_name: str) -> str:
    """What is the same in all spellings of a name: capitals do not count (RFC 7643, 4.1.1)."""
    return user_name.casefold()


def name_of(account: Account) -> str:
    """What the person of an account is called."""
    return account.user_name or account.external_id


def is_free(session: Session, user_name: str, *, besides: str | None = None) -> bool:
    """Whether no account but `besides` (its id) has a name, or goes by it."""
    query = select(Account.account_id).where(
        _has_name(session, user_name), col(Account.account_id) != (besides or "")
    )
    return session.exec(query.limit(1)).first() is None


def name(session: Session, account: Account, user_name: str) -> None:
    """Name the person of a locked account."""
    account.user_name, account.user_name_key = user_name, user_name_key(user_name)
    session.add(account)
    session.flush()


def page(
    session: Session, *, user_name: str | None, external_id: str | None, offset: int, limit: int
) -> tuple[Sequence[Account], int]:
    """Some accounts, in the order of their ids: those with a name or a host's id, or any; and how many there are."""
    which = ~is_deleted()
    if user_name is not None:
        which = and_(which, _has_name(session, user_name))
    if external_id is not None:
        which = and_(which, col(Account.external_id) == external_id)
    query = select(Account).where(which).order_by(col(Account.account_id)).offset(offset).limit(limit)
    total = session.exec(select(func.count()).select_from(Account).where(which)).one()
    return session.exec(query).all() if limit else [], total


def _has_name(session: Session, user_name: str) -> ColumnElement[bool]:
    """A host's id is a name in any capitals, too; but databases know only those of ASCII alike."""
    as_name = in_small(session, col(Account.external_id)) == in_small(session, literal(user_name))
    goes_by_id = and_(col(Account.user_name_key).is_(None), as_name)
    return and_(~is_deleted(), or_(col(Account.user_name_key) == user_name_key(user_name), goes_by_id))
