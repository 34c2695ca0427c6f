"""Counts what is typed at the door, so that guessing ends and nobody is shut out by a stranger.

A browser that an account knows has budgets of its own; all others share the strangers' budgets.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.codes import digest, new_token
from domain.errors import GuessedTooOften
from domain.safety.guard import WEIGHT
from domain.safety.guessing import GuessedCode, Shut, is_closed, seems_to_have_other_way, shut
from domain.safety.throttle import Throttle
from services.container import Services
from services.people.claimants import Claimant
from services.people.visits import Visit
from services.throttling import require_attempts
from store import Session
from store.engine import raised_guards, throttles
from store.people import authenticator_apps, guesses, known_browsers, passkeys, recovery_codes
from store.people.guesses import Counted
from store.people.known_browsers import Stem


@dataclass(frozen=True, kw_only=True)
class GuessBudget:
    """Whose attempts at an account count together: a known browser's, or all strangers', with an empty `browser_id`."""

    subject: str
    key_id: str
    browser_id: str

    @property
    def key(self) -> str:
        """What a throttle counts by."""
        return f"{self.subject}:{self.browser_id}" if self.browser_id else self.subject


def require_code(services: Services, visit: Visit, claimant: Claimant) -> None:
    """Count one asking for a text-message code. Raises Throttled, and GuessedTooOften while no code may be typed."""
    now = services.clock()
    with services.database.transaction() as session:
        budget = _budget(session, visit, claimant, now=now)
        is_shut = _shut(session, claimant, _counted(budget, GuessedCode.SIGN_IN), now=now)
    if is_shut:
        raise _refusal(is_shut, now)
    strangers = {} if budget.browser_id else {"codes_per_address": visit.address}
    is_known = bool(budget.browser_id)
    require_attempts(services, is_known=is_known, codes_per_account=budget.key, **strangers)
    # By itself, so that an impatient minute, whose codes were refused, does not use up the day.
    require_attempts(services, is_known=is_known, codes_per_day=budget.key)


def require_proof_code(services: Services, visit: Visit, claimant: Claimant) -> None:
    """Count one asking for a code that proves a contact. Raises Throttled.

    A browser that the account knows has a budget of its own.
    """
    with services.database.transaction() as session:
        budget = _budget(session, visit, claimant, now=services.clock())
    strangers = {} if budget.browser_id else {"codes_per_address": visit.address}
    is_known = bool(budget.browser_id)
    require_attempts(services, is_known=is_known, codes_per_account=f"recover:{budget.key}", **strangers)
    # One count of the day for all codes, so that they stay within the account's budget of messages.
    require_attempts(services, is_known=is_known, codes_per_day=budget.key)


def require_guess(services: Services, visit: Visit, claimant: Claimant, code: GuessedCode) -> None:
    """Count one typed code as wrong, until `forget` says that it was right. Raises Throttled, GuessedTooOften.

    What is typed while the door is shut does not count, so that it lengthens nobody's wait.
    """
    now = services.clock()
    with services.database.transaction() as session:
        budget = _budget(session, visit, claimant, now=now)
        counted = _counted(budget, code)
        is_shut = _shut(session, claimant, counted, now=now)
        too_many = None if budget.browser_id else _count_address(session, visit, now=now)
        if not is_shut and not too_many:
            guesses.add(session, counted, at=now)
    if is_shut:
        raise _refusal(is_shut, now)
    if too_many:
        raise too_many


def count_wrong(
    session: Session, claimant: Claimant, code: GuessedCode, *, at: datetime
) -> GuessedTooOften | None:
    """Count one typed code as wrong in the caller's transaction, until `forget_wrong`; returns why none may be typed.

    It counts among strangers' tries, whatever browser it is typed at.
    """
    counted = Counted(subject=claimant.subject, code=code, key_id=claimant.key_id)
    if is_shut := _shut(session, claimant, counted, now=at):
        return _refusal(is_shut, at)
    guesses.add(session, counted, at=at)
    return None


def forget_wrong(session: Session, claimant: Claimant, code: GuessedCode) -> None:
    """Begin to count wrong codes of a kind anew, because one was right."""
    guesses.forget(session, claimant.subjects, code)


def is_strangers(session: Session, visit: Visit, claimant: Claimant, *, now: datetime) -> bool:
    """Whether what is typed at this browser counts among strangers' tries, and for its address."""
    return not _budget(session, visit, claimant, now=now).browser_id


