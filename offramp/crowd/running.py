"""Plays the stories of a crowd side by side, until all stories have ended or somebody stops the crowd."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.ports import Clock
from offramp.crowd.attacks import AttackSucceeded
from offramp.crowd.browsers import Surprise
from offramp.crowd.counting import AttackResult, End, LifeReport, Summary, compare
from offramp.crowd.environment import Scenery
from offramp.crowd.gathering import Beginning, bring_in
from offramp.crowd.kinds import ATTACKERS, PersonKind
from offramp.crowd.lives import LIVES, Life, held_out
from offramp.crowd.mailbox import LOOK_EVERY, Mailbox, NothingCame
from offramp.crowd.people import TooSlow, playing
from offramp.crowd.plan import Character
from offramp.crowd.postmen import Postman
from providers.inbox import Inbox
from services.container import Services
from store import Database

Begin = Callable[[Sequence[Character], Beginning], Coroutine[Any, Any, None]]
"""Begins the journeys of people, and notes in `Beginning` whose journeys have begun."""


BringIn = Callable[[Database, Clock, Sequence[Character]], Mapping[str, str]]
"""Sees to it that Offramp knows people, and returns their account ids by the host's ids."""


@dataclass(kw_only=True)
class Crowd:
    """One crowd of one instance; `live` imports its accounts, or does what `bring_in` says, which returns their ids.

    `tell` is called with the report of each person whose story has ended. `hears_within`, in seconds: how long the
    database may take to hear what people have done, where a host tells it.
    """

    services: Services
    inbox: Inbox
    scenery: Scenery
    characters: Sequence[Character]
    tell: Callable[[LifeReport], None] = lambda report: None
    reports: list[LifeReport] = field(default_factory=list)
    lives: Mapping[PersonKind, Life] = field(default_factory=lambda: LIVES)
    bring_in: BringIn = bring_in
    hears_within: float = 0.0

    async def live(self, begin: Begin) -> Summary:
        """Begin the journeys, and play all stories. If it is cancelled, the summary says that it is not whole."""
        began, is_whole = time.monotonic(), True
        try:
            await self._live(begin)
        except asyncio.CancelledError:
            is_whole = False
        return await self._compare(seconds=time.monotonic() - began, is_whole=is_whole)

    async def _compare(self, *, seconds: float, is_whole: bool) -> Summary:
        """Compare; while the database may still hear of something, only what agrees ends it."""
        waits_until = time.monotonic() + self.hears_within
        while True:
            summary = await asyncio.to_thread(
                compare,
                self.services.database,
                self.reports,
                seconds=seconds,
                waits=self.scenery.waits,
                is_whole=is_whole,
            )
            if not summary.differences or time.monotonic() >= waits_until:
                return summary
            await asyncio.sleep(LOOK_EVERY)

    async def _live(self, begin: Begin) -> None:
        mailbox, beginning = Mailbox(self.inbox), Beginning()
        postman = Postman(self.services, self.characters)
        database, clock = self.services.database, self.services.clock
        account_ids = await asyncio.to_thread(self.bring_in, database, clock, self.characters)
        reading = asyncio.create_task(self._read(mailbox, postman))
        try:
            async with asyncio.TaskGroup() as people:
                people.create_task(begin(self.characters, beginning))
                for character in self.characters:
                    people.create_task(self._play(character, account_ids, mailbox, beginning))
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _read(self, mailbox: Mailbox, postman: Postman) -> None:
        while True:
            arrivals = await mailbox.look()
            await asyncio.to_thread(postman.tell, arrivals)
            await asyncio.sleep(LOOK_EVERY)

    async def _play(
        self, character: Character, account_ids: Mapping[str, str], mailbox: Mailbox, beginning: Beginning
    ) -> None:
        report = LifeReport(
            external_id=character.external_id,
            account_id=account_ids[character.external_id],
            kind=character.kind,
        )
        self.reports.append(report)
        is_launched = await beginning.of(report.external_id)
        async with playing(character, self.scenery, mailbox) as person:
            report.event_counts = person.event_counts
            life = self.lives[character.kind] if is_launched else held_out
            await play_out(life(person), report)
        self.tell(report)


async def play_out(life: Awaitable[None], report: LifeReport) -> None:
    """Play a story, and report how it ended, with the trouble if there was any."""
    try:
        await life
    except TooSlow:
        report.end = End.WAITING
    except AttackSucceeded as success:
        report.end, report.trouble = End.BROKEN, f"the attack succeeded: {success}"
        report.attack = AttackResult.SUCCEEDED
    except (Surprise, NothingCame) as trouble:
        report.end, report.trouble = End.BROKEN, str(trouble)
    except Exception as error:  # the error of one person must not end the crowd
        report.end, report.trouble = End.BROKEN, f"{type(error).__name__}: {error}"
    else:
        report.end = End.DONE
        report.attack = AttackResult.DEFEATED if report.kind in ATTACKERS else None
