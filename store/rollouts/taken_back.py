"""Whose text-message codes an abort or a rollback has switched on again, by wave."""

from datetime import datetime

from sqlalchemy import distinct, func, select
from sqlmodel import Session, col

from domain.journal import EventKind
from domain.rollouts.rollout import Stage, Standing
from store.people.journal import JournalEntry
from store.rollouts import cohorts
from store.rollouts.members import Member

TAKEN_BACK = "taken_back"
"""The entry of a cohort's journal that says how many people an abort or a rollback gave SMS again."""


def is_noted(session: Session, cohort_id: str, standing: Standing) -> bool:
    """Whether an abort or a rollback has been carried out to its end."""
    if standing.since is None:
        return False
    return cohorts.has_entry(session, cohort_id, TAKEN_BACK, since=standing.since, reason=standing.stage)


def note(session: Session, cohort_id: str, *, at: datetime) -> None:
    """Write down, once, that an abort or a rollback has been carried out, with the people of each wave."""
    standing = cohorts.standing(cohorts.get(session, cohort_id))
    if standing.since is None or is_noted(session, cohort_id, standing):
        return
    people_by_wave = by_wave(session, cohort_id, standing.stage, since=standing.since)
    detail = {f"wave {wave + 1}": people for wave, people in sorted(people_by_wave.items())}
    cohorts.note(session, cohort_id, TAKEN_BACK, by="rollout", reason=standing.stage, at=at, **detail)


def by_wave(session: Session, cohort_id: str, stage: Stage, *, since: datetime) -> dict[int, int]:
    """How many accounts of each wave have SMS again since a time, because the rollout has come to this stage."""
    query = (
        select(col(Member.wave), func.count(distinct(col(JournalEntry.account_id))))
        .join(JournalEntry, col(JournalEntry.account_id) == Member.account_id)
        .where(
            col(Member.cohort_id) == cohort_id,
            col(JournalEntry.kind) == EventKind.SMS_RESTORED,
            col(JournalEntry.at) >= since,
            col(JournalEntry.detail)["reason"].as_string() == stage,
        )
        .group_by(col(Member.wave))
    )
    return {wave: people for wave, people in session.execute(query) if wave is not None}
