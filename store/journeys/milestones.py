"""Which milestone a journey waits for, asked in SQL: what `domain.milestones` says of facts, said of their rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, distinct, func, select
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, false, not_, or_

from domain.facts import Milestone
from domain.policy import Policy, SecondRoute
from store.journeys.journeys import Journey
from store.people import passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey, PasskeyDay
from store.people.recovery_codes import RecoveryCode

Rules = Mapping[str, Policy]

_Bound = aliased(Passkey)
"""A name of its own: the query around may be one of passkeys."""


def waits_for(milestone: Milestone, rules: Rules, *, whose: Any) -> ColumnElement[bool]:
    """Whether this milestone is the next of the account `whose`, in a query that has its rows of Account and Journey.

    `rules` are all policies by their ids. An account whose journey does not run waits for none.
    """
    if not rules:
        return false()
    order = list(Milestone)
    met = [_reached(earlier, rules, whose) for earlier in order[: order.index(milestone)]]
    return and_(col(Journey.policy_id).is_not(None), *met, not_(_reached(milestone, rules, whose)))


def _reached(milestone: Milestone, rules: Rules, whose: Any) -> ColumnElement[bool]:
    match milestone:
        case Milestone.EMAIL_VERIFIED:
            return col(Account.email_verified_at).is_not(None)
        case Milestone.PASSKEY_ENROLLED:
            return _passkeys(whose) > 0
        case Milestone.PASSKEY_PROVEN:
            worked = _passkeys(whose, col(_Bound.last_used_at).is_not(None)) > 0
            return and_(worked, _days(whose) >= _proving_days(rules))
        case Milestone.SECOND_ROUTE_READY:
            routes = _second_routes(whose)
            return or_(*(and_(_accepts(route, rules), ready) for route, ready in routes.items()))


def _passkeys(whose: Any, *such: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many passkeys open the account. With an EXISTS, PostgreSQL might read everybody's passkeys to begin with."""
    query = select(func.count()).select_from(_Bound).where(*_of(whose), *such)
    return query.scalar_subquery()


def _days(whose: Any) -> ScalarSelect[int]:
    query = select(func.count(distinct(col(PasskeyDay.day)))).select_from(_Bound)
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == _Bound.passkey_id)
    return joined.where(*_of(whose)).scalar_subquery()


def _of(whose: Any) -> tuple[ColumnElement[bool], ...]:
    return col(_Bound.account_id) == whose, *passkeys.is_active(_Bound)


def _proven_codes(whose: Any) -> ScalarSelect[int]:
    works = and_(col(RecoveryCode.used_at).is_(None), col(RecoveryCode.voided_at).is_(None))
    query = select(func.count(col(RecoveryCode.proven_at))).select_from(RecoveryCode)
    return query.where(col(RecoveryCode.account_id) == whose, works).scalar_subquery()


def _second_routes(whose: Any) -> dict[SecondRoute, ColumnElement[bool]]:
    return {
        SecondRoute.ANOTHER_PASSKEY: _passkeys(whose) >= 2,
        SecondRoute.SYNCED_PASSKEY: _passkeys(whose, col(_Bound.backup_eligible).is_(True)) > 0,
        SecondRoute.RECOVERY_CODES: _proven_codes(whose) > 0,
    }


def _proving_days(rules: Rules) -> ColumnElement[int]:
    by_policy = {policy_id: policy.proving_days for policy_id, policy in rules.items()}
    return case(by_policy, value=col(Journey.policy_id), else_=0)


def _accepts(route: SecondRoute, rules: Rules) -> ColumnElement[bool]:
    ids = [policy_id for policy_id, policy in rules.items() if route in policy.second_routes]
    return col(Journey.policy_id).in_(ids)
