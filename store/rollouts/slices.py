"""Measures a guardrail's people slice by slice: by wave, country, platform, browser or provider."""

from sqlalchemy import distinct, func, select
from sqlmodel import Session, col

from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import FailedSlice, Guardrail
from domain.rollouts.slice_verdicts import failed_slices
from domain.rollouts.slices import MOST_BROWSERS, MOST_PROVIDERS, Dimension, Platform
from store.people.accounts import Account
from store.rollouts import cohorts, guardrail_rates, samples
from store.rollouts.members import Member
from store.rollouts.risk import Scope


def failed(
    session: Session, scope: Scope, guardrail: Guardrail, *, beginning: int = 0
) -> tuple[FailedSlice, ...]:
    """The slices of a guardrail that have failed; none if it is not asked by any."""
    if not guardrail.by:
        return ()
    cohort = cohorts.description(cohorts.get(session, scope.cohort_id))
    counted = guardrail_rates.counted(guardrail.metric, scope)
    return failed_slices(
        guardrail,
        {
            dimension: samples.by(session, scope, counted, guardrail.metric, dimension)
            for dimension in guardrail.by
        },
        counts={dimension: _slices(session, scope, cohort, dimension) for dimension in guardrail.by},
        beginning=beginning,
    )


def _slices(session: Session, scope: Scope, cohort: Cohort, dimension: Dimension) -> int:
    """How many slices there can be; of countries, those that any member has, because members never change."""
    match dimension:
        case Dimension.WAVE:
            return len(cohort.waves)
        case Dimension.PLATFORM:
            return len(Platform)
        case Dimension.BROWSER:
            return MOST_BROWSERS
        case Dimension.PROVIDER:
            return MOST_PROVIDERS
    query = select(func.count(distinct(col(Account.country)))).join(
        Member, col(Member.account_id) == Account.account_id
    )
    return int(session.execute(query.where(col(Member.cohort_id) == scope.cohort_id)).scalar_one())
