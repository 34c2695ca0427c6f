"""Writes down where a rollout stands, and by which description: the database has the last word on both."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from activities.epochs import require_epoch
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Standing
from store import Session
from store.rollouts import cohorts

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class StandingChange:
    """A rollout's new standing, the kind of change, who made it, and why."""

    cohort_id: str
    standing: Standing
    kind: str
    by: str
    reason: str
    at: datetime
    epoch: int = 0


@dataclass(frozen=True, kw_only=True)
class Described:
    """An edit that a rollout has taken, and where it stands by the new description."""

    cohort_id: str
    edit: Edit
    standing: Standing
    at: datetime
    epoch: int = 0


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """The version of the standing that a rollout remembers as its last one."""

    cohort_id: str
    version: int
    epoch: int = 0


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where a rollout stands by the database, and by which description."""

    standing: Standing
    cohort: Cohort


def read(session: Session, cohort_id: str) -> Written:
    """What the database says of a rollout. Raises Unknown."""
    row = cohorts.get(session, cohort_id)
    return Written(standing=cohorts.standing(row), cohort=cohorts.description(row))


def look_up(session: Session, remembered: Remembered) -> Written | None:
    """What the database says, if that is later than what a rollout remembers. Raises RolloutOutdated and Unknown."""
    require_epoch(session, remembered.epoch)
    written = read(session, remembered.cohort_id)
    is_later = written.standing.version > remembered.version
    return _of_use(remembered.cohort_id, written) if is_later else None


def write(session: Session, change: StandingChange) -> Written | None:
    """Write down a new standing, with its entry in the cohort's journal.

    Returns None, and writes nothing more, if it is written already. Where the database has another standing of the
    same or of a later version, that stays and is returned. Raises RolloutOutdated and Unknown.
    """
    require_epoch(session, change.epoch)
    written = read(session, change.cohort_id)
    if _is_no_older(written, change.standing):
        return None if written.standing == change.standing else _of_use(change.cohort_id, written)
    standing = change.standing
    cohorts.stand(session, change.cohort_id, standing)
    cohorts.note(
        session,
        change.cohort_id,
        change.kind,
        by=change.by,
        reason=change.reason,
        at=change.at,
        stage=standing.stage,
        wave=standing.wave,
    )
    return None


def describe(session: Session, described: Described) -> Written | None:
    """Write down an edit, and where the rollout stands by it. Answers and raises as `write` does."""
    edit, cohort_id = described.edit, described.cohort_id
    require_epoch(session, described.epoch)
    written = read(session, cohort_id)
    if _is_no_older(written, described.standing):
        is_same = written == Written(standing=described.standing, cohort=edit.cohort)
        return None if is_same else _of_use(cohort_id, written)
    cohorts.describe_anew(session, cohort_id, edit.cohort, at=described.at)
    cohorts.stand(session, cohort_id, described.standing)
    _note(session, described)
    return None


def _note(session: Session, described: Described) -> None:
    edit, end, detail = described.edit, described.edit.cohort.policy.end, {}
    if edit.moves_end:
        detail = {"end": end.at.isoformat() if end else None}
    kind = "end_moved" if edit.moves_end else "edit"
    cohorts.note(
        session, described.cohort_id, kind, by=edit.by, reason=edit.reason, at=described.at, **detail
    )


def _is_no_older(written: Written, standing: Standing) -> bool:
    return written.standing.version >= standing.version


def _of_use(cohort_id: str, written: Written) -> Written:
    """What the rollout goes on from: an answer was lost on its way to it, or Temporal has a backup of its own."""
    log.warning("rollout_was_behind", cohort_id=cohort_id, stage=written.standing.stage)
    return written
