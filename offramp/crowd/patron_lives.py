"""The stories of a host's customers, whichever way the host goes; from its sign-in page to codes that are off there."""

from collections.abc import Awaitable, Callable
from functools import partial

from domain.host.ceremonies import Ceremonies
from domain.journal import EventKind
from offramp.crowd.hosted_patrons import HostedPatron
from offramp.crowd.kinds import PersonKind
from offramp.crowd.lives import Life
from offramp.crowd.orchestrated_patrons import OrchestratedPatron
from offramp.crowd.patrons import Patron
from offramp.crowd.people import REMINDERS, CrowdMember

_WAYS: dict[Ceremonies, type[Patron]] = {
    Ceremonies.HOSTED: HostedPatron,
    Ceremonies.ORCHESTRATED: OrchestratedPatron,
}


async def swift(patron: Patron) -> None:
    """Takes the offer at once."""
    await patron.is_offered()
    await patron.sets_up()
    await _sees_it_through(patron)


async def lazy(patron: Patron) -> None:
    """Puts the offer off, and takes it after the next reminder."""
    await patron.is_offered()
    await patron.answers("skipped")
    patron.me.event_counts[EventKind.PROMPT_SKIPPED] += 1
    await patron.sees_codes(on=True)
    await patron.me.hears_from_journey(*REMINDERS, link=patron.letter_link)
    await patron.me.hears_from_journey(*REMINDERS)
    await patron.signs_out()
    await patron.is_offered()
    await patron.sets_up()
    await _sees_it_through(patron)


async def unable(patron: Patron) -> None:
    """Cannot, says so, and goes on signing in with codes."""
    await patron.is_offered()
    await patron.answers("cannot")
    patron.me.event_counts[EventKind.CANNOT_NOW] += 1
    await patron.signs_out()
    await patron.signs_in()
    await patron.sees_codes(on=True)


async def _sees_it_through(patron: Patron) -> None:
    await patron.me.sees_sms_go()
    await patron.signs_in_by_passkey()
    await patron.me.sees_sms_gone()
    await patron.signs_in_by_passkey()
    await patron.sees_codes(on=False)


_STORIES: dict[PersonKind, Callable[[Patron], Awaitable[None]]] = {
    PersonKind.SWIFT: swift,
    PersonKind.LAZY: lazy,
    PersonKind.UNABLE: unable,
}


def lives_at(host: str, way: Ceremonies) -> dict[PersonKind, Life]:
    """The stories of the kinds that are customers of a host, on whoever's pages the ceremonies are."""
    return {kind: partial(_live, story, _WAYS[way], host) for kind, story in _STORIES.items()}


async def _live(
    story: Callable[[Patron], Awaitable[None]], patron: type[Patron], host: str, me: CrowdMember
) -> None:
    await story(patron(me=me, host=host))
