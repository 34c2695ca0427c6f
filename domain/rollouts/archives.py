"""Archived cohorts: they are over, and off the lists; nothing of them is lost."""

from domain.errors import Refused
from domain.rollouts.rollout import OVER, Stage


class ArchiveRefused(Refused):
    """A cohort that cannot be archived, or brought back, now."""


def require_archivable(stage: Stage, *, is_archived: bool) -> None:
    """Raise ArchiveRefused unless the rollout is over, and the cohort is on the lists."""
    if stage not in OVER:
        raise ArchiveRefused(
            f"the rollout is not over ({stage}): it is archived once it has ended or was given up"
        )
    if is_archived:
        raise ArchiveRefused("it is archived already")


def require_archived(*, is_archived: bool) -> None:
    """Raise ArchiveRefused unless the cohort is archived."""
    if not is_archived:
        raise ArchiveRefused("it is not archived")
