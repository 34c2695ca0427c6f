"""The pace of a cohort in words for operators, without the day at which it arrives."""

from domain.rollouts.paces import CohortPace
from domain.words.console_words import STEPS
from domain.words.durations import duration


def cohort_pace_words(pace: CohortPace) -> str:
    """How many people a day come to a step, and how many are not there yet."""
    step = STEPS[pace.step]
    if not pace.left:
        return f"{step}: everybody who was launched is there"
    left = f"{pace.left:,} of those launched {'is' if pace.left == 1 else 'are'} not there yet"
    if pace.a_day is None:
        return f"{step}: {pace.come} in {duration(pace.over)}, too few to say how long it takes; {left}"
    return f"{step}: {pace.a_day:g} people a day over the last {duration(pace.over)}; {left}"
