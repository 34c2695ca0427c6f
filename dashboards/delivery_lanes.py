"""The panels of the Delivery dashboard that say whether messages move."""

from dashboards.panels import THIRD, PanelDescription, Query, course
from dashboards.queries import or_zero, total
from dashboards.styles import Unit, limits


def lanes() -> list[object]:
    """What Temporal has, and what does not move."""
    return [
        course(
            "Oldest message that Temporal has",
            PanelDescription(
                shows="How long Temporal has had the oldest message of each queue that no sender has claimed.",
                when_bad="five minutes: see OfframpHandedLate in the runbook.",
            ),
            Query(or_zero(total("offramp_handed_oldest_seconds", "queue")), "{{queue}}"),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(doubtful=120, bad=300),
        ),
        course(
            "Lanes that stand still",
            PanelDescription(
                shows="For how long nothing has moved in a queue in which messages are due.",
                when_bad="a quarter of an hour: see OfframpLaneStill in the runbook.",
            ),
            Query(or_zero(total("offramp_lane_still_seconds", "queue")), "{{queue}}"),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(doubtful=300, bad=900),
        ),
    ]
