"""A cohort as its operators describe it: who is in, by which rules, in which waves, and what stops it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.errors import Refused
from domain.policy import Policy, is_zone
from domain.rollouts.guardrails import HOLDOUT_METRICS, PROMPTED, Against, Guardrail, Metric, Reaction
from domain.rollouts.launch_windows import LaunchWindows
from domain.rollouts.slices import Dimension

_OF_DEVICES = frozenset({Dimension.PLATFORM, Dimension.BROWSER, Dimension.PROVIDER})


class Ineligibility(StrEnum):
    """Why a member cannot take part, at the moment of the launch. The first that applies is said."""

    SMS_REMOVED = "sms_removed"
    JOURNEY_ALREADY = "journey_already"
    NO_PHONE = "no_phone"
    EXCLUDED = "excluded"
    EXEMPT = "exempt"
    LAUNCHES_STOPPED = "launches_stopped"


@dataclass(frozen=True, kw_only=True)
class Who:
    """A typed filter; every criterion that is given must hold. An empty one matches everybody.

    `attributes` compare the host's own attributes as text. A language in `locales` also matches its
    regional kinds: `de` matches `de-AT`.
    """

    external_ids: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    risk_tiers: tuple[str, ...] = ()
    signed_in_since: datetime | None = None
    phone_only: bool | None = None
    device_ready: bool | None = None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The percentage of members that is launched with this wave and all before, and how long the wave is watched."""

    percent: float
    bake: timedelta


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who is moved together, and how. `exclude` wins over `include`; `pace` is journeys started per minute."""

    name: str
    include: Who
    exclude: Who | None
    policy: Policy
    holdout_percent: float
    waves: tuple[Wave, ...]
    pace: int
    windows: LaunchWindows
    guardrails: tuple[Guardrail, ...]
    assess_every: timedelta

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise InvalidCohort(problems)


class InvalidCohort(Refused):
    """A description that contradicts itself; `problems` are pairs: a place in it, and what is wrong there."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {problem}" for place, problem in problems))
        self.problems = problems


def _problems(cohort: Cohort) -> list[tuple[str, str]]:
    checks = [
        ("name", "is empty", not cohort.name),
        ("holdout_percent", "must be from 0 to 50", not 0 <= cohort.holdout_percent <= 50),
        ("pace", "must be 1 or more journeys a minute", cohort.pace < 1),
        ("waves", "has none, so nobody would be reached", not cohort.waves),
        ("assess_every", "must be 1 second or more", cohort.assess_every < timedelta(seconds=1)),
        ("exclude", "matches everybody, so nobody would be in", cohort.exclude == Who()),
    ]
    problems = [(place, problem) for place, problem, applies in checks if applies]
    return problems + _wave_problems(cohort) + _window_problems(cohort.windows) + _guardrail_problems(cohort)


def _wave_problems(cohort: Cohort) -> list[tuple[str, str]]:
    problems = []
    for number, wave in enumerate(cohort.waves):
        if not 0 < wave.percent <= 100:
            problems.append((f"waves[{number}].percent", "must be over 0 and at most 100"))
        if wave.bake < timedelta():
            problems.append((f"waves[{number}].bake", "is negative"))
    for number, (previous_wave, wave) in enumerate(pairwise(cohort.waves), start=1):
        if wave.percent <= previous_wave.percent:
            problems.append((f"waves[{number}].percent", "is not more than the wave before"))
    return problems


def _window_problems(windows: LaunchWindows) -> list[tuple[str, str]]:
    problems = []
    if not windows.weekdays:
        problems.append(("windows.weekdays", "has none, so nobody would be launched"))
    if not is_zone(windows.time_zone):
        problems.append(("windows.time_zone", "is no time zone"))
    for number, freeze in enumerate(windows.freezes):
        if freeze.ends <= freeze.begins:
            problems.append((f"windows.freezes[{number}].ends", "is not after it begins"))
    return problems


def _guardrail_problems(cohort: Cohort) -> list[tuple[str, str]]:
    problems = []
    for number, guardrail in enumerate(cohort.guardrails):
        place = f"guardrails[{number}]"
        if not 0 <= guardrail.limit <= 1:
            problems.append((f"{place}.limit", "must be a rate from 0 to 1"))
        if guardrail.least_sample < 1:
            problems.append((f"{place}.least_sample", "must be 1 or more people"))
        if guardrail.window <= timedelta():
            problems.append((f"{place}.window", "must be longer than nothing"))
        problems += _slice_problems(guardrail, f"{place}.by")
        if guardrail.against is Against.HOLDOUT:
            problems += _holdout_problems(cohort, guardrail, place)
    return problems


def _slice_problems(guardrail: Guardrail, place: str) -> list[tuple[str, str]]:
    if len(set(guardrail.by)) < len(guardrail.by):
        return [(place, "names a dimension twice")]
    if guardrail.by and guardrail.against is Against.HOLDOUT:
        return [(place, "is for limits of their own; the holdout is compared as a whole")]
    if guardrail.metric is Metric.UNDELIVERED and (devices := _OF_DEVICES.intersection(guardrail.by)):
        return [(place, f"names the {min(devices)}, and messages have none")]
    if Dimension.BROWSER in guardrail.by and guardrail.metric not in PROMPTED:
        return [(place, "names the browser, which is known of the prompt only")]
    if guardrail.reaction is Reaction.HOLD_SLICE and not guardrail.by:
        return [(place, "names no slice, and hold_slice needs some")]
    return []


def _holdout_problems(cohort: Cohort, guardrail: Guardrail, place: str) -> list[tuple[str, str]]:
    if not cohort.holdout_percent:
        return [(f"{place}.against", "names the holdout, and there is none")]
    if guardrail.metric not in HOLDOUT_METRICS:
        return [(f"{place}.against", f"{guardrail.metric} is not measured of people who were never launched")]
    return []
