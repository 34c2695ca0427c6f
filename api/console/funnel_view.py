"""How far the people of a cohort are, as bars and counts: all together, and wave by wave."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.rollouts.cohorts import Cohort
from domain.rollouts.people_filters import CohortPlace
from domain.words.console_words import STEPS
from store.rollouts import measurements
from store.rollouts.measurements import Reached, WaveFunnel


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole; `percent` is the width of its bar. `ever`: how many had ever come so far, if that is known."""

    label: str
    count: int
    percent: float
    ever: int | None = None


@dataclass(frozen=True, kw_only=True)
class FunnelRow:
    """How far the people of one wave have come; `place` names them in the address of their list."""

    title: str
    place: str
    members: int
    launched: int
    launched_percent: float
    steps: tuple[Share, ...]


def funnel_rows(waves: Sequence[WaveFunnel], cohort: Cohort) -> tuple[FunnelRow, ...]:
    """First all people who are not held out, then each wave."""
    everybody = _row(measurements.together(waves), "Together", place=CohortPlace.WAVES)
    rows = (_row(wave, _title(wave, cohort), place=_place(wave), held_out=wave.held_out) for wave in waves)
    return everybody, *rows


def _place(funnel: WaveFunnel) -> str:
    if funnel.wave is None:
        return CohortPlace.HELD_OUT if funnel.held_out else CohortPlace.UNREACHED
    return str(funnel.wave + 1)


def _title(funnel: WaveFunnel, cohort: Cohort) -> str:
    if funnel.wave is None:
        return "Held out" if funnel.held_out else "No wave"
    percent = f", {cohort.waves[funnel.wave].percent:g} %" if funnel.wave < len(cohort.waves) else ""
    return f"Wave {funnel.wave + 1}{percent}"


def _row(funnel: Reached, title: str, *, place: str, held_out: bool = False) -> FunnelRow:
    return FunnelRow(
        title=title,
        place=place,
        members=funnel.members,
        launched=funnel.launched,
        launched_percent=percent_of(funnel.launched, funnel.members),
        steps=shares(funnel, tuple(STEPS), of=funnel.members if held_out else funnel.launched),
    )


def shares(reached: Reached, names: Sequence[str], *, of: int | None = None) -> tuple[Share, ...]:
    """How many people have come so far, as parts of those launched or of another whole."""
    whole = reached.launched if of is None else of
    counts = [(STEPS[name], getattr(reached, name)) for name in names]
    return tuple(Share(label=label, count=count, percent=percent_of(count, whole)) for label, count in counts)


def percent_of(count: int, whole: int) -> float:
    """A part in percent; 0 of nothing."""
    return round(100 * count / whole, 1) if whole else 0.0
