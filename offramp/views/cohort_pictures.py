"""Shows cohorts in the terminal: one line each, or one with its waves, guardrails and log."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.text import Text

from domain.rollouts.guardrails import Against, Assessment, Sample, Verdict
from domain.words.cohort_captions import doubt
from domain.words.cohort_pace_words import cohort_pace_words
from domain.words.draw_captions import draw_caption
from domain.words.durations import duration
from domain.words.passed_over_words import why_passed_over
from offramp.views.tables import Cell, Chronicle, Listing
from offramp.views.terminal import moment
from services.rollouts.cohort_portraits import CohortLine, CohortPortrait, LogLine
from store.rollouts.measurements import WaveFunnel

_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.INCONCLUSIVE: "yellow"}
_STEPS = {
    "launched": "launched",
    "email_verified": "e-mail",
    "passkey_enrolled": "enrolled",
    "passkey_proven": "proven",
    "by_app": "by app",
    "second_route_ready": "second route",
    "notice": "notice",
    "suspended": "suspended",
    "removed": "removed",
}
_BAR = 20


def listing(cohorts: Sequence[CohortLine]) -> Listing:
    """All cohorts, a line each."""
    rows = [(cohort.name, moment(cohort.launched_at), cohort.headline) for cohort in cohorts]
    return Listing(titles=("cohort", "launched", "stands at"), rows=rows)


def picture(portrait: CohortPortrait, *, few: int | None = None) -> RenderableType:
    """One cohort; `few` shows only so many of the latest entries of its log."""
    return Group(
        Panel(Text(portrait.headline, style="bold"), title=escape(portrait.name), title_align="left"),
        Text(f"Waits for {portrait.waits_for}."),
        Text(
            f"Launched {moment(portrait.launched_at)}, policy {portrait.policy}{_end(portrait)}", style="dim"
        ),
        Text(),
        _waves(portrait),
        *_passed_over(portrait),
        *_paces(portrait),
        Text(
            draw_caption(portrait.draw),
            style="bold red" if portrait.draw and portrait.draw.is_mismatch else "dim",
        ),
        Text("\nGuardrails", style="bold"),
        _guardrails(portrait),
        *_holds(portrait),
        Text("\nWho did what", style="bold"),
        _log(portrait.log[-few:] if few else portrait.log),
    )


def _waves(portrait: CohortPortrait) -> Listing:
    titles = ("wave", "", "members", *_STEPS.values())
    rows = [_wave(funnel, portrait.percents) for funnel in portrait.waves]
    return Listing(titles=titles, rows=rows, numbers=titles[2:])


def _passed_over(portrait: CohortPortrait) -> Iterator[Text]:
    if portrait.passed_over:
        yield Text(
            f"\n{why_passed_over(portrait.passed_over)}; `offramp cohort passed-over {portrait.name}` lists them"
        )


def _paces(portrait: CohortPortrait) -> Iterator[Text]:
    for pace in portrait.paces:
        arrives = f"; at this pace the last is there {moment(pace.arrives_at)}" if pace.arrives_at else ""
        yield Text(f"{cohort_pace_words(pace)}{arrives}")


def _wave(funnel: WaveFunnel, percents: Sequence[float]) -> list[Cell]:
    bar = "" if funnel.held_out else ProgressBar(funnel.members or 1, funnel.launched, width=_BAR)
    steps = (_step(funnel, name) for name in _STEPS)
    return [_wave_name(funnel, percents), bar, str(funnel.members), *steps]


def _wave_name(funnel: WaveFunnel, percents: Sequence[float]) -> str:
    if funnel.held_out:
        return "held out"
    if funnel.wave is None:
        return "no wave"
    percent = f", {percents[funnel.wave]:g} %" if funnel.wave < len(percents) else ""
    return f"{funnel.wave + 1}{percent}"


def _step(funnel: WaveFunnel, name: str) -> str:
    count, of = getattr(funnel, name), funnel.members if funnel.held_out else funnel.launched
    if name == "launched" or not of:
        return str(count)
    return f"{count} ({count / of:.0%})"


def _guardrails(portrait: CohortPortrait) -> RenderableType:
    if not portrait.assessments:
        return Text("none has been assessed yet" if portrait.assessed_at is None else "there are none")
    titles = ("metric", "limit", "rate", "of", "between", "window", "verdict", "then")
    table = Listing(titles=titles, rows=[_guardrail(judged) for judged in portrait.assessments])
    at = f"assessed {moment(portrait.assessed_at)}" if portrait.assessed_at else ""
    return Group(table, Text(at, style="dim"))


def _guardrail(judged: Assessment) -> tuple[str | Text, ...]:
    guardrail = judged.guardrail
    against = "holdout + " if guardrail.against is Against.HOLDOUT else ""
    why = "" if judged.verdict is Verdict.PASSED else f": {doubt(judged)}"
    return (
        guardrail.metric,
        f"{against}{guardrail.limit:.1%}",
        _rate(judged.sample) + _compared(judged),
        str(judged.sample.size),
        f"{judged.low:.1%} and {judged.high:.1%}",
        duration(guardrail.window),
        Text(f"{judged.verdict}{why}", style=_STYLES[judged.verdict]),
        guardrail.reaction,
    )


def _holds(portrait: CohortPortrait) -> Iterator[RenderableType]:
    """The slices without the prompt; nothing without any."""
    if not portrait.holds:
        return
    yield Text("\nWithout the prompt", style="bold")
    rows = [(str(hold.slice), hold.metric.value, moment(hold.since), hold.hold_id) for hold in portrait.holds]
    yield Listing(titles=("slice", "metric", "since", "hold"), rows=rows)


def _compared(judged: Assessment) -> str:
    """The holdout's rate, with the days at risk that both rates rest on, and how many people are still held out."""
    if judged.holdout is None:
        return ""
    launched_days, days = judged.sample.days, judged.holdout.days
    in_days = "" if launched_days is None else f" in {launched_days:.0f} days"
    held_out = f"held out {_rate(judged.holdout)}" + ("" if days is None else f" in {days:.0f} days")
    left = "" if judged.still_held_out is None else f", {judged.still_held_out} left"
    return f"{in_days} ({held_out}{left})"


def _rate(sample: Sample) -> str:
    return "no data" if sample.rate is None else f"{sample.rate:.1%}"


def _log(log: Sequence[LogLine]) -> Chronicle:
    return Chronicle(rows=[_entry(line) for line in log])


def _entry(line: LogLine) -> tuple[Cell, ...]:
    detail = ", ".join(f"{name} {value}" for name, value in line.detail.items() if value not in (None, ""))
    return (moment(line.at), f"{line.kind} by {line.by}", line.reason, Text(detail, style="dim"))


def _end(portrait: CohortPortrait) -> str:
    return f", end date {moment(portrait.ends_at)}" if portrait.ends_at else ""
