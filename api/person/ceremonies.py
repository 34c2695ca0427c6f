"""Notes why a ceremony failed, as the browser reports it, so that operators see what people struggle with."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator, Field

from api.web.arguments import Use
from api.web.visitors import Visiting
from domain.attempts import occasion_of
from domain.journal import Actor, EventKind
from domain.journal_details import CeremonyFailureDetail
from domain.passkeys import CeremonyFailure
from services.people import attempts
from services.people.visits import Visit
from services.throttling import require_attempts
from store.people import journal
from store.people.challenges import Ceremony

router = APIRouter()
log = structlog.get_logger()

_LONGEST = attempts.LONGEST // timedelta(milliseconds=1)


def _failure(name: object) -> CeremonyFailure:
    return next((failure for failure in CeremonyFailure if failure == name), CeremonyFailure.OTHER)


class CeremonyReport(BaseModel):
    """A failed ceremony, and the name of the browser's error.

    `answer` is the path that the browser would have answered to, `milliseconds` how long it was at it.
    """

    ceremony: Ceremony
    name: Annotated[CeremonyFailure, BeforeValidator(_failure)]
    answer: Annotated[str, Field(max_length=200)] = ""
    milliseconds: Annotated[int | None, Field(ge=0, le=_LONGEST)] = None


@router.post("/ceremony/failed", status_code=204, response_class=Response)
def note(services: Use, visit: Visiting, failed: CeremonyReport) -> None:
    """Keep a failure, and write it into the journal, too, if the person is signed in."""
    require_attempts(services, ceremonies_per_address=visit.place)
    account_id = visit.person.account_id if visit.person else None
    detail = CeremonyFailureDetail(ceremony=failed.ceremony, name=failed.name, platform=visit.platform)
    log.info("ceremony_failed", account_id=account_id, **detail.stored())
    with services.database.transaction() as session:
        kind, now = EventKind.CEREMONY_FAILED, services.clock()
        attempts.keep_failure(
            session,
            _at(visit, failed),
            failed.ceremony,
            failed.name,
            milliseconds=failed.milliseconds,
            at=now,
        )
        if account_id is not None:
            journal.append(session, account_id, kind, detail, at=now, actor=Actor.PERSON)


def _at(visit: Visit, failed: CeremonyReport) -> Visit:
    """The visit at the page that has failed, and not at the path that it reports to."""
    occasion = occasion_of(failed.answer, visit.person.method if visit.person else None)
    return replace(visit, scene=replace(visit.scene, occasion=occasion))
