"""Reads the description of a cohort from TOML; a bad description is refused whole, with every mistake and its place."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

from domain.rollouts.cohorts import Cohort, InvalidCohort, Wave, Who
from domain.rollouts.guardrails import Against, Guardrail, Metric, Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows, Weekday
from domain.rollouts.reach_checks import reach_problems
from domain.rollouts.slices import Dimension
from providers.countries import is_country
from services.rollouts.end_dates import read_end
from services.rollouts.policy_tables import read_policy
from services.rollouts.toml_tables import (
    NotToml,
    Problems,
    Table,
    choice,
    flag,
    not_among,
    read_toml,
    text,
    whole_number,
)
from services.rollouts.toml_values import duration, moment, percent, rate, time_zone, wall_clock

PACE = 60
ASSESS_EVERY = timedelta(minutes=15)
BAKE = timedelta(days=3)
LEAST_SAMPLE = 50
WINDOW = timedelta(days=7)

GUARDRAILS = (
    Guardrail(
        metric=Metric.LOCK_OUTS,
        limit=0.02,
        least_sample=LEAST_SAMPLE,
        window=timedelta(days=30),
        reaction=Reaction.ROLLBACK,
    ),
    Guardrail(
        metric=Metric.PROMPT_FAILURES,
        limit=0.2,
        least_sample=LEAST_SAMPLE,
        window=WINDOW,
        reaction=Reaction.PAUSE,
    ),
    Guardrail(
        metric=Metric.UNDELIVERED,
        limit=0.1,
        least_sample=LEAST_SAMPLE,
        window=WINDOW,
        reaction=Reaction.PAUSE,
    ),
)
"""The guardrails of a cohort whose description does not mention guardrails; `guardrails = []` means none."""

MOST_EXTERNAL_IDS = 10_000
"""A larger group is better marked by an attribute at the import."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_NAME_STANDS_IN = "unnamed"
_DAYS = {day.name.lower(): day for day in Weekday}


def parse(description: str, *, host_confirms: bool = False) -> Cohort:
    """The cohort that a description in TOML describes. Where it does not say, `host_confirms` is its policy's.

    Raises InvalidCohort; its `problems` name every mistake with its place. The place is a line if the text is not TOML,
    otherwise the path of a key, such as `waves[0].percent`; lists count from 0.
    """
    try:
        content = read_toml(description)
    except NotToml as error:
        raise InvalidCohort([(error.place, error.problem)]) from None
    problems: Problems = []
    cohort = _read(Table(content, "", problems), problems, host_confirms=host_confirms)
    if problems or cohort is None:
        raise InvalidCohort(problems)
    return cohort


def _read(top: Table, problems: Problems, *, host_confirms: bool) -> Cohort | None:
    name = top.require("name", _name, stand_in=_NAME_STANDS_IN)
    windows = _windows(top.table("windows"))
    end = read_end(top, zone=windows.time_zone)
    described: dict[str, Any] = {
        "name": name,
        "include": _who(top.table("include")),
        "exclude": _who(top.table("exclude")) if top.holds("exclude") else None,
        "policy": read_policy(top, problems, cohort=name, host_confirms=host_confirms, end=end),
        # A holdout of unreadable size is still a holdout, so guardrails that need one are not blamed.
        "holdout_percent": top.take("holdout_percent", percent, 0.0, stand_in=1.0),
        "waves": _waves(top),
        "pace": top.take("pace", whole_number, PACE),
        "windows": windows,
        "guardrails": _guardrails(top),
        "assess_every": top.take("assess_every", duration, ASSESS_EVERY),
    }
    top.close()
    return _checked(described, problems)


def _checked(described: dict[str, Any], problems: Problems) -> Cohort | None:
    """The cohort; or None, after noting its contradictions at places where no mistake is noted yet."""
    mistaken = [place for place, _ in problems]
    contradictions: Problems = []
    cohort = None
    try:
        cohort = Cohort(**described)
    except InvalidCohort as invalid:
        contradictions += invalid.problems
    contradictions += reach_problems(described["waves"], described["holdout_percent"])
    problems += [
        (place, problem)
        for place, problem in contradictions
        if not any(_within(place, other) or _within(other, place) for other in mistaken)
    ]
    return cohort


