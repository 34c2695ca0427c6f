"""Edits of a launched cohort's description: what may change, and where the rollout stands afterwards."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import Guardrail, Reaction
from domain.rollouts.rollout import OVER, CommandRefused, Stage, Standing, require_decided_on

_LAUNCHED = (Stage.BAKING, Stage.HOLDING, Stage.DONE)
_FIXED_FIELDS = ("name", "include", "exclude", "holdout_percent")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A new description with its reason and its author; `seen` is the version that the author looked at.

    The end date is another only if `moves_end`: that is an order of its own, by rules of its own (`end_moves`).
    """

    cohort: Cohort
    by: str
    reason: str
    seen: int | None = None
    moves_end: bool = False


def unmovable(before: Cohort, after: Cohort) -> list[str]:
    """The names of fields that differ between two descriptions, although they may not change after the launch."""
    return [name for name in _FIXED_FIELDS if getattr(before, name) != getattr(after, name)]


def require_editable(edit: Edit, standing: Standing, before: Cohort) -> None:
    """Raise CommandRefused unless the rollout goes on, its author saw this standing, and nobody would be moved."""
    if standing.stage in OVER:
        raise CommandRefused(f"edit is not possible: the rollout is over ({standing.stage})")
    require_decided_on(standing, seen=edit.seen, reason=edit.reason)
    if field_names := unmovable(before, edit.cohort):
        raise CommandRefused(
            f"{', '.join(field_names)} cannot change after the launch: nobody is moved between cohorts"
        )
    if edit.cohort.policy.end != before.policy.end and not edit.moves_end:
        raise CommandRefused(
            "the end date is moved by an order of its own: `offramp cohort move-end`, or “End date” in the console"
        )
    wave_number = standing.wave + 1
    if len(edit.cohort.waves) < wave_number:
        raise CommandRefused(
            f"the rollout is in wave {wave_number}: the description has to keep that many waves"
        )


def edited(standing: Standing, before: Cohort, edit: Edit, *, at: datetime) -> Standing:
    """Where a rollout stands after an edit: where it was, by the new rules.

    The end of a bake moves by as much as the wave's bake has become longer or shorter, so that what `extend` added
    stays. A wave that is added after the last one has been watched is launched at the next pass; one whose percent is
    raised is launched again, for the people who are new to it. If other guardrails roll back from now on, a suspicion
    by the former ones ends.
    """
    after, wave = edit.cohort, standing.wave
    until = standing.bakes_until
    if until is not None and wave < len(before.waves):
        until += after.waves[wave].bake - before.waves[wave].bake
    is_same_judge = _that_roll_back(before) == _that_roll_back(after)
    followed = replace(
        standing,
        version=standing.version + 1,
        bakes_until=until,
        suspected_at=standing.suspected_at if is_same_judge else None,
    )
    if wave < len(before.waves) and after.waves[wave].percent > before.waves[wave].percent:
        if standing.stage in _LAUNCHED:
            return replace(followed, stage=Stage.LAUNCHING, since=at, bakes_until=None)
        if standing.paused_from in _LAUNCHED:
            return replace(followed, paused_from=Stage.LAUNCHING, bakes_until=None)
    if wave + 1 < len(after.waves):
        if standing.stage is Stage.DONE:
            return replace(followed, stage=Stage.BAKING, since=at, bakes_until=at)
        if standing.paused_from is Stage.DONE:
            return replace(followed, paused_from=Stage.BAKING, bakes_until=standing.since)
    if standing.stage is Stage.HOLDING and until is not None and until > at:
        return replace(followed, stage=Stage.BAKING, since=at)
    if standing.paused_from is Stage.HOLDING and until and standing.since and until > standing.since:
        return replace(followed, paused_from=Stage.BAKING)
    return followed


def _that_roll_back(cohort: Cohort) -> list[Guardrail]:
    return [guardrail for guardrail in cohort.guardrails if guardrail.reaction is Reaction.ROLLBACK]
