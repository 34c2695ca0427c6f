"""`offramp cohort compare`: puts two cohorts beside each other."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from domain.rollouts.guardrails import Assessment
from domain.words.cohort_pace_words import cohort_pace_words
from domain.words.console_words import METRICS, STEPS
from domain.words.durations import duration
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import out, print_json
from services.rollouts import cohort_comparisons
from services.rollouts.cohort_comparisons import CohortComparison, StepShare


def compare(name: str, other: str, *, as_json: bool) -> None:
    """Show the comparison."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        drawn = cohort_comparisons.draw(session, name, other, now=clock())
    if as_json:
        print_json(drawn)
    else:
        out.print(Group(*_parts(drawn)))


def _parts(drawn: CohortComparison) -> Iterator[RenderableType]:
    names = (drawn.first.name, drawn.second.name)
    yield Text(f"How far people are, now and {duration(drawn.age)} after the launch", style="bold")
    yield Listing(
        titles=("step", *names, *(f"{name}, then" for name in names)),
        rows=[
            (STEPS[step.step], *map(_share, (step.first, step.second, step.first_then, step.second_then)))
            for step in drawn.steps
        ],
    )
    yield Text("\nGuardrails", style="bold")
    rates = [(METRICS[rate.metric], _rate(rate.first), _rate(rate.second)) for rate in drawn.rates]
    yield Listing(titles=("what is measured", *names), rows=rates) if rates else Text("not assessed yet")
    yield Text("\nPace", style="bold")
    for cohort in (drawn.first, drawn.second):
        paces = [cohort_pace_words(pace) for pace in cohort.paces] or ["too early to say"]
        yield from (Text(f"{cohort.name}: {words}") for words in paces)
    yield Text("\nHow they are defined", style="bold")
    absent = Text("not there", style="dim")
    fields = [(each.label, each.before or absent, each.after or absent) for each in drawn.differences]
    yield Listing(titles=("field", *names), rows=fields) if fields else Text("alike but for their names")


def _share(step: StepShare | None) -> str:
    if step is None:
        return "not kept"
    return f"{step.share:.1%} ({step.people:,})" if step.share is not None else "nobody launched"


def _rate(judged: Assessment | None) -> str:
    if judged is None or judged.measured is None:
        return "not measured"
    return f"{judged.measured:.1%} ({judged.low:.1%} to {judged.high:.1%}), {judged.verdict}"
