"""Keeps the figures of adoption for a short time, so that many readers cost one count."""

import threading
import time
from dataclasses import dataclass, field

import structlog

from domain.ports import Clock
from store import Database
from store.engine.absences import DatabaseAway
from store.figures import adoption
from store.figures.adoption import Adoption

log = structlog.get_logger()

REST = 20
"""Figures are kept for this many times the length of their count."""

LEAST_SECONDS = 1.0
PATIENCE_SECONDS = 0.5
"""If the last count took longer than this, readers get the older figures while a thread counts anew."""

_Question = tuple[str | None, int]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    figures: Adoption
    took: float
    until: float


@dataclass(kw_only=True)
class AdoptionFigures:
    """The figures by cohort and number of days. One thread counts at a time."""

    database: Database
    clock: Clock
    _kept: dict[_Question, _Kept] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def of(self, cohort_id: str | None, days: int) -> Adoption:
        """The figures of a cohort, or of everybody. Raises Unknown."""
        question = (cohort_id, days)
        kept = self._kept.get(question)
        if kept is None or (_is_stale(kept) and kept.took < PATIENCE_SECONDS):
            return self._count(question)
        if _is_stale(kept) and self._turn.acquire(blocking=False):
            threading.Thread(target=self._count_behind, args=(question,), daemon=True).start()
        return kept.figures

    def _count(self, question: _Question) -> Adoption:
        with self._turn:
            kept = self._kept.get(question)
            return kept.figures if kept and not _is_stale(kept) else self._read(question)

    def _count_behind(self, question: _Question) -> None:
        """Count in a thread, while readers get the older figures. The caller has taken the turn already."""
        try:
            self._read(question)
        except DatabaseAway:
            pass  # the log has it already, and the older figures stay
        except Exception:
            log.exception("adoption_not_counted")
        finally:
            self._turn.release()

    def _read(self, question: _Question) -> Adoption:
        cohort_id, days = question
        began_at = time.monotonic()
        with self.database.reading() as session:
            figures = adoption.read(session, now=self.clock(), days=days, cohort_id=cohort_id)
        took = time.monotonic() - began_at
        until = began_at + took + max(REST * took, LEAST_SECONDS)
        self._kept[question] = _Kept(figures=figures, took=took, until=until)
        return figures


def _is_stale(kept: _Kept) -> bool:
    return time.monotonic() >= kept.until
