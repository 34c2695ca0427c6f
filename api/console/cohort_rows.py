"""What the console shows of all cohorts, or of those that somebody looks for: plain values, read in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from api.console.funnel_view import Share, shares
from api.web.pages import instant
from domain.rollouts.guardrails import Verdict, overall
from domain.rollouts.rollout import Stage
from domain.switches import Switch
from domain.words.cohort_captions import waits_for
from store import Session
from store.journeys import switches
from store.rollouts import cohorts, measurements, tallies
from store.rollouts.cohorts import StoredCohort
from store.rollouts.measurements import Reached


@dataclass(frozen=True, kw_only=True)
class CohortQuery:
    """Which cohorts are listed: those on the list or those that are archived, and a part of their names."""

    is_archived: bool = False
    name_part: str = ""

    def path(self, path: str = "/console", *, is_archived: bool | None = None) -> str:
        """A page, of these cohorts or of the others."""
        archived = self.is_archived if is_archived is None else is_archived
        query = {"archived": "1" if archived else "", "q": self.name_part}
        said = urlencode({name: value for name, value in query.items() if value})
        return f"{path}?{said}" if said else path


def _read_query(
    archived: Annotated[str, Query(max_length=10)] = "", q: Annotated[str, Query(max_length=63)] = ""
) -> CohortQuery:
    return CohortQuery(is_archived=archived == "1", name_part=q.strip())


AskedCohorts = Annotated[CohortQuery, Depends(_read_query)]
"""The query of the address, as an argument of a route."""


@dataclass(frozen=True, kw_only=True)
class CohortRow:
    """One cohort in the list."""

    cohort_id: str
    name: str
    stage: Stage
    wave: int
    waves: int
    reached: Reached
    shares: tuple[Share, ...]
    verdict: Verdict | None
    waits_for: str


def rows(session: Session, query: CohortQuery, *, now: datetime) -> list[CohortRow]:
    """The cohorts that are asked for, the newest first."""
    listed = cohorts.listed(session, is_archived=query.is_archived, name_part=query.name_part)
    return [_row(session, row, now) for row in listed]


def _row(session: Session, row: StoredCohort, now: datetime) -> CohortRow:
    cohort, standing = cohorts.description(row), cohorts.standing(row)
    latest = tallies.latest(session, row.cohort_id)
    reached = measurements.together(measurements.funnel(session, row.cohort_id))
    assessments = latest.assessments if latest else ()
    return CohortRow(
        cohort_id=row.cohort_id,
        name=row.name,
        stage=standing.stage,
        wave=standing.wave + 1,
        waves=len(cohort.waves),
        reached=reached,
        shares=shares(reached, ("passkey_enrolled", "passkey_proven", "suspended")),
        verdict=overall(assessments) if latest and cohort.guardrails else None,
        waits_for=waits_for(
            standing,
            cohort,
            assessments,
            now=now,
            when=instant,
            is_switched_off=switches.is_stopped_for_everybody(session, Switch.LAUNCHES),
        ),
    )
