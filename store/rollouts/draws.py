"""Compares who is in each wave and in the holdout of a cohort with the plan."""

from collections import Counter

from sqlalchemy import func, select
from sqlmodel import Session, col

from domain.rollouts.buckets import is_held_out
from domain.rollouts.sample_ratio import SampleRatio, sample_ratio
from store.rollouts import cohorts
from store.rollouts.members import Member


def read(session: Session, cohort_id: str) -> SampleRatio:
    """How a cohort was drawn. Whoever was passed over at the launch was drawn all the same."""
    cohort = cohorts.description(cohorts.get(session, cohort_id))
    query = select(col(Member.bucket), col(Member.held_out), func.count())
    grouped = query.where(col(Member.cohort_id) == cohort_id).group_by(
        col(Member.held_out), col(Member.bucket)
    )
    drawn: Counter[int] = Counter()
    strays = 0
    for bucket, held_out, members in session.execute(grouped):
        drawn[bucket] += members
        strays += members if held_out != is_held_out(bucket, cohort.holdout_percent) else 0
    return sample_ratio(cohort, drawn, strays)
