"""Which acts stand first on a case: those that help against what is in the person's way, the weightiest first."""

from collections.abc import Collection, Iterable

from domain.desk.acts import Act
from domain.desk.stuck import Obstacle

MOST_FIRST = 3
"""How many acts stand first at most; more of them would be a list again."""

HELPFUL: dict[Obstacle, tuple[Act, ...]] = {
    Obstacle.OBJECTION_OPEN: (Act.NOTE,),
    Obstacle.WORKFLOW_FAILING: (Act.NOTE,),
    Obstacle.HELD: (Act.NOTE,),
    Obstacle.NUMBER_TOO_NEW: (Act.RESTORE_SMS, Act.ASK_FOR_RESCUE),
    Obstacle.HOST_REFUSED: (Act.ASK_HOST_AGAIN, Act.EXTEND),
    Obstacle.HOST_SILENT: (Act.ASK_HOST_AGAIN,),
    Obstacle.NOTICE_MISSED: (Act.UNMARK_CONTACT, Act.NOTE),
    Obstacle.UNREACHABLE: (Act.UNMARK_CONTACT, Act.NOTE),
    Obstacle.EMAIL_BOUNCED: (Act.SEND_AGAIN, Act.NOTE),
    Obstacle.NUMBER_UNDELIVERABLE: (Act.SEND_AGAIN, Act.NOTE),
    Obstacle.PROMPT_FAILED: (Act.SEND_AGAIN, Act.EXTEND, Act.EXEMPT),
    Obstacle.CANNOT_NOW: (Act.EXTEND, Act.EXEMPT),
    Obstacle.NO_REMINDERS: (Act.EXTEND, Act.NOTE),
    Obstacle.NUDGES_USED_UP: (Act.SEND_AGAIN, Act.EXTEND),
    Obstacle.UNCONFIRMED: (Act.ASK_FOR_RESCUE, Act.NOTE),
    Obstacle.SIM_UNKNOWN: (Act.EXTEND, Act.NOTE),
    Obstacle.COOLING_OFF: (Act.NOTE,),
}
"""The acts that help against each obstacle, the most helpful first. Where none helps, a note tells the next colleague.

An objection is settled by no act of the case: the page leads to the objection itself.
"""

USUAL = (Act.REVIEW_EXEMPTION, Act.RESUME, Act.SEND_AGAIN, Act.NOTE)
"""The acts that stand first where nothing is in the way."""


def first_acts(obstacles: Iterable[Obstacle], possible: Collection[Act]) -> tuple[Act, ...]:
    """The acts that stand first. `obstacles`: the weightiest first; `possible`: what the member may do now."""
    helpful = [act for obstacle in obstacles for act in HELPFUL[obstacle]]
    # Whoever has a real act to choose needs no invitation to write a note.
    helpful.sort(key=lambda act: act is Act.NOTE)
    ranked = dict.fromkeys(act for act in helpful or USUAL if act in possible)
    return tuple(ranked)[:MOST_FIRST] or tuple(act for act in USUAL if act in possible)[:1]
