"""Lets somebody in who has shown who they are: a new session, a journal entry, and the page to go on with."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi.responses import RedirectResponse

from api.web import visitors
from api.web.pages import go_to
from api.web.visitors import Visit
from domain.counting import milliseconds
from domain.facts import Method
from domain.journal import Actor, EventKind
from services.container import Services
from services.people import standing
from store import Session
from store.people import accounts, journal

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Somebody is in: the token of their session, and where to go."""

    token: str
    next_page: str


def admit(
    session: Session,
    services: Services,
    visit: Visit,
    *,
    account_id: str,
    method: Method,
    passkey_id: str | None = None,
    rooted_in_sms_at: datetime | None,
    asked_at: datetime | None = None,
) -> Admission:
    """Start a session. A passkey's sign-in has its own journal entry, which the caller has written."""
    web_session = visitors.new_session(services, visit, account_id, method)
    web_session.passkey_id, web_session.rooted_in_sms_at = passkey_id, rooted_in_sms_at
    token = visitors.rotate(session, services, visit, web_session)
    now = services.clock()
    accounts.note_sign_in(session, account_id, at=now)
    if method is not Method.PASSKEY:
        detail = {"method": method, **took(asked_at, now)}
        journal.append(session, account_id, EventKind.SIGNED_IN, at=now, actor=Actor.PERSON, **detail)
    log.info("signed_in", account_id=account_id, method=method)
    return Admission(token=token, next_page=_first_page(session, account_id, now=now))


def took(asked_at: datetime | None, now: datetime) -> dict[str, int]:
    """What a journal entry says of how long a sign-in took, if that is known."""
    return {"milliseconds": milliseconds(since=asked_at, until=now)} if asked_at else {}


def enter(services: Services, admission: Admission) -> RedirectResponse:
    """Send the browser on with its new session."""
    response = go_to(admission.next_page)
    visitors.remember(response, services, admission.token)
    return response


def note_failure(
    session: Session, account_id: str | None, method: Method, *, at: datetime, reason: str
) -> None:
    """Write down an attempt that failed, on an account that exists."""
    if account_id is None:
        return
    log.info("sign_in_failed", account_id=account_id, method=method, reason=reason)
    kind = EventKind.SIGN_IN_FAILED
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, method=method, reason=reason)


def _first_page(session: Session, account_id: str, *, now: datetime) -> str:
    return "/setup" if standing.read(session, account_id, now=now).is_asked else "/account"
