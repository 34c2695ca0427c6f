"""Keeps figures for a short time, so that many readers cost one count, and nobody waits for a count that takes long."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from store.engine.absences import DatabaseAway

log = structlog.get_logger()

REST = 20
"""Figures are kept for this many times the length of their count."""

LEAST_SECONDS = 1.0
PATIENCE_SECONDS = 0.5
"""If the last count took longer than this, readers get the older figures while a thread counts anew."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class _Kept(Generic[Answer]):
    figures: Answer
    took: float
    until: float

    @property
    def is_stale(self) -> bool:
        return time.monotonic() >= self.until


@dataclass(kw_only=True)
class RestedFigures(Generic[Question, Answer]):
    """The figures by what is asked. One thread counts at a time."""

    count: Callable[[Question], Answer]
    _kept: dict[Question, _Kept[Answer]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def of(self, question: Question) -> Answer:
        """The figures, counted or kept. Raises what `count` raises."""
        kept = self._kept.get(question)
        if kept is None or (kept.is_stale and kept.took < PATIENCE_SECONDS):
            return self._count(question)
        if kept.is_stale and self._turn.acquire(blocking=False):
            threading.Thread(target=self._count_behind, args=(question,), daemon=True).start()
        return kept.figures

    def _count(self, question: Question) -> Answer:
        with self._turn:
            kept = self._kept.get(question)
            return kept.figures if kept and not kept.is_stale else self._read(question)

    def _count_behind(self, question: Question) -> None:
        """Count in a thread, while readers get the older figures. The caller has taken the turn already."""
        try:
            self._read(question)
        except DatabaseAway:
            pass  # the log has it already, and the older figures stay
        except Exception:
            log.exception("figures_not_counted")
        finally:
            self._turn.release()

    def _read(self, question: Question) -> Answer:
        began_at = time.monotonic()
        figures = self.count(question)
        took = time.monotonic() - began_at
        until = began_at + took + max(REST * took, LEAST_SECONDS)
        self._kept[question] = _Kept(figures=figures, took=took, until=until)
        return figures
