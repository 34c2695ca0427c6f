"""Draws what an end date would come to, for people at a terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from domain.rollouts.end_outlooks import EndOutlook
from domain.words.end_words import AT_END, LAST_SIGN_INS, pace_words
from offramp.views.tables import Listing
from offramp.views.terminal import moment


def picture(name: str, outlook: EndOutlook) -> RenderableType:
    """The whole outlook: people, countries, last sign-ins and the pace."""
    people = [(words, str(outlook.people[at_end])) for at_end, words in AT_END.items()]
    countries = [(country or "unknown", str(count)) for country, count in outlook.countries.items()]
    last = [(LAST_SIGN_INS[name], str(count)) for name, count in outlook.last_sign_ins.items()]
    arrives = outlook.pace.arrives_at
    return Group(
        Text(f"{name}, if it ended on {moment(outlook.on)}"),
        Text(
            f"{outlook.only_enrol} people would be let in only to set up a passkey; of {outlook.cannot} of them nobody "
            "knows that they could"
        ),
        Listing(titles=("members", "people"), rows=people),
        Listing(titles=("country of those", "people"), rows=countries),
        Listing(titles=("last sign-in of those", "people"), rows=last),
        Text(pace_words(outlook.pace)),
        Text(
            f"by today's pace the last is there on {moment(arrives)}" if arrives else "by today's pace, never"
        ),
    )
