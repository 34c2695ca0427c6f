"""At which cohort and wave accounts are counted: that which has launched them, or else the one that holds them out."""

from typing import Any

from sqlalchemy import Subquery, func, select
from sqlmodel import col

from domain.counting import HOLDOUT, NOBODY, Placement, wave_name
from store.rollouts.members import Member


def launched() -> Subquery:
    """Who was launched, by which cohort and wave; at most one a person, as nobody is launched who has a journey."""
    query = select(col(Member.account_id), col(Member.cohort_id), col(Member.wave))
    return query.where(col(Member.launched_at).is_not(None)).subquery()


def held_out() -> Subquery:
    """Who is held out, and by which cohort: of several, the first."""
    query = select(col(Member.account_id), func.min(Member.cohort_id).label("cohort_id"))
    return query.where(col(Member.held_out)).group_by(col(Member.account_id)).subquery()


def of(row: Any) -> Placement:
    """The place of a row with the columns `launched`, `wave` and `held_out`."""
    if row["launched"]:
        return Placement(cohort=row["launched"], wave=wave_name(row["wave"]))
    return (
        Placement(cohort=row["held_out"], wave=HOLDOUT)
        if row["held_out"]
        else Placement(cohort=NOBODY, wave=NOBODY)
    )
