"""What is stopped, in words for operators."""

from collections.abc import Callable
from datetime import datetime

from domain.switches import Switch, SwitchStop

When = Callable[[datetime], str]

TITLES = {
    Switch.NUDGES: "Nudges",
    Switch.PROMPTS: "Prompts",
    Switch.RETIRING: "Retiring",
    Switch.LAUNCHES: "Launches",
}

EFFECTS = {
    Switch.NUDGES: "Reminders and invitations to check-ups. They wait, and go out later, inside caps and quiet hours. "
    "Codes and notices go on.",
    Switch.PROMPTS: "The prompt at a sign-in, on these pages and at the service. Whoever asks for the set-up gets it.",
    Switch.RETIRING: "Notice, suspension and removal of text-message codes. Journeys wait where they are; codes still "
    "come back.",
    Switch.LAUNCHES: "New journeys. Waves wait without losing their place, and nobody’s membership changes.",
}
"""What each switch stops, and what goes on."""


def open_line(stop: SwitchStop, *, when: When) -> str:
    """One line about a stop that holds: "prompts are stopped for country DE since …, by ada: a reason"."""
    return f"{_subject(stop)} stopped for {stop.whom} since {when(stop.since)}, by {who(stop)}: {stop.reason}"


def ended_line(stop: SwitchStop, *, when: When) -> str:
    """One line about a stop that has ended: who let it go on, when and why."""
    verb = "goes" if stop.switch is Switch.RETIRING else "go"
    ended_at = when(stop.ended_at) if stop.ended_at else ""
    return (
        f"{stop.switch} {verb} on for {stop.whom} since {ended_at}, by {stop.ended_by}: {stop.ended_because}"
    )


def who(stop: SwitchStop) -> str:
    """Who has stopped it."""
    return "Offramp itself" if stop.is_automatic else stop.by


def banner(stops: list[SwitchStop]) -> str:
    """One line for the top of the console: "prompts for country DE, launches for everybody"."""
    return ", ".join(f"{stop.switch} for {stop.whom}" for stop in stops)


def _subject(stop: SwitchStop) -> str:
    return f"{stop.switch} {'is' if stop.switch is Switch.RETIRING else 'are'}"
