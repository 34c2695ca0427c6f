"""What the Adoption page and the report both show: the figures in words and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta
from itertools import takewhile

from api.console import attempt_view
from api.console.attempt_view import AttemptView
from api.console.charts import Chart, Series, chart
from api.console.funnel_view import Share
from domain.facts import Method
from domain.words import adoption_words
from domain.words.adoption_words import Population
from domain.words.console_words import ADOPTION_CURVES, EVER, METHODS, SMS_STATES, STEPS
from domain.words.stuck_words import NAMES
from store.figures.adoption import Adoption, AdoptionDay
from store.figures.adoption_days import Spread

_ROOM = 1.05
_COUNTED = tuple(each.name for each in fields(AdoptionDay) if each.name != "date")


@dataclass(frozen=True, kw_only=True)
class SignInTimes:
    """How long one method of signing in takes, in seconds. The places are in percent of the drawing's width."""

    label: str
    spread: Spread
    begins: float
    median: float
    ends: float


@dataclass(frozen=True, kw_only=True)
class AdoptionView:
    """Everything that the page and the report show.

    Sign-ins and stuck people are of the `watched`; steps, curves and SMS states are of the people who are `moving`.
    `days` are those from the first on of which there is something to tell.
    """

    figures: Adoption
    days: tuple[AdoptionDay, ...]
    in_scope: Population
    moving: Population
    watched: Population
    on_the_way: Share
    steps: tuple[Share, ...]
    people: Chart | None
    sign_ins: Chart | None
    times: tuple[SignInTimes, ...]
    quicker: float | None
    sms: tuple[Share, ...]
    stuck: tuple[Share, ...]
    attempts: AttemptView

    @property
    def is_shortened(self) -> bool:
        """Whether the curves leave out days before anything had happened."""
        return len(self.days) < len(self.figures.days)

    @property
    def scope(self) -> str:
        """Whose figures they are."""
        return f"cohort {self.figures.cohort}" if self.figures.cohort else "everybody"


def view(figures: Adoption) -> AdoptionView:
    """Put the figures into words and pictures."""
    days = _days_to_tell(figures.days)
    return AdoptionView(
        figures=figures,
        days=days,
        in_scope=adoption_words.in_scope(figures.cohort, figures.accounts),
        moving=adoption_words.on_the_way(figures.started),
        watched=adoption_words.watched(figures.cohort, figures.watched),
        on_the_way=_share("On the way", figures.started, figures.accounts),
        steps=tuple(
            replace(_share(label, figures.steps[step], figures.started), ever=_ever(figures, step))
            for step, label in STEPS.items()
        ),
        people=_people(figures, days),
        sign_ins=_sign_ins(figures, days),
        times=_times(figures),
        quicker=_quicker(figures),
        sms=tuple(_share(SMS_STATES[state], count, figures.started) for state, count in figures.sms.items()),
        stuck=tuple(
            _share(NAMES[obstacle], count, figures.watched) for obstacle, count in figures.stuck.items()
        ),
        attempts=attempt_view.view(figures.attempts),
    )


def _days_to_tell(days: Sequence[AdoptionDay]) -> tuple[AdoptionDay, ...]:
    """The days from the first on which anything had happened, and one before it to begin from; two at least."""
    empty_days = takewhile(lambda day: not any(getattr(day, name) for name in _COUNTED), days)
    first = min(max(len(list(empty_days)) - 1, 0), max(len(days) - 2, 0))
    return tuple(days[first:])


def _ever(figures: Adoption, step: str) -> int | None:
    """How many had ever come to a step by now, if a curve says so."""
    return getattr(figures.days[-1], EVER[step]) if step in EVER and figures.days else None


def _share(label: str, count: int, whole: int) -> Share:
    return Share(label=label, count=count, percent=round(100 * count / whole, 1) if whole else 0.0)


def _people(figures: Adoption, days: Sequence[AdoptionDay]) -> Chart | None:
    """People so far: a day's count stands at the end of the day, and today's count stands at this moment."""
    if not figures.started:
        return None
    ends = [_midnight(day, figures.at) + timedelta(days=1) for day in days[:-1]]
    return chart(
        [*ends, figures.at],
        [
            Series(name=name, label=label, counts=[getattr(day, name) for day in days])
            for name, label in ADOPTION_CURVES.items()
        ],
    )


def _sign_ins(figures: Adoption, shown_days: Sequence[AdoptionDay]) -> Chart | None:
    """A day's sign-ins stand over the whole of that day; today is left out, because it is not over.

    Without a sign-in before today there is no curve, because it would say that nobody signs in.
    """
    days = shown_days[:-1]
    if not any(day.by_passkey or day.by_sms for day in days):
        return None
    edges = [_midnight(day, figures.at) for day in shown_days]
    counts = {"by passkey": [day.by_passkey for day in days], "by SMS code": [day.by_sms for day in days]}
    return chart(
        edges,
        [Series(name=label, label=label, counts=[*daily, daily[-1]]) for label, daily in counts.items()],
    )


def _midnight(day: AdoptionDay, at: datetime) -> datetime:
    return datetime.combine(day.date, time(), at.tzinfo)


def _times(figures: Adoption) -> tuple[SignInTimes, ...]:
    widest = max((spread.upper for spread in figures.sign_in_times.values()), default=0.0) * _ROOM
    return tuple(
        SignInTimes(
            label=METHODS[method],
            spread=spread,
            **_places(widest, begins=spread.lower, median=spread.median, ends=spread.upper),
        )
        for method, spread in figures.sign_in_times.items()
    )


def _places(widest: float, **seconds: float) -> dict[str, float]:
    return {name: round(100 * value / widest, 1) if widest else 0.0 for name, value in seconds.items()}


def _quicker(figures: Adoption) -> float | None:
    """The median time by text-message code, divided by the median time by passkey; None unless both are known."""
    by_passkey, by_sms = (figures.sign_in_times.get(method) for method in (Method.PASSKEY, Method.SMS))
    if by_passkey is None or by_sms is None or not by_passkey.median:
        return None
    return by_sms.median / by_passkey.median


def headline(shown: AdoptionView) -> Sequence[str]:
    """What somebody with ten seconds should know."""
    figures = shown.figures
    sentences = [f"{figures.started:,} of {shown.in_scope} are on the way to passkeys."]
    if figures.started:
        off = figures.steps["suspended"]
        sentences.append(f"{off:,} of them no longer sign in by text message ({off / figures.started:.0%}).")
    if figures.passkey_share is not None:
        sentences.append(f"{figures.passkey_share:.0%} of the sign-ins of {shown.watched} were by passkey.")
    if figures.attempts.sms_share is not None:
        sentences.append(
            f"Of the sign-ins of people who have a passkey, {figures.attempts.sms_share:.0%} were by text-message code."
        )
    if shown.quicker:
        sentences.append(f"By text-message code, signing in takes {shown.quicker:.1f} times as long.")
    return sentences
