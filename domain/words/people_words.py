"""Says whom a list of a cohort's people shows: "Wave 2: passkey proven"."""

from domain.rollouts.people_filters import LAUNCHED, CohortPlace, PeopleFilter
from domain.words.console_words import STEPS

_PLACES = {
    CohortPlace.WAVES: "Everybody who is not held out",
    CohortPlace.UNREACHED: "Reached by no wave",
    CohortPlace.HELD_OUT: "Held out",
}


def who_they_are(wanted: PeopleFilter) -> str:
    """The place, and how far they have come, or have not."""
    where = _PLACES[wanted.place] if wanted.wave is None else f"Wave {wanted.wave + 1}"
    if not wanted.step:
        return where
    step = "launched" if wanted.step == LAUNCHED else STEPS[wanted.step].removeprefix("of these ")
    words = step[:1].lower() + step[1:] if not step.startswith("SMS") else step
    return f"{where}: {'not ' if wanted.is_missing else ''}{words}"
