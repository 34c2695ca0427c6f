"""The switches: what operators stop at once, for everybody or for one slice of the people, over all cohorts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Refused
from domain.rollouts.slices import Dimension, Platform, Slice
from domain.software import BrowserFamily, browser_label, major

EVERYBODY = "everybody"


class Switch(StrEnum):
    """What can be stopped: reminders, the prompt at a sign-in, the end of text-message codes, and launches."""

    NUDGES = "nudges"
    PROMPTS = "prompts"
    RETIRING = "retiring"
    LAUNCHES = "launches"


# Reminders and the end of codes find a person by themselves, who is then on no device; nobody has a passkey before
# they are launched.
SLICES: dict[Switch, tuple[Dimension, ...]] = {
    Switch.NUDGES: (Dimension.COUNTRY, Dimension.PROVIDER),
    Switch.PROMPTS: (Dimension.COUNTRY, Dimension.PLATFORM, Dimension.BROWSER, Dimension.PROVIDER),
    Switch.RETIRING: (Dimension.COUNTRY, Dimension.PROVIDER),
    Switch.LAUNCHES: (Dimension.COUNTRY,),
}
"""By what each switch can be turned for some people only."""


class BadSlice(Refused):
    """A slice for which a switch cannot be turned; the message says which slices there are."""


@dataclass(frozen=True, kw_only=True)
class SwitchStop:
    """A stop of one switch: for whom (`slice`, None for everybody), since when, by whom and why, and how it ended.

    `aaguids` are those that the passkeys of a slice's provider carry. `is_automatic`: Offramp has stopped by itself.
    """

    stop_id: str
    switch: Switch
    slice: Slice | None
    since: datetime
    by: str
    reason: str
    aaguids: tuple[str, ...] = ()
    is_automatic: bool = False
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_because: str = ""

    @property
    def whom(self) -> str:
        """For whom, in words: "everybody", or "country DE"."""
        return whom(self.slice)


def whom(people: Slice | None) -> str:
    """The people of a stop in words: "everybody", or "country DE"."""
    return str(people) if people else EVERYBODY


def sliced(switch: Switch, dimension: Dimension, value: str) -> Slice:
    """A slice for which a switch can be turned, its value as accounts and browsers have it. Raises BadSlice.

    Whether there is such a country or provider is for the caller to know.
    """
    if dimension not in SLICES[switch]:
        ways = ", ".join(SLICES[switch])
        raise BadSlice(f"{switch} cannot be stopped by {dimension}: only for everybody, or by {ways}")
    match dimension:
        case Dimension.COUNTRY:
            return Slice(by=dimension, value=value.strip().upper())
        case Dimension.PLATFORM:
            return Slice(by=dimension, value=_platform(value))
        case Dimension.BROWSER:
            return Slice(by=dimension, value=_browser(value))
    return Slice(by=dimension, value=value.strip())


def is_of_device(people: Slice) -> bool:
    """Whether a slice is told by what somebody uses at the moment."""
    return people.by in (Dimension.PLATFORM, Dimension.BROWSER)


def has_browser(people: Slice, *, family: str, version: int | None) -> bool:
    """Whether a browser is in a slice, which names a family alone, or one of its major versions."""
    return people.value in (family, browser_label(family, version))


def _platform(value: str) -> str:
    return _one_of(Platform, value, "platform")


def _browser(value: str) -> str:
    family, _, version = value.strip().rpartition(" ")
    number = major(version)
    families = [each for each in BrowserFamily if each is not BrowserFamily.OTHER]
    if number is None or not family:
        return _one_of(families, value, "browser")
    return browser_label(_one_of(families, family, "browser"), number)


def _one_of(choices: Iterable[str], value: str, what: str) -> str:
    names = {str(choice).casefold(): str(choice) for choice in choices}
    if name := names.get(value.strip().casefold()):
        return name
    raise BadSlice(f"no {what} is called {value.strip()}; there are {', '.join(names.values())}")
