"""The way back to the host: who may take it, with which answer, and the address that it leads to."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import structlog

from domain.codes import digest, new_token
from domain.facts import Method
from domain.host.clients import home_of
from domain.host.sign_on import (
    Shown,
    SignOnAnswer,
    SignOnRefused,
    Wish,
    acr_of,
    amr_of,
    answer_of,
    is_enough,
)
from services.container import Services
from services.people import standing
from services.people.visits import Person, Visit, person_of
from store import Session
from store.host import clients, sign_ons
from store.host.sign_ons import SignOn
from store.people import passkeys, sessions
from store.people.sessions import WebSession

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """The address at the host to which a person goes back, and the host's name. `is_again`: they went there before."""

    url: str
    name: str
    is_again: bool = False


def leave(services: Services, visit: Visit) -> WayOut | None:
    """Send a person back: with a code if they are signed in as the host wished, otherwise with an error.

    Whoever has gone back before finds the host's first page. None for a browser that no host has sent.
    """
    now = services.clock()
    with services.database.transaction() as session:
        sign_on = sign_ons.lock(session, visit.sign_on_id) if visit.sign_on_id else None
        client = clients.find(session, sign_on.client_id) if sign_on else None
        if sign_on is None or client is None:
            return None
        if not sign_on.is_open(now):
            return WayOut(url=home_of(sign_on.redirect_uri), name=client.name, is_again=True)
        url = leave_now(session, services, sign_on, session_of(session, visit.token), now=now)
        return WayOut(url=url, name=client.name)


def way_back(session: Session, sign_on_id: str | None, *, now: datetime) -> str:
    """The name of the host to which a session's person can go back; empty without one."""
    sign_on = sign_ons.find(session, sign_on_id)
    if sign_on is None or not sign_on.is_open(now):
        return ""
    client = clients.find(session, sign_on.client_id)
    return client.name if client else ""


def leave_now(
    session: Session, services: Services, sign_on: SignOn, web_session: WebSession | None, *, now: datetime
) -> str:
    """End a sign-on; returns the address to go back to, with a code or an error."""
    person = person_of(web_session) if web_session else None
    shown = (
        shown_by(session, sign_on, web_session, person)
        if web_session and person and not person.method.only_enrols
        else None
    )
    if web_session is None or person is None or shown is None or not is_met(sign_on, shown):
        sign_ons.leave(session, sign_on, at=now)
        log.info("sent_back", client_id=sign_on.client_id, answer="access_denied")
        refused = SignOnRefused("access_denied", "the person did not sign in as this needs it")
        return error_address(services, sign_on.redirect_uri, sign_on.state, refused)
    answer = _answer(session, sign_on, person, now=now)
    code = new_token()
    sign_ons.give_code(
        session,
        sign_on,
        code,
        account_id=person.account_id,
        answer=answer,
        acr=acr_of(person.method),
        amr=_amr(session, web_session, person),
        shown_at=shown.at,
        at=now,
    )
    log.info("sent_back", client_id=sign_on.client_id, answer=answer, account_id=person.account_id)
    return _address(services, sign_on.redirect_uri, sign_on.state, {"code": code})


def error_address(services: Services, redirect_uri: str, state: str, refused: SignOnRefused) -> str:
    """The address by which a host is told of an error."""
    values = {"error": refused.error, "error_description": str(refused)}
    return _address(services, redirect_uri, state, values)


def session_of(session: Session, token: str | None) -> WebSession | None:
    """The session of a token; None without a token."""
    return sessions.look_up(session, digest(token)) if token else None


def shown_by(session: Session, sign_on: SignOn, web_session: WebSession, person: Person) -> Shown:
    """How the person of a session has shown who they are, for a sign-on."""
    return Shown(
        method=person.method,
        at=web_session.vouched_at or web_session.started_at,
        is_expected=sign_on.expected_id in (None, person.account_id),
        has_passkeys=bool(passkeys.active(session, person.account_id)),
    )


def is_met(sign_on: SignOn, shown: Shown) -> bool:
    """Whether that is as the host wished."""
    return is_enough(Wish(sign_on.wish), shown, not_before=sign_on.not_before, began_at=sign_on.began_at)


def has_next_step(session: Session, person: Person, *, now: datetime) -> bool:
    """Whether there is a step of the set-up that the person can do now."""
    return standing.read(session, person.account_id, now=now).next_step is not None


def _answer(session: Session, sign_on: SignOn, person: Person, *, now: datetime) -> SignOnAnswer:
    """The person's own word, unless they have done it after all."""
    is_unfinished = has_next_step(session, person, now=now)
    if sign_on.answer and is_unfinished:
        return SignOnAnswer(sign_on.answer)
    return answer_of(Wish(sign_on.wish), has_next_step=is_unfinished)


def _amr(session: Session, web_session: WebSession, person: Person) -> tuple[str, ...]:
    if person.method is Method.HOST:
        return tuple((web_session.vouched_amr or "").split())
    passkey = passkeys.find_kept(session, person.account_id, person.passkey_id)
    return amr_of(person.method, is_synced=passkey is not None and passkey.backup_eligible)


def _address(services: Services, redirect_uri: str, state: str, values: dict[str, str]) -> str:
    """A redirect URI with an answer, and with who gives it, so that nobody mixes providers up (RFC 9207)."""
    said = values | ({"state": state} if state else {}) | {"iss": services.site.origin}
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(said)}"
