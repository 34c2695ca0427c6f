"""Lets somebody in who has shown who they are: a new session, a journal entry, and the next page."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from domain.codes import digest
from domain.counting import milliseconds
from domain.errors import AccountDeactivated
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.journal_details import SignInDetail, SignInFailureDetail
from services.container import Services
from services.people import attempts, claimants, guessing, standing, visits
from services.people.visits import Opening, Visit
from store import Session
from store.people import accounts, guesses, journal
from store.people.known_browsers import Stem
from store.safety import recoveries

log = structlog.get_logger()


class Destination(StrEnum):
    """The next page of somebody who was let in."""

    SET_UP = "set_up"
    ACCOUNT = "account"
    SAY_WHY = "say_why"
    """For somebody who has a passkey and came in by a text-message code all the same."""
    ASK_FOR_LOSS = "ask_for_loss"
    """For somebody who has a passkey and came in by a recovery code: perhaps a device is lost."""
    ASK_ABOUT_RECOVERY = "ask_about_recovery"
    """For the account of somebody who may be getting back in: was it them?"""
    MAKE_PASSKEY = "make_passkey"
    BY_SIGN_ON = "by_sign_on"
    """For somebody whom a host has sent: where they go next is up to its request."""
    MAKE_ONLY_PASSKEY = "make_only_passkey"
    """For a session that may do nothing else."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Somebody is in: the token of their session, their next page, and the token by which their browser is known."""

    token: str
    destination: Destination
    browser_token: str | None = None

    def towards(self, destination: Destination) -> "Admission":
        """The same admission with another next page, unless the first question is who gets back in."""
        is_asked_first = self.destination is Destination.ASK_ABOUT_RECOVERY
        return self if is_asked_first else replace(self, destination=destination)


def admit(
    session: Session,
    services: Services,
    visit: Visit,
    opening: Opening,
    *,
    asked_at: datetime | None = None,
) -> Admission:
    """Start a session, and begin to count wrong codes anew.

    A passkey's sign-in has its own journal entry, which the caller has written. Raises AccountDeactivated.
    """
    account_id, method = opening.account_id, opening.method
    if accounts.lock(session, account_id).deactivated_at:
        raise AccountDeactivated
    token = visits.enter(session, services, visit, opening)
    now = services.clock()
    accounts.note_sign_in(session, account_id, at=now)
    if method is not Method.PASSKEY:
        duration = took(asked_at, now)
        detail = SignInDetail(method=method, milliseconds=duration)
        journal.append(session, account_id, EventKind.SIGNED_IN, detail, at=now, actor=Actor.PERSON)
        if method.is_by_text or not method.only_enrols:
            attempts.keep_sign_in(session, visit, account_id, method, milliseconds=duration, at=now)
    guesses.forget(session, claimants.of_account(services, account_id).subjects)
    # A device link and a rescue pass show what somebody else holds, and not who sits at this browser.
    is_known = not method.only_enrols
    stem = Stem(
        session_id=digest(token),
        passkey_id=opening.passkey_id,
        set_id=opening.set_id,
        app_id=opening.app_id,
    )
    browser_token = guessing.know_browser(session, visit, account_id, at=now, stem=stem) if is_known else None
    log.info("signed_in", account_id=account_id, method=method)
    destination = _destination(session, visit, opening, now=now)
    return Admission(token=token, destination=destination, browser_token=browser_token)


def took(asked_at: datetime | None, now: datetime) -> int | None:
    """How long a sign-in took, in milliseconds, if that is known."""
    return milliseconds(since=asked_at, until=now) if asked_at else None


def note_failure(session: Session, account_id: str, method: Method, *, at: datetime, reason: str) -> None:
    """Write a failed attempt into the journal."""
    log.info("sign_in_failed", account_id=account_id, method=method, reason=reason)
    detail = SignInFailureDetail(method=method, reason=reason)
    journal.append(session, account_id, EventKind.SIGN_IN_FAILED, detail, at=at, actor=Actor.PERSON)


def _destination(session: Session, visit: Visit, opening: Opening, *, now: datetime) -> Destination:
    account_id = opening.account_id
    if not opening.method.only_enrols and recoveries.is_any_under_way(session, account_id):
        return Destination.ASK_ABOUT_RECOVERY
    if visit.way_back:
        return Destination.BY_SIGN_ON
    is_asked = standing.read(session, account_id, now=now, scene=visit.scene).is_asked
    return Destination.SET_UP if is_asked else Destination.ACCOUNT
