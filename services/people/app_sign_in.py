"""Signs in by a contact and the code that an authenticator app shows now.

Neither the answer nor the work for it shows whether an account has the contact, or an app.
"""

from domain.codes import plain_code
from domain.errors import CodeRejected
from domain.facts import Method
from domain.safety.guessing import GuessedCode
from domain.safety.throttle import Throttle
from domain.trust import Root
from services.container import Services
from services.people import authenticator_apps, claimants, first_answers, guessing
from services.people.admission import Admission, admit
from services.people.authenticator_apps import MatchedApp
from services.people.claimants import Claimant
from services.people.contacts import Contact
from services.people.visits import Opening, Visit
from store import Session
from store.people import accounts, door_notes
from store.people import authenticator_apps as kept_apps
from store.people.first_answers import SecretKind


def sign_in(services: Services, visit: Visit, contact: Contact, typed: str) -> Admission:
    """Sign in, and use the code up. Raises CodeRejected, GuessedTooOften, Throttled, AccountDeactivated.

    A browser that sends a right code twice within a minute is given its one session both times.
    """
    both = "\0".join((*contact.values, plain_code(typed)))
    secret = first_answers.sent(services, SecretKind.APP_CODE, visit.door_id, both)
    if first := first_answers.recall_admission(services, visit, secret):
        return first
    claimant = claimants.of_contact(services, contact)
    guessing.require_guess(services, visit, claimant, GuessedCode.AUTHENTICATOR_APP)
    with services.database.transaction() as session:
        now = services.clock()
        # Somebody's wrong code locks nothing and takes the statements of nobody's.
        if matched := authenticator_apps.match(session, services, claimant.account_id, typed, at=now):
            accounts.lock(session, claimant.account_id)
            if kept_apps.claim_step(session, matched.app, matched.step, at=now):
                admission = _admit(session, services, visit, claimant, matched)
                first_answers.keep_admission(session, services, secret, admission)
                return admission
            # The same code may have been sent at the same moment, and used up while this request waited.
        if first := first_answers.find_admission(session, services, visit, secret):
            guessing.forget_wrong(session, claimant, GuessedCode.AUTHENTICATOR_APP)
            return first
        method = Method.AUTHENTICATOR_APP
        door_notes.sign_in_failed(session, claimant.account_id, method, reason="wrong_code", at=now)
    raise CodeRejected(tries_left=0)


def _admit(
    session: Session, services: Services, visit: Visit, claimant: Claimant, matched: MatchedApp
) -> Admission:
    app, now = matched.app, services.clock()
    opening = Opening(
        account_id=app.account_id,
        method=Method.AUTHENTICATOR_APP,
        root=Root(app.root),
        rooted_at=app.rooted_at,
        app_id=app.app_id,
    )
    time_zone = accounts.get(session, app.account_id).time_zone
    authenticator_apps.note_use(session, app, time_zone=time_zone, at=now)
    is_strangers = guessing.is_strangers(session, visit, claimant, now=now)
    admission = admit(session, services, visit, opening)
    if is_strangers:
        guessing.forgive(session, visit, Throttle.TRIES_PER_ADDRESS)
    return admission
