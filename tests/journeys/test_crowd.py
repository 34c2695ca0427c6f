"""A crowd of one of each kind in front of a real site: everybody gets where their story leads, counted twice."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from domain.facts import Channel
from domain.journal import EventKind
from domain.policy import NudgeStep
from domain.presets import FAST
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.crowd import gathering
from offramp.crowd.addresses import Addresses
from offramp.crowd.counting import AttackTally, End, LifeReport, Summary
from offramp.crowd.environment import Scenery
from offramp.crowd.gathering import Beginning
from offramp.crowd.kinds import ATTACKERS, PersonKind
from offramp.crowd.plan import Character, draw
from offramp.crowd.running import Begin, Crowd
from offramp.orders.journey_starts import Start
from offramp.wiring import make_inbox, make_services
from tests.journeys.site import Site

pytestmark = [pytest.mark.processes]

SECOND = timedelta(seconds=1)
QUICK = replace(
    FAST,
    name="quick",
    cadence=(NudgeStep(after=3 * SECOND, channel=Channel.EMAIL),),
    least_gap=SECOND,
    snooze=SECOND,
    patience=20 * SECOND,
    cooling_off=10 * SECOND,
    notice=2 * SECOND,
    probation=25 * SECOND,
    rest_after_restore=SECOND,
)
"""Fast, for a test that has two minutes; long enough for a bounce, and for a restoring, on a busy machine."""

STAY = {
    PersonKind.SILENT,
    PersonKind.UNABLE,
    PersonKind.FAILING,
    PersonKind.UNREACHABLE,
    PersonKind.UNSUBSCRIBER,
    PersonKind.OBJECTOR,
    PersonKind.SWAPPED,
    *ATTACKERS,
}


async def test_one_of_each_kind_comes_as_far_as_their_story_leads(town: Site) -> None:
    with crowd(town, len(PersonKind)) as play:
        summary = await play.live(starting(play))
    assert summary.broken == {}
    assert summary.differences == []
    assert summary.is_well
    assert {row.kind for row in summary.rows} == set(PersonKind)
    unvouched = {person.kind for person in play.characters if not person.is_told_elsewhere} - STAY
    assert PersonKind.BOUNCING in unvouched
    assert {row.kind for row in summary.rows if row.ends == {End.WAITING: 1}} == unvouched
    assert {row.kind for row in summary.rows if row.ends == {End.DONE: 1}} == set(PersonKind) - unvouched
    assert {row.kind for row in summary.rows if row.by_database.get(EventKind.SMS_REMOVED)} == set(
        PersonKind
    ) - STAY - unvouched
    assert summary.attacks == [
        AttackTally(kind=kind, attackers=1, defeated=1, succeeded=0) for kind in ATTACKERS
    ]
    assert told_of(summary, PersonKind.SWAPPED)[EventKind.OBJECTED] == 1
    assert told_of(summary, PersonKind.RESTORER)[EventKind.SMS_RESTORED] == 1
    assert told_of(summary, PersonKind.LOSER)[EventKind.PASSKEY_REMOVED] == 1
    assert told_of(summary, PersonKind.UNSUBSCRIBER) == {EventKind.REMINDERS_STOPPED: 1}


async def test_a_crowd_that_is_stopped_says_how_far_it_came(town: Site) -> None:
    has_begun = asyncio.Event()

    async def begin(_: Sequence[Character], beginning: Beginning) -> None:
        has_begun.set()

    with crowd(town, 4) as play:
        living = asyncio.create_task(play.live(begin))
        await has_begun.wait()
        living.cancel()
        summary = await living
    assert not summary.is_well
    assert [row.ends for row in summary.rows] == [{End.STOPPED: 1}] * 4


async def test_people_and_database_that_do_not_agree_are_an_error(town: Site) -> None:
    def boast(report: LifeReport) -> None:
        report.event_counts[EventKind.OBJECTED] += 1

    with crowd(town, 1) as play:
        play.tell = boast
        play.characters = [replace(play.characters[0], kind=PersonKind.SILENT)]
        summary = await play.live(starting(play))
    [difference] = summary.differences
    assert (difference.event, difference.by_person, difference.by_database) == (EventKind.OBJECTED, 1, 0)
    assert not summary.is_well


@contextmanager
def crowd(town: Site, people: int) -> Iterator[Crowd]:
    """A crowd that comes at once."""
    given = {name.removeprefix("OFFRAMP_").lower(): value for name, value in town.environment().items()}
    settings = Settings.model_validate({name: given[name] for name in Settings.model_fields if name in given})
    services, inbox = make_services(settings), make_inbox(settings)
    assert inbox is not None
    scenery = Scenery(
        origin=settings.origin,
        rp_id=settings.rp_id,
        policy=QUICK,
        addresses=Addresses(settings),
        patience=120,
    )
    first = gathering.first_number(services.database)
    characters = draw(people, seed=1, first=first, pace=1000)
    try:
        yield Crowd(services=services, inbox=inbox, scenery=scenery, characters=characters)
    finally:
        services.database.close()


def starting(play: Crowd) -> Begin:
    """Everybody's journey begins at once."""
    return partial(gathering.start_all, Start(database=play.services.database, clock=clock, policy=QUICK))


def told_of(summary: Summary, kind: PersonKind) -> dict[EventKind, int]:
    """What the database has counted of one kind."""
    return next(row.by_database for row in summary.rows if row.kind is kind)
