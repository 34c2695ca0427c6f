"""Drillers: when a crowd is done, everybody of its cohort loses something at once, and it is counted who gets in."""

from dataclasses import dataclass

from domain.upkeep.drills import Loss
from services.container import Services
from services.upkeep.drills import drill
from store.rollouts import cohorts


@dataclass(frozen=True, kw_only=True)
class LossTally:
    """How many people of a cohort get in after a loss: by themselves, with support's help alone, or not at all."""

    loss: Loss
    alone: int
    with_help: int
    not_at_all: int


def play_losses(services: Services, cohort: str) -> list[LossTally]:
    """Play every loss through; none if the cohort was not launched."""
    with services.database.reading() as session:
        row = cohorts.by_name(session, cohort)
        cohort_id = row.cohort_id if row else None
    return [_played(services, cohort_id, loss) for loss in Loss] if cohort_id else []


def _played(services: Services, cohort_id: str, loss: Loss) -> LossTally:
    count = drill(
        services.database,
        cohort_id,
        loss,
        clock=services.clock,
        rescue_delay=services.rescue_delay,
        email_recovers=services.email_recovers,
        tell=lambda _: None,
        progress=lambda _: None,
    )
    return LossTally(loss=loss, alone=count.alone, with_help=count.with_help, not_at_all=count.not_at_all)
