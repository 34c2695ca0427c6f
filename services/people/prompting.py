"""Keeps what people answer to the prompt: seen, later, cannot."""

from datetime import datetime, timedelta

import structlog

from domain.attempts import AttemptEnd, AttemptKind, Scene
from domain.errors import Refused
from domain.journal import Actor, EventKind
from domain.journal_details import PromptSeenDetail
from domain.prompts import CANNOT_NOW_PAUSE, CannotReason, SmsReason
from services.container import Services
from services.people import standing
from services.people.standing import PersonStanding
from services.people.visits import Person, Visit
from store import Session
from store.people import accounts, attempts, journal
from store.people.accounts import Account

log = structlog.get_logger()

_LATELY = timedelta(hours=1)
"""How long after a sign-in an answer still is about it."""


class NoSkipsLeft(Refused):
    """The prompt was put off as often as the policy allows; "I can't do this now" is still open."""


def note_seen(services: Services, visit: Visit, person: Person, *, capable: bool) -> None:
    """Note that the prompt was seen. It is an exposure only on a device that can make a passkey."""
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        keep_seen(
            session, account, visit.scene, capable=capable, platform=visit.platform, at=services.clock()
        )


def put_off(services: Services, visit: Visit, person: Person) -> None:
    """ "Remind me later". Raises NoSkipsLeft."""
    now = services.clock()
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        person_standing = standing.read(session, person.account_id, now=now)
        if person_standing.skips_left <= 0:
            raise NoSkipsLeft("no skips left")
        keep_skip(session, account, person_standing, visit.scene, at=now)


def cannot_now(services: Services, visit: Visit, person: Person, reason: CannotReason) -> None:
    """ "I can't do this now", with a reason; nobody asks again for a while."""
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        keep_cannot(session, account, reason, visit.scene, at=services.clock())


def keep_seen(
    session: Session, account: Account, scene: Scene, *, capable: bool, platform: str, at: datetime
) -> None:
    """Write down that the owner of a locked account saw the prompt. It goes into the journal unless they have seen it
    before where they could do it.
    """
    account_id, kind = account.account_id, AttemptKind.PROMPT
    attempts.add(session, scene, kind, AttemptEnd.SHOWN, at=at, account_id=account_id)
    if account.exposed_at:
        return
    if capable:
        accounts.note_exposed(session, account, at=at)
    detail = PromptSeenDetail(capable=capable, platform=platform)
    journal.append(session, account_id, EventKind.PROMPT_SEEN, detail, at=at, actor=Actor.PERSON)


def keep_skip(
    session: Session, account: Account, person_standing: PersonStanding, scene: Scene, *, at: datetime
) -> None:
    """Write down that the owner of a locked account, who stood so before, put the prompt off."""
    account_id = account.account_id
    attempts.add(session, scene, AttemptKind.PROMPT, AttemptEnd.PUT_OFF, at=at, account_id=account_id)
    accounts.skip_prompt(session, account, until=at + person_standing.policy.snooze)
    kind, skips_left = EventKind.PROMPT_SKIPPED, max(person_standing.skips_left - 1, 0)
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, skips_left=skips_left)
    log.info("prompt_skipped", account_id=account_id, skips_left=skips_left)


def keep_cannot(
    session: Session, account: Account, reason: CannotReason, scene: Scene, *, at: datetime
) -> None:
    """Write down why the owner of a locked account cannot do it, and leave them alone for a while."""
    account_id, declined = account.account_id, AttemptEnd.DECLINED
    attempts.add(session, scene, AttemptKind.PROMPT, declined, at=at, account_id=account_id, reason=reason)
    accounts.note_cannot(session, account, reason, at=at, until=at + CANNOT_NOW_PAUSE)
    kind = EventKind.CANNOT_NOW
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, reason=reason)
    log.info("cannot_now", account_id=account_id, reason=reason)


def note_sms_reason(services: Services, person: Person, reason: SmsReason) -> None:
    """Keep why somebody who has a passkey came in by a text-message code."""
    now = services.clock()
    with services.database.transaction() as session:
        attempts.note_reason(session, person.account_id, reason, since=now - _LATELY)
        kind = EventKind.SMS_CHOSEN
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, reason=reason)
    log.info("sms_chosen", account_id=person.account_id, reason=reason)
