"""Shows the plan of a cohort in the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from domain.rollouts.forecasts import DayForecast, Forecast, WaveForecast
from domain.words.cohort_captions import INVENTORY, OBSTACLES, already_done
from offramp.views.tables import Listing, Particulars
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
    parts += [
        Text(f"{overlap.members} are in {overlap.name} ({overlap.stage}) too")
        for overlap in plan.census.overlaps
    ]
    parts += [Text(f"! {remark}", style="yellow") for remark in plan.remarks]
    return Group(*parts)


def _people(census: Census) -> Iterator[Text]:
    counted = "" if census.is_exact else ", about, for places are drawn at the launch"
    yield Text(
        f"{census.members} members; {census.held_out} held out; {census.people} journeys to start{counted}"
    )
    if census.launched:
        yield Text(f"{census.launched} launched already")
    if census.done:
        yield Text(already_done(census.done))
    for obstacle, accounts in census.obstacles.items():
        yield Text(f"{accounts} cannot take part: they {OBSTACLES[obstacle]}")
    for method, accounts in census.inventory.items():
        yield Text(f"{accounts} {INVENTORY[method]}")


def _waves(plan: CohortPlan) -> Listing:
    titles = ("wave", "members", "journeys", "begins", "launched by", "bakes until")
    foreseen = {wave.number: wave for wave in plan.forecast.waves} if plan.forecast else {}
    rows = [
        (str(number + 1), str(reach.members), str(reach.people), *_times(foreseen.get(number)))
        for number, reach in enumerate(plan.census.waves)
    ]
    return Listing(titles=titles, rows=rows, numbers=("members", "journeys"))


def _times(wave: WaveForecast | None) -> tuple[str, str, str]:
    if wave is None:
        return ("", "", "")
    return (moment(wave.begins), moment(wave.launched_by), moment(wave.ends))


def _course(foreseen: Forecast) -> Iterator[RenderableType]:
    rows = {
        "Waves over at the earliest": moment(foreseen.waves_end),
        "All moved at the earliest": moment(foreseen.earliest_end),
        "All moved or reported stuck by": f"{moment(foreseen.latest_end)}, unless waves are held",
        "E-mails a day at most": _most(foreseen.most_emails, [day.emails for day in foreseen.days]),
        "Text messages a day at most": _most(foreseen.most_texts, [day.texts for day in foreseen.days]),
    }
    yield Particulars(values=rows)
    yield Text(
        "Messages are invitations and reminders, if nobody does anything; codes and notices come on top."
    )


def _most(busiest: DayForecast | None, counts: Sequence[int]) -> str:
    if busiest is None or not sum(counts):
        return "none"
    return f"{max(counts)} (on {busiest.day}), {sum(counts)} in all"
