"""How far each person has come, in SQL: what the funnel counts, and what lists of its people show."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, distinct, false, func, not_, or_, select
from sqlmodel import col

from domain.facts import Milestone, SmsState
from domain.policy import InsteadOfPasskey, Policy, SecondRoute
from domain.rollouts.buckets import reach
from domain.rollouts.cohorts import Cohort
from store.people import authenticator_apps, passkeys
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey, PasskeyDay
from store.people.recovery_codes import RecoveryCode
from store.rollouts.members import Member

_Query: TypeAlias = "Select[*tuple[Any, ...]]"
Whose: TypeAlias = "_Query | None"
"""The accounts that are asked about; None: all. A list asks about a few, and so reads no table as a whole."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is counted of each account in tables of its own."""

    bound: Subquery
    days: Subquery
    codes: Subquery
    apps: Subquery


def sources(whose: Whose = None) -> Sources:
    """The tables that `steps` reads."""
    return Sources(bound=_bound(whose), days=_days(whose), codes=_proven_codes(whose), apps=_apps(whose))


def joined(query: _Query, counted: Sources) -> _Query:
    """A query of members, with these tables."""
    for source in (counted.bound, counted.days, counted.codes, counted.apps):
        query = query.outerjoin(source, source.c.account_id == Member.account_id)
    return query


def wave_of(cohort: Cohort) -> ColumnElement[int | None]:
    """The wave that has launched a member, or that will."""
    planned: list[Any] = [
        (col(Member.bucket) < reach(wave.percent), number) for number, wave in enumerate(cohort.waves)
    ]
    planned_wave = case(*planned, else_=None)
    return case((col(Member.held_out), None), else_=func.coalesce(col(Member.wave), planned_wave))


def steps(policy: Policy, sources: Sources) -> dict[str, ColumnElement[bool]]:
    """`domain.milestones.reached`, in SQL, by the names of the steps."""
    bound, days, codes, apps = sources.bound, sources.days, sources.codes, sources.apps
    is_proven = and_(
        func.coalesce(bound.c.proven, 0) > 0, func.coalesce(days.c.days, 0) >= policy.proving_days
    )
    is_taken = policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP
    has_app = apps.c.account_id.is_not(None)
    may_stand_in = and_(col(Account.lacks_device_since).is_not(None), has_app) if is_taken else false()
    stands_in = and_(may_stand_in, not_(is_proven))
    routes: dict[SecondRoute, ColumnElement[bool]] = {
        SecondRoute.ANOTHER_PASSKEY: bound.c.passkeys >= 2,
        SecondRoute.SYNCED_PASSKEY: bound.c.synced > 0,
        SecondRoute.RECOVERY_CODES: codes.c.account_id.is_not(None),
        SecondRoute.AUTHENTICATOR_APP: and_(has_app, not_(stands_in)),
    }
    sms, states = col(Account.sms), list(SmsState)
    return {
        Milestone.EMAIL_VERIFIED: col(Account.email_verified_at).is_not(None),
        Milestone.PASSKEY_ENROLLED: or_(bound.c.passkeys > 0, may_stand_in),
        Milestone.PASSKEY_PROVEN: or_(is_proven, and_(may_stand_in, apps.c.days >= policy.proving_days)),
        "by_app": and_(stands_in, apps.c.days >= policy.proving_days),
        Milestone.SECOND_ROUTE_READY: or_(*(routes[route] for route in policy.second_routes)),
        **{state: sms.in_(states[states.index(state) :]) for state in states[1:]},
    }


def _bound(whose: Whose) -> Subquery:
    query = select(
        col(Passkey.account_id),
        func.count().label("passkeys"),
        func.count().filter(col(Passkey.backed_up)).label("synced"),
        func.count(col(Passkey.last_used_at)).label("proven"),
    )
    return (
        _of(query, whose, Passkey.account_id)
        .where(*passkeys.is_active())
        .group_by(col(Passkey.account_id))
        .subquery()
    )


def _days(whose: Whose) -> Subquery:
    query = select(col(Passkey.account_id), func.count(distinct(col(PasskeyDay.day))).label("days"))
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == Passkey.passkey_id)
    return (
        _of(joined, whose, Passkey.account_id)
        .where(*passkeys.is_active())
        .group_by(col(Passkey.account_id))
        .subquery()
    )


def _proven_codes(whose: Whose) -> Subquery:
    is_usable = and_(col(RecoveryCode.used_at).is_(None), col(RecoveryCode.voided_at).is_(None))
    query = select(col(RecoveryCode.account_id)).where(is_usable, col(RecoveryCode.proven_at).is_not(None))
    return _of(query, whose, RecoveryCode.account_id).distinct().subquery()


def _apps(whose: Whose) -> Subquery:
    query = select(col(AuthenticatorApp.account_id), func.max(col(AuthenticatorApp.days_used)).label("days"))
    of_working = query.where(*authenticator_apps.works_now())
    return (
        _of(of_working, whose, AuthenticatorApp.account_id)
        .group_by(col(AuthenticatorApp.account_id))
        .subquery()
    )


def _of(query: _Query, whose: Whose, account_id: Any) -> _Query:
    return query if whose is None else query.where(col(account_id).in_(whose))
