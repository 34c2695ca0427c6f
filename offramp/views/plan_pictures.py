"""Shows the plan of a cohort in the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from domain.rollouts.forecasts import DayForecast, Forecast
from domain.words.cohort_captions import OBSTACLES
from offramp.views.terminal import moment
from services.rollouts.cohort_plans import CohortPlan
from store.rollouts.plans import Census


def picture(plan: CohortPlan) -> RenderableType:
    """Who, when, how many messages, and the remarks."""
    parts: list[RenderableType] = [
        Text(f"{plan.cohort}, by the policy {plan.policy}", style="bold"),
        *_people(plan.census),
        Text(),
        _waves(plan),
    ]
    if plan.forecast and plan.census.people:
        parts += [Text(), *_course(plan.forecast)]
    parts += [Text(f"{one.members} are in {one.name} ({one.stage}) too") for one in plan.census.overlaps]
    parts += [Text(f"! {remark}", style="yellow") for remark in plan.remarks]
    return Group(*parts)


def _people(census: Census) -> Iterator[Text]:
    counted = "" if census.is_exact else ", about, for places are drawn at the launch"
    yield Text(
        f"{census.members} members; {census.held_out} held out; {census.people} journeys to start{counted}"
    )
    if census.launched:
        yield Text(f"{census.launched} launched already")
    for obstacle, accounts in census.obstacles.items():
        yield Text(f"{accounts} cannot take part: they {OBSTACLES[obstacle]}")


def _waves(plan: CohortPlan) -> Table:
    table = Table("wave", box=None, header_style="bold", pad_edge=False)
    for name in ("members", "journeys"):
        table.add_column(name, justify="right")
    for name in ("begins", "launched by", "watched until"):
        table.add_column(name)
    foreseen = {wave.number: wave for wave in plan.forecast.waves} if plan.forecast else {}
    for number, reach in enumerate(plan.census.waves):
        wave = foreseen.get(number)
        times = (wave.begins, wave.launched_by, wave.ends) if wave else ()
        table.add_row(str(number + 1), str(reach.members), str(reach.people), *(moment(at) for at in times))
    return table


def _course(foreseen: Forecast) -> Iterator[RenderableType]:
    table = Table(box=None, show_header=False, pad_edge=False)
    rows = {
        "Waves over at the earliest": moment(foreseen.waves_end),
        "All moved at the earliest": moment(foreseen.earliest_end),
        "All moved or reported stuck by": f"{moment(foreseen.latest_end)}, unless waves are held",
        "E-mails a day at most": _most(foreseen.most_emails, [day.emails for day in foreseen.days]),
        "Text messages a day at most": _most(foreseen.most_texts, [day.texts for day in foreseen.days]),
    }
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(value))
    yield table
    yield Text(
        "Messages are invitations and reminders, if nobody does anything; codes and notices come on top."
    )


def _most(busiest: DayForecast | None, counts: Sequence[int]) -> str:
    if busiest is None or not sum(counts):
        return "none"
    return f"{max(counts)} (on {busiest.day}), {sum(counts)} in all"
