"""The rate of each guardrail over time, with its bounds and its limit, from what is kept of the assessments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.rollouts.guardrails import Assessment, Verdict
from domain.words.console_words import METRICS
from store.rollouts.tallies import Tally

WIDTH, HEIGHT = 420, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 22
_LIMITS_SEEN = 2.5
_ROOM_ABOVE = 1.25
_LEAST_TOP = 0.01


@dataclass(frozen=True, kw_only=True)
class RateChart:
    """One guardrail's drawing: a band between its bounds, the line of its rate, and the line of its limit.

    Places are in the form of SVG. `summary` says in words what is drawn, without the days.
    """

    title: str
    band: str
    rate: str
    limit: str
    top: float
    bottom: float
    begins: datetime
    ends: datetime
    summary: str
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    upper: int = _TOP
    lower: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


_TELLS_APART = ("metric", "against", "window", "reaction", "by")


@dataclass(frozen=True, kw_only=True)
class RateLook:
    """What one look at a guardrail has measured."""

    at: datetime
    rate: float
    low: float
    high: float
    limit: float
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class _Frame:
    begins: datetime
    ends: datetime
    bottom: float
    top: float

    def point(self, look: RateLook, value: float) -> str:
        across = (look.at - self.begins) / (self.ends - self.begins)
        upward = (min(max(value, self.bottom), self.top) - self.bottom) / (self.top - self.bottom)
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * across
        y = HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * upward
        return f"{x:.1f},{y:.1f}"


def rate_charts(history: Sequence[Tally]) -> tuple[RateChart, ...]:
    """The drawings of the guardrails that the newest assessment has; none of what was measured fewer than two times."""
    newest = history[-1].assessments if history else ()
    drawn = (_chart(METRICS[each.guardrail.metric], list(_looks(history, each))) for each in newest)
    return tuple(chart for chart in drawn if chart)


def _looks(history: Sequence[Tally], newest: Assessment) -> Iterator[RateLook]:
    """The looks at one guardrail, whatever its limit was then."""
    for tally in history:
        judged = next((each for each in tally.assessments if _is_same(each, newest)), None)
        if judged is not None and judged.measured is not None:
            yield RateLook(
                at=tally.at,
                rate=judged.measured,
                low=judged.low,
                high=judged.high,
                limit=judged.guardrail.limit,
                verdict=judged.verdict,
            )


def _is_same(judged: Assessment, newest: Assessment) -> bool:
    """Two guardrails of one metric are told apart by all but their limits."""
    before, now = judged.guardrail, newest.guardrail
    return all(getattr(before, name) == getattr(now, name) for name in _TELLS_APART)


def _chart(title: str, looks: Sequence[RateLook]) -> RateChart | None:
    if len(looks) < 2 or looks[-1].at <= looks[0].at:
        return None
    most = max(max(look.limit * _LIMITS_SEEN, look.rate * _ROOM_ABOVE) for look in looks)
    least = min(min(look.rate * _ROOM_ABOVE, 0.0) for look in looks)
    frame = _Frame(begins=looks[0].at, ends=looks[-1].at, bottom=least, top=max(most, _LEAST_TOP))
    highs = [frame.point(look, look.high) for look in looks]
    lows = [frame.point(look, look.low) for look in looks]
    return RateChart(
        title=title,
        band=" ".join([*highs, *reversed(lows)]),
        rate=" ".join(frame.point(look, look.rate) for look in looks),
        limit=" ".join(frame.point(look, look.limit) for look in looks),
        top=frame.top,
        bottom=frame.bottom,
        begins=frame.begins,
        ends=frame.ends,
        summary=_summary(looks),
    )


def _summary(looks: Sequence[RateLook]) -> str:
    last, highest = looks[-1], max(look.rate for look in looks)
    failures = sum(look.verdict is Verdict.FAILED for look in looks)
    failed = (
        f"failed at {failures} of the {len(looks)} looks drawn"
        if failures
        else f"failed at none of the {len(looks)} looks drawn"
    )
    return (
        f"{last.rate:.1%} at the last look, between {last.low:.1%} and {last.high:.1%}, with a limit of "
        f"{last.limit:.1%}; {highest:.1%} at the most; {failed}"
    )
