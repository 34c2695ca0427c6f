"""Compares the host's list once a night by itself: one worker does it, and another one goes on if that worker dies."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

import structlog

from domain.host import nights
from domain.host.comparing import AccountDifference, Comparison, ListedState
from domain.ports import Clock
from providers.host_lists import ListNotRead
from services.host import comparing
from services.imports.file_lines import BadLine
from services.imports.host_states import listed_states
from store import Database
from store.host import list_runs

log = structlog.get_logger()

HELD_FOR = timedelta(minutes=10)
"""How long after the last sign of one worker another one may begin."""
HELD_ANEW_EVERY = timedelta(minutes=1)
TRIED_AGAIN_AFTER = timedelta(hours=1)

Open = Callable[[], AbstractContextManager[BinaryIO]]


class Stopping(Exception):
    """The worker stops in the middle of a list."""


class Overtaken(Exception):
    """No sign was given for so long that another worker has begun: what this one has counted is not kept."""


@dataclass(frozen=True, kw_only=True)
class NightlyComparison:
    """The list behind an address, which `open_list` opens; whoever is asked to stop lets go between two lines."""

    database: Database
    clock: Clock
    address: str
    open_list: Open
    is_stopping: Callable[[], bool]

    def do_if_due(self) -> Comparison | None:
        """Compare the list if it is due and nobody else does it; None if it was not compared."""
        begun_at = self.clock()
        due = nights.last_due(begun_at, address=self.address)
        with self.database.transaction() as session:
            if not list_runs.claim(session, due=due, now=begun_at, until=begun_at + HELD_FOR):
                return None
        try:
            comparison = self._compare(begun_at)
        except Stopping:
            with self.database.transaction() as session:
                list_runs.hold(session, begun_at, until=self.clock())
            return None
        except Overtaken:
            log.warning("host_list_overtaken", begun_at=begun_at.isoformat())
            return None
        except ListNotRead as trouble:
            self._rest(begun_at, str(trouble))
            return None
        with self.database.transaction() as session:
            list_runs.note_done(session, begun_at, at=self.clock())
        log.info(
            "host_list_compared",
            compared=comparison.compared,
            differing=sum(comparison.differences.values()),
            bad_lines=comparison.bad_lines,
        )
        return comparison

    def _compare(self, claimed_at: datetime) -> Comparison:
        comparison = Comparison()

        def refuse(_: BadLine) -> None:
            comparison.count_bad_line()

        def tell(_: AccountDifference) -> None:
            """Counted already; `offramp accounts compare` names everybody."""

        with self.open_list() as content:
            states = self._holding(claimed_at, listed_states(content, refuse=refuse))
            comparing.compare(self.database, states, comparison, clock=self.clock, tell=tell)
        return comparison

    def _holding(self, claimed_at: datetime, states: Iterator[ListedState]) -> Iterator[ListedState]:
        """The same accounts; while they come, nobody else begins. Raises Stopping, Overtaken."""
        held_at = self.clock()
        for state in states:
            if self.is_stopping():
                raise Stopping
            if (now := self.clock()) - held_at > HELD_ANEW_EVERY:
                held_at = now
                self._hold(claimed_at, until=now + HELD_FOR)
            yield state
        self._hold(claimed_at, until=self.clock() + HELD_FOR)

    def _hold(self, claimed_at: datetime, *, until: datetime) -> None:
        with self.database.transaction() as session:
            if not list_runs.hold(session, claimed_at, until=until):
                raise Overtaken

    def _rest(self, claimed_at: datetime, trouble: str) -> None:
        log.warning("host_list_not_read", reason=trouble)
        now = self.clock()
        with self.database.transaction() as session:
            list_runs.note_trouble(session, claimed_at, trouble, at=now, until=now + TRIED_AGAIN_AFTER)
