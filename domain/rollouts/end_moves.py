"""Moves of an end date: nobody has less notice than the policy says, and a nearer day takes two people."""

from dataclasses import replace
from datetime import datetime

from domain.errors import Refused
from domain.policy import Policy
from domain.presets import PRESETS
from domain.rollouts.cohorts import Cohort
from domain.safety.end_dates import EndDate


class EndRefused(Refused):
    """A day to which the end date is not moved."""


def with_end(policy: Policy, end: EndDate | None, *, cohort: str) -> Policy:
    """A policy with another end date. One that comes with Offramp becomes the cohort's own by it."""
    is_shared = end is not None and policy.name in PRESETS
    return replace(policy, end=end, name=f"{policy.name} for {cohort}" if is_shared else policy.name)


def moved(cohort: Cohort, end: EndDate | None) -> Cohort:
    """The cohort with another end date, or with none."""
    return replace(cohort, policy=with_end(cohort.policy, end, cohort=cohort.name))


def comes_nearer(before: EndDate | None, after: EndDate | None) -> bool:
    """Whether people lose time: there was no end date, or it was later."""
    return after is not None and (before is None or after.at < before.at)


def earliest(policy: Policy, now: datetime) -> datetime:
    """The first moment to which an end date can be moved nearer."""
    return now + policy.notice


def require_launchable(cohort: Cohort, *, now: datetime) -> None:
    """Raise EndRefused if the end date is so near that those who are launched now would have less than the notice."""
    end = cohort.policy.end
    if end and end.at < earliest(cohort.policy, now):
        raise EndRefused(
            f"the end date, {end.at:%Y-%m-%d %H:%M} UTC, leaves people less than the notice of the policy: it is "
            f"{earliest(cohort.policy, now):%Y-%m-%d %H:%M} UTC at the earliest"
        )


def require_movable(cohort: Cohort, end: EndDate | None, *, now: datetime) -> None:
    """Raise EndRefused if nothing would change, or people would have less notice than the policy promises."""
    before = cohort.policy.end
    if end == before:
        raise EndRefused("that is the end date already" if end else "there is no end date")
    if end and end.at <= now:
        raise EndRefused("an end date lies ahead")
    if end and comes_nearer(before, end) and end.at < earliest(cohort.policy, now):
        raise EndRefused(
            "people have the notice of the policy in any case, so the end date comes nearer to "
            f"{earliest(cohort.policy, now):%Y-%m-%d %H:%M} UTC at most"
        )
