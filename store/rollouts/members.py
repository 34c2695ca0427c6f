"""Who is in a cohort: written once, and never moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, String, cast, false, func, or_, text
from sqlmodel import Field, Session, SQLModel, and_, col, exists, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from domain.facts import SmsState
from domain.rollouts.buckets import bucket, is_held_out
from domain.rollouts.cohorts import Cohort, Who
from store.engine.types import Instant
from store.engine.upserts import insert
from store.journeys.journeys import Journey
from store.people.accounts import Account, is_deleted
from store.people.passkeys import Passkey


class Member(SQLModel, table=True):
    """One account's place in one cohort. `wave` has launched it; None if it is not launched, or held out.

    `passed_over_because`: why it could not take part when a launch came to it last (an `Ineligibility`), and
    `passed_over_at`: since when that is the reason. Both are None until then, and again once it is launched.
    """

    __table_args__ = (
        Index("ix_member_place", "cohort_id", "held_out", "bucket", "account_id"),
        Index(
            "ix_member_passed_over",
            "cohort_id",
            "account_id",
            sqlite_where=text("passed_over_because IS NOT NULL"),
            postgresql_where=text("passed_over_because IS NOT NULL"),
        ),
    )

    cohort_id: str = Field(primary_key=True, foreign_key="cohort.cohort_id")
    account_id: str = Field(primary_key=True, foreign_key="account.account_id", index=True)
    bucket: int
    held_out: bool
    enrolled_at: datetime = Field(sa_type=Instant)
    wave: int | None = None
    launched_at: datetime | None = Field(default=None, sa_type=Instant)
    passed_over_at: datetime | None = Field(default=None, sa_type=Instant)
    passed_over_because: str | None = None


@dataclass(frozen=True, kw_only=True)
class LaunchPosition:
    """A point in the order in which members are launched: by bucket, then by id."""

    bucket: int = -1
    account_id: str = ""


def enrol(
    session: Session, cohort_id: str, cohort: Cohort, *, salt: str, after: str, at: datetime, batch: int
) -> tuple[str | None, int]:
    """Enrol the next accounts that the description matches, in the order of their ids, but nobody who is done.

    Returns the last matching account, None at the end, and how many matched, enrolled already or not.
    """
    query = select(Account.account_id).where(Account.account_id > after, candidates(cohort))
    ids = list(session.exec(query.order_by(Account.account_id).limit(batch)).all())
    if not ids:
        return None, 0
    rows = [_row(cohort_id, account_id, cohort, salt, at) for account_id in ids]
    session.execute(insert(session, Member).values(rows).on_conflict_do_nothing())
    return ids[-1], len(ids)


def has_launched(session: Session, cohort_id: str, *, wave: int) -> bool:
    """Whether a wave has launched anybody."""
    query = select(Member.account_id).where(
        Member.cohort_id == cohort_id, Member.wave == wave, col(Member.launched_at).is_not(None)
    )
    return session.exec(query.limit(1)).first() is not None


def cohorts_of(session: Session, account_ids: Sequence[str]) -> dict[str, str]:
    """The cohorts that have launched these accounts, by account id; accounts that none has launched are missing."""
    query = select(Member.account_id, Member.cohort_id).where(
        col(Member.account_id).in_(account_ids), col(Member.launched_at).is_not(None)
    )
    return dict(session.exec(query).all())


def to_launch(
    session: Session, cohort_id: str, *, below: int, after: LaunchPosition, batch: int
) -> list[LaunchPosition]:
    """The next members of a wave who are not launched yet, in launching order, able to take part or not."""
    return _places(session, unlaunched(cohort_id, below=below, after=after).limit(batch))


def unlaunched(cohort_id: str, *, below: int, after: LaunchPosition) -> Select[int, str]:
    """The query behind `to_launch`, without an end."""
    query = _in_launching_order(cohort_id, after)
    is_gone = exists().where(col(Account.account_id) == Member.account_id, is_deleted())
    return query.where(Member.bucket < below, col(Member.launched_at).is_(None), ~is_gone)


def launched_beyond(
    session: Session, cohort_id: str, *, wave: int, after: LaunchPosition, batch: int
) -> list[LaunchPosition]:
    """The next members whom a wave has launched and whose journeys ought to run, in launching order."""
    query = (
        _in_launching_order(cohort_id, after)
        .join(Journey, col(Journey.account_id) == Member.account_id)
        .where(Member.wave == wave, col(Journey.ended_at).is_(None))
    )
    return _places(session, query.limit(batch))


def to_take_back(session: Session, cohort_id: str, *, waves: Collection[int], batch: int) -> Sequence[str]:
    """Launched members whose SMS is switched on again, or left on, because their rollout was given up.

    Nobody stays under notice. Of `waves`, everybody in probation; of the others, those who have not signed in by a
    passkey since it began.
    """
    signed_in_since = exists().where(
        col(Passkey.account_id) == Account.account_id, col(Passkey.last_used_at) >= col(Account.sms_since)
    )
    is_suspended = col(Account.sms) == SmsState.SUSPENDED
    query = (
        select(Account.account_id)
        .join(Member, col(Member.account_id) == Account.account_id)
        .where(
            Member.cohort_id == cohort_id,
            col(Member.launched_at).is_not(None),
            or_(
                col(Account.sms) == SmsState.NOTICE,
                and_(is_suspended, or_(col(Member.wave).in_(waves), ~signed_in_since)),
            ),
        )
    )
    return session.exec(query.order_by(Account.account_id).limit(batch)).all()


def to_renew(session: Session, cohort_id: str, policy_id: str, *, batch: int) -> Sequence[str]:
    """Launched members whose running journeys have another policy."""
    query = _running(cohort_id).where(Journey.policy_id != policy_id)
    return session.exec(query.order_by(Journey.account_id).limit(batch)).all()


def has_running(session: Session, cohort_id: str) -> bool:
    """Whether the journey of any launched member has not ended yet."""
    return session.exec(_running(cohort_id).limit(1)).first() is not None


def launched(session: Session, cohort_id: str, *, after: str = "", batch: int = 500) -> list[str]:
    """The next accounts behind `after` that a cohort has launched, in the order of their ids."""
    query = select(Member.account_id).where(
        Member.cohort_id == cohort_id, col(Member.launched_at).is_not(None), Member.account_id > after
    )
    return list(session.exec(query.order_by(Member.account_id).limit(batch)))


def cohort_of(session: Session, account_id: str) -> str | None:
    """The cohort that has launched an account; None if none has."""
    query = select(Member.cohort_id).where(
        Member.account_id == account_id, col(Member.launched_at).is_not(None)
    )
    return session.exec(query).first()


def size(session: Session, cohort_id: str, *, held_out: bool) -> int:
    """How many members a cohort has, held out or not."""
    query = select(func.count()).where(Member.cohort_id == cohort_id, Member.held_out == held_out)
    return session.exec(query.select_from(Member)).one()


def launched_by_wave(session: Session, cohort_id: str) -> dict[int, int]:
    """How many members each wave has launched."""
    query = (
        select(Member.wave, func.count())
        .where(Member.cohort_id == cohort_id, col(Member.wave).is_not(None))
        .group_by(col(Member.wave))
    )
    return {wave: count for wave, count in session.exec(query) if wave is not None}


def _running(cohort_id: str) -> SelectOfScalar[str]:
    """The accounts of launched members whose journeys have not ended."""
    return (
        select(Journey.account_id)
        .join(Member, col(Member.account_id) == Journey.account_id)
        .where(
            Member.cohort_id == cohort_id,
            col(Member.launched_at).is_not(None),
            col(Journey.ended_at).is_(None),
        )
    )


def _in_launching_order(cohort_id: str, after: LaunchPosition) -> Select[int, str]:
    is_further = (col(Member.bucket) > after.bucket) | (col(Member.account_id) > after.account_id)
    # SQLite follows the index by `=` and `>=` alone: neither by IS, nor by the alternatives of `is_further`.
    return (
        select(Member.bucket, Member.account_id)
        .where(
            Member.cohort_id == cohort_id,
            col(Member.held_out) == false(),
            Member.bucket >= after.bucket,
            is_further,
        )
        .order_by(col(Member.bucket), col(Member.account_id))
    )


def _places(session: Session, query: Select[int, str]) -> list[LaunchPosition]:
    return [
        LaunchPosition(bucket=number, account_id=account_id) for number, account_id in session.exec(query)
    ]


def candidates(cohort: Cohort) -> ColumnElement[bool]:
    """The accounts that a launch makes members: those that match, and are not done."""
    return and_(matches(cohort), ~is_done())


def is_done() -> ColumnElement[bool]:
    """The accounts that have left text-message codes behind: there is nothing to move, and nothing to compare with."""
    return col(Account.sms) == SmsState.REMOVED


def matches(cohort: Cohort) -> ColumnElement[bool]:
    """The accounts that a description includes and does not exclude."""
    is_included = and_(criteria(cohort.include), ~is_deleted())
    return and_(is_included, ~criteria(cohort.exclude)) if cohort.exclude else is_included


def criteria(who: Who) -> ColumnElement[bool]:
    """The accounts for which all that a filter asks for holds; never NULL."""
    conditions: list[ColumnElement[bool]] = [col(Account.account_id).is_not(None)]
    choices: Sequence[tuple[Any, tuple[str, ...]]] = (
        (Account.external_id, who.external_ids),
        (Account.country, who.countries),
        (Account.risk_tier, who.risk_tiers),
    )
    # An account without a country or tier matches none: with NULL, an exclusion would exclude such accounts too.
    conditions += [func.coalesce(column, "").in_(values) for column, values in choices if values]
    if who.locales:
        conditions.append(or_(*(_is_or_below(locale) for locale in who.locales)))
    if who.signed_in_since:
        conditions.append(func.coalesce(col(Account.last_sign_in_at) >= who.signed_in_since, False))
    if who.phone_only is not None:
        conditions.append(col(Account.email).is_(None) if who.phone_only else col(Account.email).is_not(None))
    if who.device_ready is not None:
        exposed_at = col(Account.exposed_at)
        conditions.append(exposed_at.is_not(None) if who.device_ready else exposed_at.is_(None))
    conditions += [_says(name, value) for name, value in who.attributes.items()]
    return and_(*conditions)


def _is_or_below(locale: str) -> ColumnElement[bool]:
    """A language includes its regional variants (RFC 4647, 3.3.1): `de` includes `de-AT`."""
    language = func.lower(col(Account.locale))
    return or_(language == locale.lower(), language.startswith(f"{locale.lower()}-", autoescape=True))


def _says(name: str, value: str) -> ColumnElement[bool]:
    """Numbers and flags are compared as text; SQLite keeps flags as 1 and 0."""
    text_value = cast(col(Account.attributes)[name].as_string(), String)
    return func.coalesce(text_value, "").in_({value, {"true": "1", "false": "0"}.get(value, value)})


def _row(cohort_id: str, account_id: str, cohort: Cohort, salt: str, at: datetime) -> dict[str, Any]:
    number = bucket(salt, account_id)
    return {
        "cohort_id": cohort_id,
        "account_id": account_id,
        "bucket": number,
        "held_out": is_held_out(number, cohort.holdout_percent),
        "enrolled_at": at,
    }
