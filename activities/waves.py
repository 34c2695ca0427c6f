"""Enrols a cohort's members and launches its waves: long walks that continue where a crashed one stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity

from activities.transactions import in_transaction
from domain.ports import Clock, JourneyStarter
from domain.rollouts.awaited import wait
from domain.rollouts.buckets import reach
from store import Database, Session
from store.rollouts import cohorts, launches, members
from store.rollouts.launches import Opened
from store.rollouts.members import LaunchPosition

ENROL_BATCH = 2000
LAUNCH_BATCH = 200
BATCHES_PER_MINUTE = 12
"""Even a slow pace goes in small batches, and not in one each minute."""

LOOK_AGAIN = timedelta(seconds=5)
"""After how long a launch asks again whether launches are still stopped."""


@dataclass(frozen=True, kw_only=True)
class LaunchTask:
    """One wave to launch, until its window closes."""

    cohort_id: str
    wave: int
    after: LaunchPosition
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Launched:
    """How a launch ended: with everybody of the wave started, or at a place from which a later one continues.

    `is_empty`: there was nobody to start, neither now nor before.
    """

    everybody: bool
    place: LaunchPosition
    is_empty: bool = False


@dataclass(frozen=True, kw_only=True)
class WaveToPass:
    """A wave that may have nobody to launch."""

    cohort_id: str
    wave: int


class WaveActivities:
    """Walks through the members of a cohort in order; each heartbeat holds its place."""

    def __init__(self, database: Database, clock: Clock, start_journeys: JourneyStarter) -> None:
        self._database = database
        self._clock = clock
        self._start_journeys = start_journeys

    def all(self) -> list[Callable[..., Any]]:
        """The activities that a worker registers."""
        return [self.enrol_members, self.launch_wave, self.pass_empty_wave]

    @activity.defn
    async def enrol_members(self, cohort_id: str) -> int:
        """Enrol everybody who matches; members stay as they are. Returns how many accounts were looked at."""
        details = activity.info().heartbeat_details
        after_id, looked_at = (details[0] if details else ""), 0
        while True:
            last_id, count = await in_transaction(self._database, self._enrol, cohort_id, after_id)
            if last_id is None:
                return looked_at
            after_id, looked_at = last_id, looked_at + count
            activity.heartbeat(after_id)

    @activity.defn
    async def launch_wave(self, task: LaunchTask) -> Launched:
        """Start the journeys of a wave at the cohort's pace, until all are started or the rollout moves on."""
        place = _place_reached(task)
        await self._start_left_behind(task, place)
        while task.until is None or self._clock() < task.until:
            began_at = self._clock()
            stretch, pace = await in_transaction(self._database, self._open, task, place)
            if stretch is None:
                break
            if stretch.is_stopped:
                await self._wait_until(began_at + LOOK_AGAIN, place)
                continue
            if stretch.place is None:
                is_empty = await in_transaction(self._database, self._is_empty, task)
                return Launched(everybody=True, place=place, is_empty=is_empty)
            await self._start_journeys(stretch.account_ids)
            place = stretch.place
            await self._wait_until(began_at + timedelta(minutes=len(stretch.account_ids) / pace), place)
        return Launched(everybody=False, place=place)

    @activity.defn
    async def pass_empty_wave(self, wave: WaveToPass) -> bool:
        """Pass over everybody whom a wave would reach, if nobody of them can take part; False if somebody can."""
        place: LaunchPosition | None = LaunchPosition()
        if await in_transaction(self._database, self._has_anybody, wave):
            return False
        while place := await in_transaction(self._database, self._pass_over, wave, place):
            _heartbeat(place)
        return True

    async def _start_left_behind(self, task: LaunchTask, place: LaunchPosition) -> None:
        """Start the journeys that a crashed launch opened and may not have started, wherever the rollout stands now."""
        stretch = await in_transaction(self._database, self._opened_beyond, task, place)
        while stretch.place:
            await self._start_journeys(stretch.account_ids)
            _heartbeat(place)
            stretch = await in_transaction(self._database, self._opened_beyond, task, stretch.place)

    def _enrol(self, session: Session, cohort_id: str, after_id: str) -> tuple[str | None, int]:
        row = cohorts.get(session, cohort_id)
        cohort = cohorts.description(row)
        return members.enrol(
            session, cohort_id, cohort, salt=row.salt, after=after_id, at=self._clock(), batch=ENROL_BATCH
        )

    def _open(self, session: Session, task: LaunchTask, place: LaunchPosition) -> tuple[Opened | None, int]:
        """Open the next journeys; None if the rollout is no longer launching this wave. Returns the pace, too."""
        row = cohorts.get(session, task.cohort_id, still=True)
        standing, cohort = cohorts.standing(row), cohorts.description(row)
        if standing.wave != task.wave or not wait(standing, cohort, now=self._clock()).is_launching:
            return None, cohort.pace
        opened = launches.open_next(
            session,
            task.cohort_id,
            row.policy_id,
            exclude=cohort.exclude,
            wave=task.wave,
            below=reach(cohort.waves[task.wave].percent),
            after=place,
            batch=min(LAUNCH_BATCH, max(cohort.pace // BATCHES_PER_MINUTE, 1)),
            at=self._clock(),
        )
        return opened, cohort.pace

    def _is_empty(self, session: Session, task: LaunchTask) -> bool:
        return not members.has_launched(session, task.cohort_id, wave=task.wave)

    def _has_anybody(self, session: Session, wave: WaveToPass) -> bool:
        cohort = cohorts.description(cohorts.get(session, wave.cohort_id))
        return members.has_launched(session, wave.cohort_id, wave=wave.wave) or launches.has_able(
            session,
            wave.cohort_id,
            exclude=cohort.exclude,
            below=reach(cohort.waves[wave.wave].percent),
            at=self._clock(),
        )

    def _pass_over(self, session: Session, wave: WaveToPass, place: LaunchPosition) -> LaunchPosition | None:
        cohort = cohorts.description(cohorts.get(session, wave.cohort_id))
        return launches.pass_over_next(
            session,
            wave.cohort_id,
            exclude=cohort.exclude,
            below=reach(cohort.waves[wave.wave].percent),
            after=place,
            at=self._clock(),
        )

    def _opened_beyond(self, session: Session, task: LaunchTask, place: LaunchPosition) -> Opened:
        return launches.opened_beyond(
            session, task.cohort_id, wave=task.wave, after=place, batch=LAUNCH_BATCH
        )

    async def _wait_until(self, moment: datetime, place: LaunchPosition) -> None:
        """Send heartbeats until the cohort's pace allows the next batch; lost time is not made up by a faster pace."""
        _heartbeat(place)
        while (seconds := (moment - self._clock()).total_seconds()) > 0:
            await asyncio.sleep(min(seconds, 1.0))
            _heartbeat(place)


def _heartbeat(place: LaunchPosition) -> None:
    activity.heartbeat(place.bucket, place.account_id)


def _place_reached(task: LaunchTask) -> LaunchPosition:
    """The place in the last heartbeat of a crashed launch, or the task's beginning."""
    details = activity.info().heartbeat_details
    return LaunchPosition(bucket=details[0], account_id=details[1]) if details else task.after
