"""Reads the database's figures in the background, part by part, so that a scrape never waits for the database."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version

import structlog
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from domain.ports import Clock
from offramp.metrics import (
    account_series,
    attempt_series,
    cohort_names,
    live_series,
    metrics,
    stuck_series,
    total_series,
    upkeep_series,
)
from offramp.metrics.account_series import Rules
from store import Database, invariants
from store.desk import exempt, single_losses, stuck_census
from store.engine.absences import DatabaseAway
from store.figures import attempt_figures, census, live_figures
from store.figures.running_totals import RunningTotals
from store.journeys import policies
from store.people import provisional
from store.rollouts import cohorts

log = structlog.get_logger()

MOST_OF_THE_TIME = 9
"""A part rests at least nine times as long as its reading took, so that it reads in a tenth of the time at most."""

Read = Callable[[], list[Metric]]


@dataclass(kw_only=True)
class FigureSet:
    """Figures that are read together, and how the last reading went. `took` is in seconds, `read_at` in Unix time."""

    name: str
    read: Read
    families: Sequence[Metric] = ()
    read_at: float | None = None
    took: float = 0.0
    failures: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def refresh(self, clock: Clock) -> None:
        """Read once. A failure is logged and counted, and the figures of the last reading stay."""
        began_at = time.monotonic()
        try:
            families = self.read()
        except DatabaseAway:  # the log has it already
            self.failures += 1
        except Exception:
            log.exception("figures_not_read", part=self.name)
            self.failures += 1
        else:
            self.families, self.read_at = families, clock().timestamp()
        self.took = time.monotonic() - began_at
        self.done.set()


class Snapshot(Collector):
    """The figures that were read last. A part that was never read is absent, because absent does not mean zero."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        every: timedelta,
        sms_price: float,
        reads_host_list: bool = False,
    ) -> None:
        self._database, self._clock, self._every = database, clock, every
        self._sms_price, self._reads_host_list = sms_price, reads_host_list
        self._totals = RunningTotals()
        self._stopping = threading.Event()
        self.parts = [
            FigureSet(name="live", read=self._live),
            FigureSet(name="totals", read=self._happened),
            FigureSet(name="stuck", read=self._stuck),
            FigureSet(name="one_loss", read=self._one_loss),
            FigureSet(name="attempts", read=self._attempts),
            FigureSet(name="accounts", read=self._accounts),
            FigureSet(name="invariants", read=self._invariants),
        ]

    def start(self) -> None:
        """Read each part again and again, in a thread of its own, so that no part waits for a slower part."""
        for part in self.parts:
            threading.Thread(target=self._keep_reading, args=(part,), name=part.name, daemon=True).start()

    def stop(self) -> None:
        """Stop reading."""
        self._stopping.set()

    def refresh(self) -> None:
        """Read every part once, now."""
        for part in self.parts:
            part.refresh(self._clock)

    def collect(self) -> Iterator[Metric]:
        """The figures that were read last; reads nothing."""
        for part in self.parts:
            yield from part.families
        yield metrics.sampled(metrics.BUILD, {(version("offramp"),): 1})
        read_at = {(part.name,): part.read_at for part in self.parts}
        yield metrics.sampled(metrics.SNAPSHOT_AT, {name: at for name, at in read_at.items() if at})
        tried_parts = [part for part in self.parts if part.done.is_set()]
        yield metrics.sampled(metrics.SNAPSHOT_DURATION, {(part.name,): part.took for part in tried_parts})
        yield metrics.sampled(metrics.SNAPSHOT_FAILURES, {(part.name,): part.failures for part in self.parts})

    def describe(self) -> list[Metric]:
        """Empty families, so that registering reads nothing."""
        return [metrics.family(figure) for figure in metrics.FIGURES.values()]

    def _keep_reading(self, part: FigureSet) -> None:
        while not self._stopping.is_set():
            part.refresh(self._clock)
            self._stopping.wait(max(self._every.total_seconds(), MOST_OF_THE_TIME * part.took))

    def _live(self) -> list[Metric]:
        with self._database.reading() as session:
            figures = live_figures.read(session, now=self._clock())
            standings = exempt.census(session, now=self._clock())
        families = live_series.series(
            figures, sms_price=self._sms_price, reads_host_list=self._reads_host_list
        )
        return [*families, upkeep_series.exemptions(standings)]

    def _happened(self) -> list[Metric]:
        has_more = True
        while has_more and not self._stopping.is_set():
            with self._database.reading() as session:
                has_more = self._totals.read(session, now=self._clock())
        with self._database.reading() as session:
            return total_series.series(self._totals, cohort_names.read(session, now=self._clock()))

    def _stuck(self) -> list[Metric]:
        with self._database.reading() as session:
            names = cohort_names.read(session, now=self._clock())
            return stuck_series.series(stuck_census.take(session, now=self._clock()), names)

    def _one_loss(self) -> list[Metric]:
        with self._database.reading() as session:
            names = cohort_names.read(session, now=self._clock())
            return upkeep_series.series(single_losses.census(session, now=self._clock()), names)

    def _attempts(self) -> list[Metric]:
        with self._database.reading() as session:
            since = self._clock() - attempt_series.LATELY
            return attempt_series.series(attempt_figures.read(session, since=since))

    def _accounts(self) -> list[Metric]:
        with self._database.reading() as session:
            groups = census.take(session, now=self._clock())
            rows = cohorts.every(session)
            used = {group.policy_id for group in groups if group.policy_id}
            rules = Rules(
                names=cohort_names.read(session, now=self._clock()),
                policies={policy_id: policies.get(session, policy_id) for policy_id in used},
                cohort_policies={row.cohort_id: cohorts.description(row).policy for row in rows},
            )
            new_things = provisional.count(session, now=self._clock())
            families = account_series.series(groups, rules, census.members(session))
        counts: dict[tuple[str, ...], float] = {(kind.value,): times for kind, times in new_things.items()}
        return [*families, metrics.sampled(metrics.PROVISIONAL, counts)]

    def _invariants(self) -> list[Metric]:
        with self._database.reading() as session:
            breaches = invariants.breaches(session, now=self._clock())
        return [
            metrics.sampled(
                metrics.BREACHES, {(breach.invariant.value,): breach.count for breach in breaches}
            )
        ]
