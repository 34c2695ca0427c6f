"""What a rollout is started with, and what it hands on when its history starts anew."""

from dataclasses import dataclass

from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import Standing
from store.rollouts.members import LaunchPosition


@dataclass(frozen=True, kw_only=True)
class RolloutInput:
    """The rollout's cohort with its description, and where the rollout stands in which epoch of the database."""

    cohort_id: str
    cohort: Cohort
    standing: Standing
    is_enrolled: bool = False
    place: LaunchPosition | None = None
    has_held_journeys: bool = False
    has_to_renew: bool = False
    epoch: int = 0
