"""Takes the browser's word for why a ceremony failed, so that somebody can see what people struggle with."""

from enum import StrEnum
from typing import Annotated

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator

from api.web.visitors import Visiting
from domain.journal import Actor, EventKind
from services.container import Use
from services.throttling import require_attempts
from store.people import journal
from store.people.challenges import Ceremony

router = APIRouter()
log = structlog.get_logger()


class Failure(StrEnum):
    """The DOMExceptions of passkey ceremonies (WebAuthn Level 3, 5.1.3 and 5.1.4); everything else is `other`."""

    ABORTED = "AbortError"
    CONSTRAINT = "ConstraintError"
    INVALID_STATE = "InvalidStateError"
    NOT_ALLOWED = "NotAllowedError"
    NOT_SUPPORTED = "NotSupportedError"
    SECURITY = "SecurityError"
    TYPE = "TypeError"
    UNKNOWN = "UnknownError"
    OTHER = "other"


def _failure(name: object) -> Failure:
    return next((failure for failure in Failure if failure == name), Failure.OTHER)


class CeremonyReport(BaseModel):
    """What failed, in the browser's words."""

    ceremony: Ceremony
    name: Annotated[Failure, BeforeValidator(_failure)]


@router.post("/ceremony/failed", status_code=204, response_class=Response)
def note(services: Use, visit: Visiting, failed: CeremonyReport) -> None:
    """Write a failure down; for somebody who is not signed in yet it is only a line in the log."""
    require_attempts(services, ceremonies_per_address=visit.address)
    account_id = visit.person.account_id if visit.person else None
    detail = {"ceremony": failed.ceremony, "name": failed.name, "platform": visit.platform}
    log.info("ceremony_failed", account_id=account_id, **detail)
    if account_id is None:
        return
    with services.database.transaction() as session:
        kind = EventKind.CEREMONY_FAILED
        journal.append(session, account_id, kind, at=services.clock(), actor=Actor.PERSON, **detail)