def forgive(session: Session, visit: Visit, *throttles_: Throttle) -> None:
    """Let what a stranger's right code has counted at the address count no more, because many may share it.

    What is given back was counted before, so nobody gains tries for guessing by signing in to an account of their own.
    It comes after the wrong codes are forgotten, in the order of `require_guess`: else two presses wait on each other.
    """
    for throttle in throttles_:
        throttles.give_back(session, throttle, visit.address)


def require_long_guess(services: Services, visit: Visit, claimant: Claimant) -> None:
    """Count one typed code of 64 bits or more, by the address or the known browser. Raises Throttled.

    Nobody guesses such a code, so wrong ones never close the door to others (NIST SP 800-63B-4, 3.1.2.2).
    """
    with services.database.transaction() as session:
        budget = _budget(session, visit, claimant, now=services.clock())
    require_attempts(services, long_codes_per_address=budget.key if budget.browser_id else visit.address)


def is_worth_noting(session: Session, claimant: Claimant, *, now: datetime) -> bool:
    """Whether a wrong long code is still worth an entry of the journal, which a stranger could fill otherwise."""
    return throttles.count(session, Throttle.LONG_CODES_PER_ACCOUNT, claimant.subject, now=now) is None


def know_browser(
    session: Session, visit: Visit, account_id: str, *, at: datetime, stem: Stem | None = None
) -> str:
    """Let the account know this browser; returns the token that the browser keeps."""
    token = visit.browser_token or new_token()
    known_browsers.remember(session, digest(token), account_id, at=at, stem=stem)
    return token


def _budget(session: Session, visit: Visit, claimant: Claimant, *, now: datetime) -> GuessBudget:
    browser_id = visit.browser_id or ""
    is_known = browser_id and known_browsers.is_known(session, browser_id, claimant.account_id, now=now)
    return GuessBudget(
        subject=claimant.subject, key_id=claimant.key_id, browser_id=browser_id if is_known else ""
    )


def _counted(budget: GuessBudget, code: GuessedCode) -> Counted:
    return Counted(subject=budget.subject, code=code, browser_id=budget.browser_id, key_id=budget.key_id)


def _shut(session: Session, claimant: Claimant, counted: Counted, *, now: datetime) -> Shut | None:
    if claimant.former_subjects:
        guesses.move(session, claimant.former_subjects, to=claimant.subject, key_id=claimant.key_id)
    failures, last_at = guesses.failures(session, counted, at=now)
    if not counted.browser_id and raised_guards.find_up(session, now=now):
        failures *= WEIGHT
    is_asked = is_closed(failures) and counted.code in (GuessedCode.SIGN_IN, GuessedCode.AUTHENTICATOR_APP)
    has_other_way = is_asked and _has_other_way(session, claimant, counted.code)
    return shut(failures, last_at, has_other_way=has_other_way, now=now)


def _has_other_way(session: Session, claimant: Claimant, code: GuessedCode) -> bool:
    """Whether something else opens the account than such a code; for nobody the same is asked, and something answered.

    An authenticator app is no other way than itself, and text messages are none that stays for whoever holds the SIM.
    """
    ways = [
        passkeys.is_any_proven(session, claimant.account_id),
        recovery_codes.is_any_left(session, claimant.account_id),
        authenticator_apps.is_any_working(session, claimant.account_id) and code is GuessedCode.SIGN_IN,
    ]
    return any(ways) if claimant.account_id else seems_to_have_other_way(claimant.subject)


def _count_address(session: Session, visit: Visit, *, now: datetime) -> Exception | None:
    return throttles.count(session, Throttle.TRIES_PER_ADDRESS, visit.address, now=now)


def _refusal(is_shut: Shut, now: datetime) -> GuessedTooOften:
    seconds = int((is_shut.until - now).total_seconds()) + 1 if is_shut.until else 0
    return GuessedTooOften(seconds, needs_other_way=is_shut.until is None)
