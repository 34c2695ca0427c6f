"""Counts all accounts by what is true of them now, in one statement, so that the numbers fit together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    distinct,
    func,
    literal_column,
    select,
)
from sqlmodel import Session, col

from domain.facts import Facts, SmsState
from domain.journey import JourneyOutcome
from store.journeys.journeys import Journey
from store.people import authenticator_apps, erased_tallies, passkeys
from store.people.accounts import Account, is_deleted
from store.people.authenticator_apps import AuthenticatorApp
from store.people.erased_tallies import Likeness
from store.people.passkeys import Passkey, PasskeyDay
from store.people.recovery_codes import RecoveryCode
from store.rollouts import placement
from store.rollouts.members import Member

_FIGURE = "census"
_MOST_DAYS = 30
"""Days above this number are not told apart: no policy asks for more."""


class Codes(StrEnum):
    """Whether an account has recovery codes, and whether they are proven and enough."""

    NONE = "none"
    UNPROVEN = "unproven"
    FEW = "few"
    ENOUGH = "enough"


FEW_CODES = 2
"""At most this many proven recovery codes count as few."""


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A group of accounts that are alike, and their number.

    `policy_id` is the policy of their journeys, None without a journey; `outcome` is None until the journey
    ends. `facts` holds only the facts that milestones depend on.
    """

    accounts: int
    cohort_id: str
    wave: str
    policy_id: str | None
    outcome: str | None
    sms: SmsState
    is_held: bool
    codes: Codes
    facts: Facts


def take(session: Session, *, now: datetime) -> list[Alike]:
    """Count every account once: under the cohort that has launched it, or else under the cohort that holds it out.

    Erased people count on as they were, but for their journeys, which have ended.
    This reads all accounts, members, journeys, passkeys and recovery codes: seconds for a million accounts.
    """
    return list(_rows(session, now))


def likenesses(session: Session, account_id: str) -> Iterator[Likeness]:
    """What the census is to go on counting of a person who is about to be erased."""
    for row in session.execute(_query(account_id)).mappings():
        facts = {name: value for name, value in row.items() if name != "accounts"}
        ended = {"is_held": False, "outcome": row["outcome"] or (row["policy_id"] and JourneyOutcome.DELETED)}
        yield erased_tallies.likeness(_FIGURE, facts | ended)


def members(session: Session) -> dict[tuple[str, bool], int]:
    """How many members each cohort has, by cohort id and whether they are held out; an index answers."""
    query = select(col(Member.cohort_id), col(Member.held_out), func.count()).group_by(
        col(Member.cohort_id), col(Member.held_out)
    )
    return {(cohort_id, held_out): count for cohort_id, held_out, count in session.execute(query)}


def _rows(session: Session, now: datetime) -> Iterator[Alike]:
    erased = (facts | {"accounts": people} for facts, people in erased_tallies.read(session, _FIGURE))
    for row in (*session.execute(_query()).mappings(), *erased):
        place, proven = placement.of(row), bool(row["codes_proven"])
        yield Alike(
            accounts=row["accounts"],
            cohort_id=place.cohort,
            wave=place.wave,
            policy_id=row["policy_id"],
            outcome=row["outcome"],
            sms=SmsState(row["sms"]),
            is_held=bool(row["is_held"]),
            codes=_codes(row["codes"], proven=proven),
            facts=Facts(
                email_verified_at=now if row["email_verified"] else None,
                passkeys=row["passkeys"],
                synced_passkeys=row["synced"],
                proven_passkeys=row["proven"],
                passkey_days=row["days"],
                recovery_codes_left=row["codes"],
                recovery_codes_proven=proven,
                authenticator_apps=row.get("apps", 0),
                app_days=row.get("app_days", 0),
                lacks_device=bool(row.get("lacks_device", False)),
                sms=SmsState(row["sms"]),
            ),
        )


def _codes(count: int, *, proven: bool) -> Codes:
    if not count:
        return Codes.NONE
    if not proven:
        return Codes.UNPROVEN
    return Codes.FEW if count <= FEW_CODES else Codes.ENOUGH


def _query(account_id: str | None = None) -> Select[Any]:
    one_alone = () if account_id is None else (col(Account.account_id) == account_id,)
    launched, held_out = placement.launched(), placement.held_out()
    bound, days, codes, apps = _bound(), _days(), _recovery_codes(), _apps()
    keys: dict[str, SQLColumnExpression[Any]] = {
        "launched": launched.c.cohort_id,
        "wave": launched.c.wave,
        "held_out": held_out.c.cohort_id,
        "policy_id": col(Journey.policy_id),
        "outcome": col(Journey.outcome),
        "sms": col(Account.sms),
        "is_held": col(Account.held_since).is_not(None),
        "email_verified": col(Account.email_verified_at).is_not(None),
        "passkeys": func.coalesce(bound.c.passkeys, 0),
        "synced": func.coalesce(bound.c.synced, 0),
        "proven": func.coalesce(bound.c.proven, 0),
        "days": func.coalesce(days.c.days, 0),
        "codes": func.coalesce(codes.c.codes, 0),
        "codes_proven": func.coalesce(codes.c.proven, 0),
        "apps": func.coalesce(apps.c.apps, 0),
        "app_days": func.coalesce(apps.c.days, 0),
        "lacks_device": col(Account.lacks_device_since).is_not(None),
    }
    columns: list[ColumnElement[Any]] = [column.label(name) for name, column in keys.items()]
    # By position, because PostgreSQL does not see that two expressions with parameters are equal.
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
        .outerjoin(apps, apps.c.account_id == Account.account_id)
        .where(~is_deleted(), *one_alone)
        .group_by(*positions)
    )


def _bound() -> Subquery:
    query = select(
        col(Passkey.account_id),
        _at_most(func.count(), 2).label("passkeys"),
        _at_most(func.count().filter(col(Passkey.backed_up)), 1).label("synced"),
        _at_most(func.count(col(Passkey.last_used_at)), 1).label("proven"),
    )
    return query.where(*passkeys.is_active()).group_by(col(Passkey.account_id)).subquery()


def _days() -> Subquery:
    days = _at_most(func.count(distinct(col(PasskeyDay.day))), _MOST_DAYS).label("days")
    query = select(col(Passkey.account_id), days)
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == Passkey.passkey_id)
    return joined.where(*passkeys.is_active()).group_by(col(Passkey.account_id)).subquery()


def _recovery_codes() -> Subquery:
    """Usable codes by account, counted as `recovery_codes.left_of` counts: only proven codes, if there are any."""
    is_usable = and_(col(RecoveryCode.used_at).is_(None), col(RecoveryCode.voided_at).is_(None))
    proven = func.count(col(RecoveryCode.proven_at))
    count = _at_most(case((proven > 0, proven), else_=func.count()), FEW_CODES + 1)
    columns = (count.label("codes"), _at_most(proven, 1).label("proven"))
    query = select(col(RecoveryCode.account_id), *columns)
    return query.where(is_usable).group_by(col(RecoveryCode.account_id)).subquery()


def _apps() -> Subquery:
    days = _at_most(func.max(col(AuthenticatorApp.days_used)), _MOST_DAYS).label("days")
    query = select(col(AuthenticatorApp.account_id), _at_most(func.count(), 1).label("apps"), days)
    of_working = query.where(*authenticator_apps.works_now())
    return of_working.group_by(col(AuthenticatorApp.account_id)).subquery()


def _at_most(count: ColumnElement[int], limit: int) -> ColumnElement[int]:
    return case((count > limit, limit), else_=count)
