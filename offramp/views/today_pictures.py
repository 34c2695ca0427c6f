"""Shows in the terminal what the console's home page shows."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from domain.words.today_words import HAPPENED, HOLDS, WAITING, days_ahead
from offramp.views.tables import Listing
from offramp.views.terminal import moment
from services.figures.today import HeldThing, Today


def picture(today: Today) -> RenderableType:
    """All of it, part by part."""
    return Group(*_parts(today))


def _parts(today: Today) -> Iterator[RenderableType]:
    yield Text("Waits for somebody", style="bold")
    yield (
        Listing(titles=("", ""), rows=[(f"{each.count:,}", WAITING[each.kind]) for each in today.waiting])
        if today.waiting
        else Text("nothing", style="dim")
    )
    yield Text("\nHeld", style="bold")
    yield from [Text(_hold(thing)) for thing in today.holds] or [Text("nothing", style="dim")]
    yield Text("\nEnd dates", style="bold")
    yield from [Text(f"{days_ahead(end.days)}, {moment(end.at)}: {end.cohort}") for end in today.ends] or [
        Text("no cohort has one ahead", style="dim")
    ]
    yield Text("\nRuns", style="bold")
    yield _rollouts(today) if today.rollouts else Text("no rollout is under way", style="dim")
    yield Text("\nYesterday beside the week before, by days of UTC", style="bold")
    yield _figures(today)


def _hold(thing: HeldThing) -> str:
    about = f"{thing.cohort}: " if thing.cohort else ""
    what = f": {thing.what}" if thing.what else ""
    since = f", since {moment(thing.since)}" if thing.since else ""
    because = f" ({thing.because})" if thing.because else ""
    return f"{about}{HOLDS[thing.kind]}{what}{since}{because}"


def _rollouts(today: Today) -> Listing:
    titles = ("cohort", "stage", "wave", "launched", "waits for")
    rows = [
        (
            each.cohort,
            each.stage,
            f"{each.wave} of {each.waves}",
            f"{each.launched:,} of {each.members:,}",
            each.waits_for,
        )
        for each in today.rollouts
    ]
    return Listing(titles=titles, rows=rows)


def _figures(today: Today) -> Listing:
    titles = ("what happened", f"{today.yesterday}", "a day, the week before")
    rows = [(HAPPENED[each.kind], f"{each.yesterday:,}", f"{each.usual:,.1f}") for each in today.figures]
    return Listing(titles=titles, rows=rows, numbers=titles[1:])
