"""Keeps what people answer to the prompt: seen, later, cannot."""

import structlog

from domain.errors import Refused
from domain.journal import Actor, EventKind
from domain.journal_details import PromptSeenDetail
from domain.prompts import CANNOT_NOW_PAUSE, CannotReason, SmsReason
from services.container import Services
from services.people import standing
from services.people.visits import Person
from store.people import accounts, journal

log = structlog.get_logger()


class NoSkipsLeft(Refused):
    """The prompt was put off as often as the policy allows; "I can't do this now" is still open."""


def note_seen(services: Services, person: Person, *, capable: bool) -> None:
    """Note that the prompt was seen. It is an exposure only on a device that can make a passkey."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        if account.exposed_at:
            return
        if capable:
            accounts.note_exposed(session, account, at=now)
        kind, detail = EventKind.PROMPT_SEEN, PromptSeenDetail(capable=capable)
        journal.append(session, person.account_id, kind, detail, at=now, actor=Actor.PERSON)


def put_off(services: Services, person: Person) -> None:
    """ "Remind me later". Raises NoSkipsLeft."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        person_standing = standing.read(session, person.account_id, now=now)
        if person_standing.skips_left <= 0:
            raise NoSkipsLeft("no skips left")
        accounts.skip_prompt(session, account, until=now + person_standing.policy.snooze)
        kind, skips_left = EventKind.PROMPT_SKIPPED, person_standing.skips_left - 1
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, skips_left=skips_left)
    log.info("prompt_skipped", account_id=person.account_id, skips_left=skips_left)


def cannot_now(services: Services, person: Person, reason: CannotReason) -> None:
    """ "I can't do this now", with a reason; nobody asks again for a while."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        accounts.note_cannot(session, account, reason, at=now, until=now + CANNOT_NOW_PAUSE)
        kind = EventKind.CANNOT_NOW
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, reason=reason)
    log.info("cannot_now", account_id=person.account_id, reason=reason)


def note_sms_reason(services: Services, person: Person, reason: SmsReason) -> None:
    """Keep why somebody who has a passkey came in by a text-message code."""
    now = services.clock()
    with services.database.transaction() as session:
        kind = EventKind.SMS_CHOSEN
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, reason=reason)
    log.info("sms_chosen", account_id=person.account_id, reason=reason)
