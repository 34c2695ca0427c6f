"""The crowd of a storm: everybody arrives, lives, and in the end says what they know."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from domain.policy import Policy
from domain.presets import FAST
from offramp.clock import clock
from offramp.crowd import gathering
from offramp.crowd.addresses import Addresses
from offramp.crowd.attacks import AttackSucceeded
from offramp.crowd.mailbox import LOOK_EVERY, Mailbox
from offramp.crowd.people import CrowdMember, playing
from offramp.crowd.plan import Character, draw
from offramp.orders.journey_starts import Start, Started
from store import Database
from tests.storm.browsers import StormScenery
from tests.storm.diaries import Diary
from tests.storm.ground import Ground
from tests.storm.lives import STORIES, Settler
from tests.storm.providers import TakenInbox
from tests.storm.verdict import Window
from tests.waiting import eventually

_SECOND = timedelta(seconds=1)

POLICY: Policy = replace(
    FAST,
    name="storm",
    cadence=(),
    least_gap=_SECOND,
    snooze=_SECOND,
    patience=timedelta(days=1),
    cooling_off=8 * _SECOND,
    notice=4 * _SECOND,
    probation=10 * _SECOND,
    rest_after_restore=_SECOND,
)
"""Fast, so that a journey may end in the storm in which it began; nobody is given up for being slow."""

_TELLINGS = 4
"""How often a story is told, on another account each time, that a fault has brought to no end; at last in the calm."""
_TELL_AGAIN_AFTER = 10.0
_ORDER_EVERY = 3.0
_PATIENCE = 75.0
_VISITS_A_SECOND = 3.0
"""How many people come and go in a second, all together; two cores bear some more."""


@dataclass(kw_only=True)
class Intrusion:
    """Somebody came in who should not have: whose account, how, and when that began and ended."""

    external_id: str
    how: str
    began: float
    ended: float

    def is_explained_by(self, window: Window) -> bool:
        """Whether a restore took back in the meantime what had stopped it."""
        return self.began <= window.noticed and self.ended >= window.begins


@dataclass(kw_only=True)
class StormCrowd:
    """All people of a storm. `account_ids` are by the host's ids; `untold` has the stories that came to no end."""

    ground: Ground
    characters: Sequence[Character]
    spares: list[Character]
    lasts: float
    diaries: dict[str, Diary] = field(default_factory=dict)
    settlers: list[Settler] = field(default_factory=list)
    intrusions: list[Intrusion] = field(default_factory=list)
    account_ids: dict[str, str] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)
    _arrived: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._addresses = Addresses(self.ground.settings)
        self._gate = asyncio.Semaphore(12)

    async def live(self, has_passed: Callable[[], bool], within: float) -> None:
        """Live until the storm has passed and everybody has come to an end, `within` seconds of calm at most."""
        with contextlib.closing(self.ground.opened()) as database:
            everybody = [*self.characters, *self.spares]
            self.account_ids = await asyncio.to_thread(gathering.bring_in, database, clock, everybody)
        mailbox = Mailbox(TakenInbox(self.ground.providers))
        async with _beside(self._read(mailbox)), _beside(self._keep_ordering()):
            lives = [
                asyncio.create_task(self._live_one(character, mailbox, has_passed))
                for character in self.characters
            ]
            _, late = await asyncio.wait(lives, timeout=self.lasts + within)
            for life in late:
                life.cancel()
            for outcome in await asyncio.gather(*lives, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    def order_journeys(self, database: Database) -> None:
        """Order a journey for everybody who has arrived; a restore may have taken the last order back."""
        counts = Started()
        for _ in Start(database=database, clock=clock, policy=POLICY).some(list(self._arrived), counts):
            pass

    async def _live_one(self, character: Character, mailbox: Mailbox, has_passed: Callable[[], bool]) -> None:
        await asyncio.sleep(character.arrives.total_seconds())
        if character.kind in STORIES:
            await self._tell(character, mailbox, has_passed)
            return
        async with self._member(character, mailbox) as me:
            rest = len(self.characters) / _VISITS_A_SECOND
            settler = Settler(me=me, diary=self.diaries[character.external_id], rest=rest)
            self.settlers.append(settler)
            await settler.live(has_passed)

    async def _tell(self, character: Character, mailbox: Mailbox, has_passed: Callable[[], bool]) -> None:
        """Tell a story from its beginning, on fresh accounts, until it has come to an end: in the calm, if need be."""
        trouble = ""
        for telling in range(1, _TELLINGS + 1):
            if telling == _TELLINGS:
                await eventually(has_passed, "the storm has passed", within=math.inf)
            began = time.time()
            async with self._member(character, mailbox) as me:
                try:
                    await STORIES[character.kind](me)
                except AttackSucceeded as success:
                    self._note_intrusion(me, str(success), began=began)
                    return
                except Exception as error:  # what a fault breaks is told again
                    trouble = f"{type(error).__name__}: {error}"
                else:
                    return
            await asyncio.sleep(_TELL_AGAIN_AFTER)
            if not self.spares:
                break
            character = replace(self.spares.pop(), kind=character.kind)
        self.untold.append(f"{character.kind}: {trouble}")

    def _note_intrusion(self, me: CrowdMember, how: str, *, began: float) -> None:
        external_id = me.character.external_id
        self.intrusions.append(Intrusion(external_id=external_id, how=how, began=began, ended=time.time()))

    @asynccontextmanager
    async def _member(self, character: Character, mailbox: Mailbox) -> AsyncIterator[CrowdMember]:
        diary = self.diaries[character.external_id] = Diary(external_id=character.external_id)
        self._arrived.append(character.external_id)
        settings = self.ground.settings
        scenery = StormScenery(
            origin=settings.origin,
            rp_id=settings.rp_id,
            policy=POLICY,
            addresses=self._addresses,
            patience=_PATIENCE,
            diary=diary,
            gate=self._gate,
        )
        async with playing(character, scenery, mailbox) as me:
            me.event_counts = diary.event_counts
            yield me

    async def _read(self, mailbox: Mailbox) -> None:
        while True:
            await mailbox.look()
            await asyncio.sleep(LOOK_EVERY)

    async def _keep_ordering(self) -> None:
        while True:
            async with self.ground.quiet:
                with contextlib.suppress(Exception), contextlib.closing(self.ground.opened()) as database:
                    await asyncio.to_thread(self.order_journeys, database)
            await asyncio.sleep(_ORDER_EVERY)


def gather(ground: Ground, *, people: int, seed: int, lasts: float) -> StormCrowd:
    """The crowd of a seed. Everybody arrives in the first third of the storm, and all have an address that works."""
    crowd = draw(people, seed=seed, pace=people / (lasts / 3))
    stories = sum(character.kind in STORIES for character in crowd)
    characters = [
        replace(character, is_email_known=True)
        for character in [*crowd, *draw(stories * (_TELLINGS - 1), seed=seed, first=people + 1)]
    ]
    return StormCrowd(ground=ground, characters=characters[:people], spares=characters[people:], lasts=lasts)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that goes on beside a block, and ends with it. Its own failure is the block's."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
