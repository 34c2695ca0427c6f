"""Which milestone a journey waits for, in SQL: the rules of `domain.milestones`, for rows instead of facts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, distinct, func, select
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, false, not_, or_

from domain.facts import Milestone
from domain.policy import InsteadOfPasskey, Policy, SecondRoute
from store.journeys.journeys import Journey
from store.people import authenticator_apps, passkeys, recovery_codes
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.passkeys import Passkey, PasskeyDay
from store.people.recovery_codes import RecoveryCode

Rules = Mapping[str, Policy]

_Bound = aliased(Passkey)
"""An alias, because the outer query may read passkeys too."""


def waits_for(milestone: Milestone, rules: Rules, *, account_id: Any) -> ColumnElement[bool]:
    """Whether an account waits for this milestone, as a condition for a query with its rows of Account and Journey.

    `account_id` is a column of that query; `rules` are all policies by their ids. An account whose journey does not
    run waits for no milestone.
    """
    if not rules:
        return false()
    order = list(Milestone)
    earlier_reached = [_reached(earlier, rules, account_id) for earlier in order[: order.index(milestone)]]
    return and_(
        col(Journey.policy_id).is_not(None), *earlier_reached, not_(_reached(milestone, rules, account_id))
    )


def parts(account_id: Any) -> dict[str, ColumnElement[int]]:
    """What the milestones of an account's routes are decided by, as columns by the names of their fields in `Facts`."""
    return {
        "passkeys": _passkeys(account_id),
        "synced_passkeys": _passkeys(account_id, col(_Bound.backed_up).is_(True)),
        "proven_passkeys": _passkeys(account_id, col(_Bound.last_used_at).is_not(None)),
        "passkey_days": _days(account_id),
        "recovery_codes_left": _proven_codes(account_id),
        "authenticator_apps": _apps(account_id, func.count()),
        "app_days": _apps(account_id, func.coalesce(func.max(col(AuthenticatorApp.days_used)), 0)),
    }


def last_app_day(account_id: Any) -> ScalarSelect[Any]:
    """The newest day on which any authenticator app that opens the account was used or set up, as a column."""
    return _apps(account_id, func.max(col(AuthenticatorApp.last_day)))


def last_passkey_day(account_id: Any) -> ScalarSelect[Any]:
    """The newest day on which any passkey that opens the account signed in, as a column."""
    query = select(func.max(col(PasskeyDay.day))).select_from(_Bound)
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == _Bound.passkey_id)
    return joined.where(*_of(account_id)).scalar_subquery()


def _reached(milestone: Milestone, rules: Rules, account_id: Any) -> ColumnElement[bool]:
    counts = parts(account_id)
    match milestone:
        case Milestone.EMAIL_VERIFIED:
            return col(Account.email_verified_at).is_not(None)
        case Milestone.PASSKEY_ENROLLED:
            return or_(counts["passkeys"] > 0, _app_may_stand_in(counts, rules))
        case Milestone.PASSKEY_PROVEN:
            is_app_proven = and_(_app_may_stand_in(counts, rules), counts["app_days"] >= _proving_days(rules))
            return or_(_is_passkey_proven(counts, rules), is_app_proven)
        case Milestone.SECOND_ROUTE_READY:
            routes = _second_routes(counts, rules)
            return or_(*(and_(_accepts(route, rules), ready) for route, ready in routes.items()))


def _passkeys(account_id: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many passkeys open the account. With EXISTS instead, PostgreSQL might read everybody's passkeys first."""
    query = select(func.count()).select_from(_Bound).where(*_of(account_id), *conditions)
    return query.scalar_subquery()


def _days(account_id: Any) -> ScalarSelect[int]:
    query = select(func.count(distinct(col(PasskeyDay.day)))).select_from(_Bound)
    joined = query.join(PasskeyDay, col(PasskeyDay.passkey_id) == _Bound.passkey_id)
    return joined.where(*_of(account_id)).scalar_subquery()


def _of(account_id: Any) -> tuple[ColumnElement[bool], ...]:
    return col(_Bound.account_id) == account_id, *passkeys.is_active(_Bound)


def _proven_codes(account_id: Any) -> ScalarSelect[int]:
    query = select(func.count(col(RecoveryCode.proven_at))).select_from(RecoveryCode)
    of_account = query.where(col(RecoveryCode.account_id) == account_id, *recovery_codes.works_now())
    return of_account.scalar_subquery()


def _apps(account_id: Any, counted: ColumnElement[Any]) -> ScalarSelect[Any]:
    query = select(counted).select_from(AuthenticatorApp)
    of_account = query.where(col(AuthenticatorApp.account_id) == account_id, *authenticator_apps.works_now())
    return of_account.scalar_subquery()


def _is_passkey_proven(counts: Mapping[str, ColumnElement[int]], rules: Rules) -> ColumnElement[bool]:
    return and_(counts["proven_passkeys"] > 0, counts["passkey_days"] >= _proving_days(rules))


def _app_may_stand_in(counts: Mapping[str, ColumnElement[int]], rules: Rules) -> ColumnElement[bool]:
    taken = InsteadOfPasskey.AUTHENTICATOR_APP
    ids = [policy_id for policy_id, policy in rules.items() if policy.instead_of_passkey is taken]
    if not ids:
        return false()
    is_taken = col(Journey.policy_id).in_(ids)
    return and_(is_taken, col(Account.lacks_device_since).is_not(None), counts["authenticator_apps"] > 0)


def _second_routes(
    counts: Mapping[str, ColumnElement[int]], rules: Rules
) -> dict[SecondRoute, ColumnElement[bool]]:
    stands_in = and_(_app_may_stand_in(counts, rules), not_(_is_passkey_proven(counts, rules)))
    return {
        SecondRoute.ANOTHER_PASSKEY: counts["passkeys"] >= 2,
        SecondRoute.SYNCED_PASSKEY: counts["synced_passkeys"] > 0,
        SecondRoute.RECOVERY_CODES: counts["recovery_codes_left"] > 0,
        SecondRoute.AUTHENTICATOR_APP: and_(counts["authenticator_apps"] > 0, not_(stands_in)),
    }


def _proving_days(rules: Rules) -> ColumnElement[int]:
    by_policy = {policy_id: policy.proving_days for policy_id, policy in rules.items()}
    return case(by_policy, value=col(Journey.policy_id), else_=0)


def _accepts(route: SecondRoute, rules: Rules) -> ColumnElement[bool]:
    ids = [policy_id for policy_id, policy in rules.items() if route in policy.second_routes]
    return col(Journey.policy_id).in_(ids)
