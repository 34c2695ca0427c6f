"""Notes why a ceremony failed, as the browser reports it, so that operators see what people struggle with."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator

from api.web.arguments import Use
from api.web.visitors import Visiting
from domain.journal import Actor, EventKind
from domain.journal_details import CeremonyFailureDetail
from domain.passkeys import CeremonyFailure
from services.throttling import require_attempts
from store.people import journal
from store.people.challenges import Ceremony

router = APIRouter()
log = structlog.get_logger()


def _failure(name: object) -> CeremonyFailure:
    return next((failure for failure in CeremonyFailure if failure == name), CeremonyFailure.OTHER)


class CeremonyReport(BaseModel):
    """A failed ceremony, and the name of the browser's error."""

    ceremony: Ceremony
    name: Annotated[CeremonyFailure, BeforeValidator(_failure)]


@router.post("/ceremony/failed", status_code=204, response_class=Response)
def note(services: Use, visit: Visiting, failed: CeremonyReport) -> None:
    """Write a failure into the log, and also into the journal if the person is signed in."""
    require_attempts(services, ceremonies_per_address=visit.place)
    account_id = visit.person.account_id if visit.person else None
    detail = CeremonyFailureDetail(ceremony=failed.ceremony, name=failed.name, platform=visit.platform)
    log.info("ceremony_failed", account_id=account_id, **detail.stored())
    if account_id is None:
        return
    with services.database.transaction() as session:
        kind, now = EventKind.CEREMONY_FAILED, services.clock()
        journal.append(session, account_id, kind, detail, at=now, actor=Actor.PERSON)