def _within(place: str, other: str) -> bool:
    """Whether a place is the other place, or lies in it."""
    return place == other or place.startswith((f"{other}.", f"{other}["))


def _name(value: Any) -> str:
    name = text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(
            "may have letters, digits, dots, - and _, 63 at most, and begins with a letter or digit"
        )
    return name


def _who(table: Table) -> Who:
    who = Who(
        external_ids=table.each("external_ids", text),
        countries=table.each("countries", _country),
        locales=table.each("locales", _locale),
        risk_tiers=table.each("risk_tiers", text),
        signed_in_since=table.take("signed_in_since", partial(moment, zone=UTC), None),
        phone_only=table.take("phone_only", flag, None),
        device_ready=table.take("device_ready", flag, None),
        attributes=table.table("attributes").items(_attribute),
    )
    if len(who.external_ids) > MOST_EXTERNAL_IDS:
        table.refuse(
            "external_ids",
            f"lists more than {MOST_EXTERNAL_IDS}; import an attribute for them, and name that",
        )
    table.close()
    return who


def _country(value: Any) -> str:
    code = text(value).upper()
    if not is_country(code):
        raise ValueError(f'"{code}" is no country; give two letters by ISO 3166, like DE or GB')
    return code


def _locale(value: Any) -> str:
    return text(value).replace("_", "-")


def _attribute(value: Any) -> str:
    """An attribute's value as text, because attributes are compared as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return text(value)


def _waves(top: Table) -> tuple[Wave, ...]:
    tables = top.tables("waves")
    if tables is None:
        if not top.holds("waves"):
            top.refuse("waves", "is missing: say at least one, like [[waves]] percent = 100")
        return ()
    return tuple(_wave(table) for table in tables)


def _wave(table: Table) -> Wave:
    wave = Wave(
        # Every comparison with NaN is false, so the neighbouring waves are not blamed.
        percent=table.require("percent", percent, stand_in=nan),
        bake=table.take("bake", duration, BAKE),
    )
    table.close()
    return wave


def _windows(table: Table) -> LaunchWindows:
    zone = table.take("time_zone", time_zone, "UTC")
    windows = LaunchWindows(
        weekdays=tuple(sorted(set(table.each("weekdays", _weekday, tuple(Weekday))))),
        opens=table.take("opens", wall_clock, LaunchWindows.opens),
        closes=table.take("closes", wall_clock, LaunchWindows.closes),
        time_zone=zone,
        freezes=tuple(_freeze(freeze, ZoneInfo(zone)) for freeze in table.tables("freezes") or []),
    )
    table.close()
    return windows


def _weekday(value: Any) -> Weekday:
    """A day by its English name, whole or its first three letters."""
    word = text(value).lower()
    for name, day in _DAYS.items():
        if word in (name, name[:3]):
            return day
    raise ValueError(not_among(value, list(_DAYS)))


def _freeze(table: Table, zone: ZoneInfo) -> Freeze:
    begins = table.require("begins", partial(moment, zone=zone), stand_in=datetime.min.replace(tzinfo=UTC))
    ends = table.require("ends", partial(moment, zone=zone), stand_in=datetime.max.replace(tzinfo=UTC))
    freeze = Freeze(begins=begins, ends=ends, reason=table.take("reason", text, ""))
    table.close()
    return freeze


def _guardrails(top: Table) -> tuple[Guardrail, ...]:
    tables = top.tables("guardrails")
    return GUARDRAILS if tables is None else tuple(_guardrail(table) for table in tables)


def _guardrail(table: Table) -> Guardrail:
    guardrail = Guardrail(
        # The stand-in is a metric that allows every `against`, so that `against` is not blamed.
        metric=table.require("metric", choice(Metric), stand_in=Metric.UNDELIVERED),
        limit=table.require("limit", rate, stand_in=0.0),
        least_sample=table.take("least_sample", whole_number, LEAST_SAMPLE),
        window=table.take("window", duration, WINDOW),
        reaction=table.take("reaction", choice(Reaction), Reaction.PAUSE),
        against=table.take("against", choice(Against), Against.LIMIT),
        by=table.each("by", choice(Dimension)),
    )
    table.close()
    return guardrail
