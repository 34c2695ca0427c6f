"""The tables of the console as CSV: the cohorts, how far the people of one are, its guardrails, adoption by day.

Columns are called by the keys that descriptions, metrics and the command line use; numbers are plain, times ISO 8601.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.console import cohort_rows
from api.console.adoption import days_of
from api.console.cohort_rows import AskedCohorts, CohortRow
from api.staff.rights import SeesLists, SeesRollouts
from api.web.arguments import Use
from api.web.spreadsheets import download
from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.guardrails import Assessment
from domain.staff.staff import AuditKind
from domain.words.console_words import STEPS
from services.figures.adoption_figures import AdoptionFigures
from store.figures.adoption import AdoptionDay
from store.rollouts import cohorts, measurements, passed_over, tallies
from store.rollouts.measurements import WaveFunnel
from store.rollouts.passed_over import PassedOverMember
from store.staff import audit

router = APIRouter(prefix="/console")

_REACHED = ("members", "launched", *STEPS)
_COHORTS = ("cohort", "stage", "wave", "waves", *_REACHED, "verdict")
_WAVES = ("wave", "held_out", *_REACHED, "passed_over")
_GUARDRAILS = (
    *("metric", "limit", "against", "window_seconds", "reaction", "verdict", "more_to_decide"),
    *("rate", "low", "high", "hits", "size", "held_out_hits", "held_out_size", "assessed_at"),
)
_DAYS = tuple(each.name for each in fields(AdoptionDay))
_PASSED_OVER = ("external_id", "account_id", "because", "since")


@router.get("/export")
def export_cohorts(services: Use, _staff: SeesRollouts, query: AskedCohorts) -> Response:
    """The cohorts that the list shows."""
    with services.database.reading() as session:
        rows = cohort_rows.rows(session, query, now=services.clock())
    return download("cohorts.csv", [_COHORTS, *(_cohort(row) for row in rows)])


@router.get("/cohorts/{cohort_id}/export/waves")
def export_waves(services: Use, _staff: SeesRollouts, cohort_id: str) -> Response:
    """How far the people of each wave are, now."""
    with services.database.reading() as session:
        cohorts.get(session, cohort_id)
        waves = measurements.funnel(session, cohort_id)
    return download("waves.csv", [_WAVES, *(_wave(funnel) for funnel in waves)])


@router.get("/cohorts/{cohort_id}/export/guardrails")
def export_guardrails(services: Use, _staff: SeesRollouts, cohort_id: str) -> Response:
    """The guardrails as they were last assessed."""
    with services.database.reading() as session:
        cohorts.get(session, cohort_id)
        tally = tallies.latest(session, cohort_id)
    assessments = tally.assessments if tally else ()
    at = tally.at.isoformat() if tally else ""
    return download("guardrails.csv", [_GUARDRAILS, *([*_guardrail(each), at] for each in assessments)])


@router.get("/cohorts/{cohort_id}/passed-over/export")
def export_passed_over(services: Use, staff: SeesLists, cohort_id: str, because: str = "") -> Response:
    """Everybody whom the cohort has passed over; it is written down that the list was taken."""
    reason = next((reason for reason in Ineligibility if reason == because), None)
    with services.database.reading() as session:
        cohorts.get(session, cohort_id)
        people = list(passed_over.every(session, cohort_id, because=reason))
    filters = {"because": reason} if reason else {}
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            AuditKind.LIST_EXPORTED,
            at=services.clock(),
            cohort_id=cohort_id,
            list="passed_over",
            filters=filters,
        )
    return download("passed-over.csv", [_PASSED_OVER, *(_member(member) for member in people)])


@router.get("/adoption/export")
def export_adoption(
    request: Request, days: Annotated[int, Depends(days_of)], _staff: SeesRollouts, cohort: str = ""
) -> Response:
    """The days behind the curves of adoption."""
    figures: AdoptionFigures = request.app.state.adoption
    counted = figures.of(cohort or None, days)
    return download(
        "adoption.csv", [_DAYS, *([str(getattr(day, name)) for name in _DAYS] for day in counted.days)]
    )


def _cohort(row: CohortRow) -> Sequence[str]:
    reached = (str(getattr(row.reached, name)) for name in _REACHED)
    return [row.name, row.stage, str(row.wave), str(row.waves), *reached, row.verdict or ""]


def _wave(funnel: WaveFunnel) -> Sequence[str]:
    number = "" if funnel.wave is None else str(funnel.wave + 1)
    return [
        number,
        str(funnel.held_out),
        *(str(getattr(funnel, name)) for name in (*_REACHED, "passed_over")),
    ]


def _guardrail(judged: Assessment) -> Sequence[str]:
    guardrail, sample, holdout = judged.guardrail, judged.sample, judged.holdout
    return [
        guardrail.metric,
        str(guardrail.limit),
        guardrail.against,
        f"{guardrail.window.total_seconds():g}",
        guardrail.reaction,
        judged.verdict,
        str(judged.more_to_decide),
        "" if judged.measured is None else str(judged.measured),
        str(judged.low),
        str(judged.high),
        str(sample.hits),
        str(sample.size),
        str(holdout.hits) if holdout else "",
        str(holdout.size) if holdout else "",
    ]


def _member(member: PassedOverMember) -> Sequence[str]:
    return [member.external_id, member.account_id, member.because, member.at.isoformat()]
