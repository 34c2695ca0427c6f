"""What plays of cohorts begin with: the cohort, a database in which workers die, and guardrails that obey."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from temporalio import activity

from activities.rollouts import Judgement, RolloutActivities
from domain.presets import STANDARD
from domain.rollouts.buckets import bucket, reach
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.guardrails import Verdict
from domain.rollouts.launch_windows import LaunchWindows
from store import Database, Session
from store.rollouts import members
from tests import factories
from tests.workflows.pocket_temporal import Killed

PEOPLE = 4
DAY = timedelta(days=1)
SPECIAL = "special"
"""The risk tier that the cohort excludes."""

CALM = factories.make_policy(
    proving_days=1,
    cadence=(),
    quiet_from=STANDARD.quiet_until,
    jitter=timedelta(),
    patience=60 * DAY,
    cooling_off=timedelta(),
    notice=10 * DAY,
    probation=20 * DAY,
    rest_after_restore=5 * DAY,
)

SPRING = Cohort(
    name="spring",
    include=Who(),
    exclude=Who(risk_tiers=(SPECIAL,)),
    policy=CALM,
    holdout_percent=0,
    waves=(Wave(percent=50, bake=2 * DAY), Wave(percent=100, bake=DAY)),
    pace=2,
    windows=LaunchWindows(),
    guardrails=(),
    assess_every=timedelta(hours=12),
)
"""Everybody but the special ones, one person each half minute."""

ACCOUNT_IDS = [f"00000000-0000-7000-8000-00000000000{number}" for number in range(PEOPLE)]
SALT = next(
    salt
    for salt in map(str, count())
    if [bucket(salt, account_id) < reach(50) for account_id in ACCOUNT_IDS] == [True, True, False, False]
)
"""By this salt the first two people are in the first wave."""


class Watched:
    """A database that tells of every commit, and in which a worker dies when it is told to."""

    def __init__(self, database: Database, committed: Callable[[], None]) -> None:
        self._database = database
        self._committed = committed
        self.dies_in: int | None = None
        self.dies_after_commit = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        dies = activity.in_activity() and self._is_time_to_die()
        if dies and not self.dies_after_commit:
            raise Killed
        with self._database.transaction() as session:
            yield session
        self._committed()
        if dies:
            raise Killed

    def _is_time_to_die(self) -> bool:
        if self.dies_in is None:
            return False
        self.dies_in -= 1
        if self.dies_in >= 0:
            return False
        self.dies_in = None
        return True


class Judged(RolloutActivities):
    """The acts of a rollout, whose guardrails say what a play tells them to."""

    judgement = Judgement(verdict=Verdict.PASSED)

    @activity.defn
    def assess(self, cohort_id: str) -> Judgement:
        with self._database.reading() as session:
            return replace(self.judgement, everybody_ended=not members.has_running(session, cohort_id))
