"""Takes a short code that a session has been sent and types back, whatever the code is for."""

from collections.abc import Callable

from domain.codes import plain_code
from domain.errors import CodeRejected
from domain.safety.guessing import GuessedCode
from services.container import Services
from services.people import claimants, first_answers, guessing
from services.people.visits import Person, Visit
from store import Session
from store.people import guesses
from store.people.first_answers import SecretKind
from store.people.one_time_codes import OneTimeCode

Take = Callable[[Session, str], OneTimeCode | CodeRejected]
"""Does what a code is for, if it is right; a refusal is returned, so that the spent try is kept."""


def answer(
    services: Services, visit: Visit, person: Person, typed: str, kind: SecretKind, take: Take
) -> None:
    """Take the code. Raises CodeRejected, Throttled, and what `take` raises.

    The session may send a right code twice within a minute.
    """
    code = plain_code(typed)
    secret = first_answers.sent(services, kind, person.session_id, code)
    if first_answers.recall(services, secret) is not None:
        return
    claimant = claimants.of_account(services, person.account_id)
    guessing.require_guess(services, visit, claimant, GuessedCode.VERIFY_EMAIL)
    with services.database.transaction() as session:
        taken = take(session, code)
        if isinstance(taken, OneTimeCode):
            first_answers.keep(session, services, secret)
        is_wrong = isinstance(taken, CodeRejected) and first_answers.find(session, services, secret) is None
        if not is_wrong:
            guesses.forget(session, claimant.subjects, GuessedCode.VERIFY_EMAIL)
    if isinstance(taken, CodeRejected) and is_wrong:
        raise taken
