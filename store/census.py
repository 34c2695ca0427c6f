"""Counts all accounts by what is true of them now: one statement, so that its numbers fit together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    func,
    literal_column,
    select,
)
from sqlmodel import Session, col

from domain.counting import HOLDOUT, NOBODY, wave_name
from domain.facts import Facts, SmsState
from store import passkeys
from store.accounts import Account
from store.journeys import Journey
from store.members import Member
from store.passkeys import Passkey, PasskeyDay
from store.recovery_codes import RecoveryCode

_MOST_DAYS = 30
"""More days than any policy asks for make no difference."""


class Age(StrEnum):
    """How long ago something began."""

    DAY = "under_a_day"
    WEEK = "under_a_week"
    MONTH = "under_a_month"
    OLDER = "older"


class Codes(StrEnum):
    """How an account stands with its recovery codes."""

    NONE = "none"
    UNPROVEN = "unproven"
    FEW = "few"
    ENOUGH = "enough"


FEW_CODES = 2
"""So many proven recovery codes, or fewer, are soon used up."""

_AGES = {Age.DAY: timedelta(days=1), Age.WEEK: timedelta(days=7), Age.MONTH: timedelta(days=30)}


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Accounts that stand alike, and how many they are.

    `policy_id` is that of their journeys, None without one; `outcome` tells how those ended. `facts` hold what
    milestones are made of and nothing else.
    """

    accounts: int
    cohort_id: str
    wave: str
    policy_id: str | None
    outcome: str | None
    sms: SmsState
    is_held: bool
    stuck_reason: str | None
    stuck_for: Age | None
    codes: Codes
    facts: Facts


def take(session: Session, *, now: datetime) -> list[Alike]:
    """Count everybody, each once: by the cohort that has launched them, or else the one that holds them out.

    This walks all accounts, members, journeys, passkeys and recovery codes: seconds for a million.
    """
    return list(_rows(session, now))


def members(session: Session) -> dict[tuple[str, bool], int]:
    """How many members each cohort has, held out (True) or not; the index answers."""
    query = select(col(Member.cohort_id), col(Member.held_out), func.count()).group_by(
        col(Member.cohort_id), col(Member.held_out)
    )
    return {(cohort_id, held_out): count for cohort_id, held_out, count in session.execute(query)}


def _rows(session: Session, now: datetime) -> Iterator[Alike]:
    for row in session.execute(_query(now)).mappings():
        proven = bool(row["codes_proven"])
        yield Alike(
            accounts=row["accounts"],
            cohort_id=row["launched"] or row["held_out"] or NOBODY,
            wave=_wave(row),
            policy_id=row["policy_id"],
            outcome=row["outcome"],
            sms=SmsState(row["sms"]),
            is_held=bool(row["is_held"]),
            stuck_reason=row["stuck_reason"],
            stuck_for=Age(row["stuck_for"]) if row["stuck_for"] else None,
            codes=_codes(row["codes"], proven=proven),
            facts=Facts(
                email_verified_at=now if row["email_verified"] else None,
                passkeys=row["passkeys"],
                synced_passkeys=row["synced"],
                proven_passkeys=row["proven"],
                passkey_days=row["days"],
                recovery_codes_left=row["codes"],
                recovery_codes_proven=proven,
                sms=SmsState(row["sms"]),
            ),
        )


def _wave(row: Any) -> str:
    if row["launched"]:
        return wave_name(row["wave"])
    return HOLDOUT if row["held_out"] else NOBODY


def _codes(left: int, *, proven: bool) -> Codes:
    if not left:
        return Codes.NONE
    if not proven:
        return Codes.UNPROVEN
    return Codes.FEW if left <= FEW_CODES else Codes.ENOUGH


def _query(now: datetime) -> Select[Any]:
    launched, held_out = _launched(), _held_out()
    bound, days, codes = _bound(), _days(), _recovery_codes()
    keys: dict[str, SQLColumnExpression[Any]] = {
        "launched": launched.c.cohort_id,
        "wave": launched.c.wave,
        "held_out": held_out.c.cohort_id,
        "policy_id": col(Journey.policy_id),
        "outcome": col(Journey.outcome),
        "sms": col(Account.sms),
        "is_held": _flag(col(Account.held_since).is_not(None)),
        "stuck_reason": col(Account.stuck_reason),
        "stuck_for": _age(col(Account.stuck_since), now),
        "email_verified": _flag(col(Account.email_verified_at).is_not(None)),
        "passkeys": _at_most(bound.c.passkeys, 2),
        "synced": _at_most(bound.c.synced, 1),
        "proven": _at_most(bound.c.proven, 1),
        "days": _at_most(days.c.days, _MOST_DAYS),
        "codes": _at_most(codes.c.codes, FEW_CODES + 1),
        "codes_proven": _flag(codes.c.proven > 0),
    }
    columns: list[ColumnElement[Any]] = [column.label(name) for name, column in keys.items()]
    # By position: PostgreSQL does not see that two expressions with bound values are the same one.
    positions: list[ColumnElement[Any]] = [literal_column(str(number)) for number in range(1, len(keys) + 1)]
    return (
        select(*columns, func.count().label("accounts"))
        .select_from(Account)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .outerjoin(launched, launched.c.account_id == Account.account_id)
        .outerjoin(held_out, held_out.c.account_id == Account.account_id)
        .outerjoin(bound, bound.c.account_id == Account.account_id)
        .outerjoin(days, days.c.account_id == Account.account_id)
        .outerjoin(codes, codes.c.account_id == Account.account_id)
        .group_by(*positions)
    )


def _launched() -> Subquery:
    """At most one a person: nobody is launched who has a journey."""
    launched = select(col(Member.account_id), col(Member.cohort_id), col(Member.wave))
    return launched.where(col(Member.launched_at).is_not(None)).subquery()


def _held_out() -> Subquery:
    held_out = select(col(Member.account_id), func.min(Member.cohort_id).label("cohort_id"))
    return held_out.where(col(Member.held_out)).group_by(col(Member.account_id)).subquery()


def _bound() -> Subquery:
    query = select(
        col(Passkey.account_id),
        func.count().label("passkeys"),
        func.count().filter(col(Passkey.backup_eligible)).label("synced"),
        func.count(col(Passkey.last_used_at)).label("proven"),
    )
    return query.where(*passkeys.is_active()).group_by(col(Passkey.account_id)).subquery()


def _days() -> Subquery:
    query = select(col(Passkey.account_id), func.count(distinct(col(PasskeyDay.day))).label("days"))
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == Passkey.passkey_id)
    return joined.where(*passkeys.is_active()).group_by(col(Passkey.account_id)).subquery()


def _recovery_codes() -> Subquery:
    """Proven codes where there are any, as `store.recovery_codes.left_of` counts them."""
    works = and_(col(RecoveryCode.used_at).is_(None), col(RecoveryCode.voided_at).is_(None))
    proven = func.count(col(RecoveryCode.proven_at))
    counted = case((proven > 0, proven), else_=func.count())
    query = select(col(RecoveryCode.account_id), counted.label("codes"), proven.label("proven"))
    return query.where(works).group_by(col(RecoveryCode.account_id)).subquery()


def _age(since: SQLColumnExpression[Any], now: datetime) -> ColumnElement[str | None]:
    younger = [(since > now - age, name.value) for name, age in _AGES.items()]
    return case((since.is_(None), None), *younger, else_=Age.OLDER.value)


def _at_most(count: ColumnElement[Any], most: int) -> ColumnElement[int]:
    return case((func.coalesce(count, 0) > most, most), else_=func.coalesce(count, 0))


def _flag(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(condition, False), Integer)
