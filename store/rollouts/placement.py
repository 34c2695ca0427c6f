"""The cohort and wave under which an account is counted: its launching cohort, or else the cohort that holds it out."""

from typing import Any

from sqlalchemy import Subquery, func, select
from sqlmodel import col

from domain.counting import HOLDOUT, NOBODY, Placement, wave_name
from store.rollouts.members import Member


def launched() -> Subquery:
    """The launched accounts, with cohort and wave. Each occurs once: no account with a journey is launched."""
    query = select(col(Member.account_id), col(Member.cohort_id), col(Member.wave))
    return query.where(col(Member.launched_at).is_not(None)).subquery()


def held_out() -> Subquery:
    """The accounts that are held out, and by which cohort; the first cohort if several do."""
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
