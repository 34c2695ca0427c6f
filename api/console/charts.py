"""The geometry of the console's charts: it turns numbers into places on a drawing. The style sheet sets their look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import floor, log10

WIDTH, HEIGHT = 960, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 180, 12, 28
_LABEL_HEIGHT = 17
_ROOM_ABOVE = 1.25


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on an axis. `label` is a number, or an instant in ISO 8601 for the page to format."""

    place: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line: its points in the form of SVG, and the places of its name and its last value."""

    name: str
    label: str
    points: str
    last: int
    end: float
    label_at: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Curves over one time axis, and the frame that they are drawn in."""

    curves: tuple[Curve, ...]
    counts: tuple[Tick, ...]
    times: tuple[Tick, ...]
    begins: datetime
    ends: datetime
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, kw_only=True)
class Span:
    """A rate with its interval against a limit, in percent of the drawing's width; `is_open`: it is cut off."""

    low: float
    high: float
    rate: float
    limit: float
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Series:
    """What a curve shows: one count for each time."""

    name: str
    label: str
    counts: Sequence[int]


def chart(times: Sequence[datetime], series: Sequence[Series]) -> Chart | None:
    """Curves over time; None if there are fewer than two times."""
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    top = ceiling(max((max(line.counts) for line in series), default=0))
    across = [_across(at, times[0], times[-1]) for at in times]
    ends = [_upward(line.counts[-1], top) for line in series]
    labels = _apart(ends)
    return Chart(
        curves=tuple(
            Curve(
                name=line.name,
                label=line.label,
                points=_points(across, [_upward(count, top) for count in line.counts]),
                last=line.counts[-1],
                end=end,
                label_at=label_at,
            )
            for line, end, label_at in zip(series, ends, labels, strict=True)
        ),
        counts=tuple(Tick(place=_upward(count, top), label=f"{count:,}") for count in _steps(top)),
        times=tuple(
            Tick(place=_across(at, times[0], times[-1]), label=at.isoformat()) for at in _days(times)
        ),
        begins=times[0],
        ends=times[-1],
    )


def span(*, rate: float, low: float, high: float, limit: float) -> Span:
    """Draw a rate so that its limit stands well inside the drawing; values far above the limit are cut off."""
    top = max(limit * 2.5, rate * _ROOM_ABOVE, 0.01)
    place = [round(100 * min(max(value, 0.0), top) / top, 2) for value in (low, high, rate, limit)]
    return Span(low=place[0], high=place[1], rate=place[2], limit=place[3], is_open=high > top)


def ceiling(count: int) -> int:
    """The number at which an axis ends: 1, 2 or 5 times a power of ten, at least the count and at least 4."""
    power = int(10 ** floor(log10(max(count, 1))))
    return max(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= count), 4)


def _steps(top: int) -> Iterable[int]:
    parts = next(parts for parts in (5, 4) if top % parts == 0)
    return range(0, top + 1, top // parts)


def _days(times: Sequence[datetime]) -> list[datetime]:
    """Three marks along the time axis: an instant with its zone and year is too long for more."""
    return [times[0], times[0] + (times[-1] - times[0]) / 2, times[-1]]


def _across(at: datetime, begins: datetime, ends: datetime) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * ((at - begins) / (ends - begins)), 1)


def _upward(count: int, top: int) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * count / top, 1)


def _points(across: Sequence[float], upward: Sequence[float]) -> str:
    """The points of a curve, as steps and not slopes: a count is valid until the next count."""
    corners = [f"{across[0]},{upward[0]}"]
    for (_, before), (x, y) in pairwise(zip(across, upward, strict=True)):
        corners += [f"{x},{before}", f"{x},{y}"] if y != before else [f"{x},{y}"]
    return " ".join(corners)


def _apart(places: Sequence[float]) -> list[float]:
    """The places of labels, as near to the ends of their curves as possible without covering each other."""
    upward = sorted(range(len(places)), key=lambda number: -places[number])
    label_places = list(places)
    lowest = float(HEIGHT - _BOTTOM)
    for number in upward:
        label_places[number] = min(label_places[number], lowest)
        lowest = label_places[number] - _LABEL_HEIGHT
    return label_places
