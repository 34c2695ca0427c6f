"""Sets up an authenticator app, takes the codes that it shows, and removes it.

Its codes come from one secret, which lies sealed. `prove` is for other services that ask for a code as a proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.authenticator_apps import MOST_APPS, in_fours, steps_that_count
from domain.codes import plain_code
from domain.errors import CodeRejected, GuessedTooOften, Refused
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.safety.guessing import GuessedCode
from domain.trust import Assurance, Change, Root, Trust
from providers.authenticator_apps import link, matching_step, new_secret
from providers.qr import qr_svg
from services.container import Services
from services.people import bearers, claimants, guessing, standing, waiting_notices
from services.people.bearers import Door
from services.people.passkey_signals import hinted_label, label
from services.people.visits import Person
from services.throttling import require_attempts
from store import Session
from store.journeys import journeys
from store.messages import notices
from store.people import accounts, authenticator_apps, journal, trust, waiting_changes
from store.people.authenticator_apps import AuthenticatorApp
from store.safety import app_removal

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class ShownSecret:
    """What a person takes into their app: by the QR code of the link, by the link, or by typing the secret."""

    link: str
    in_fours: str

    @property
    def qr(self) -> str:
        """The link as a QR code (SVG)."""
        return qr_svg(self.link)


@dataclass(frozen=True, kw_only=True)
class AppProof:
    """A code was right, and counts no more: which app has shown it, and how far that app is trusted."""

    app_id: str
    trust: Trust


@dataclass(frozen=True, kw_only=True)
class MatchedApp:
    """The app that has shown a code, and the time step of the code."""

    app: AuthenticatorApp
    step: int


def begin(services: Services, person: Person) -> None:
    """Make a secret for this session to be shown. Nothing else changes yet. Raises NotTrusted, Refused, Throttled."""
    _require_try(services, person)
    sealed, now = services.seal.close(new_secret()), services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        door.require(Change.BIND_AUTHENTICATOR_APP)
        if len(authenticator_apps.working(session, person.account_id)) >= MOST_APPS:
            raise Refused("there are as many authenticator apps as an account may have; remove one first")
        new_trust, _ = bearers.bind(session, door)
        authenticator_apps.begin(session, person.account_id, sealed, new_trust, bound_in=person.session_id)


def shown(services: Services, person: Person) -> ShownSecret | None:
    """The secret that this session was shown lately and has not set up yet."""
    now = services.clock()
    with services.database.reading() as session:
        app = authenticator_apps.find_shown(session, person.account_id, person.session_id, now=now)
        if app is None or app.sealed is None:
            return None
        secret, name = (
            services.seal.open(app.sealed),
            _label(services, bearers.look(session, person, now=now)),
        )
    service = services.site.service_name
    return ShownSecret(link=link(secret, service=service, name=name), in_fours=in_fours(secret))


def set_up(services: Services, person: Person, typed: str) -> None:
    """Make the app a way in by the first code that it shows. Raises CodeRejected, NotTrusted, Throttled.

    A second press changes nothing. The app that was there works until this one is trusted as much.
    """
    _require_try(services, person)
    code, now = plain_code(typed), services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.BIND_AUTHENTICATOR_APP, now=now)
        app = authenticator_apps.find_shown(session, person.account_id, person.session_id, now=now)
        if app is None and authenticator_apps.bound_in(session, person.account_id, person.session_id):
            return
        matched = _match(services, [app] if app else [], code, now)
        if matched is None:
            raise CodeRejected(tries_left=0)
        _bind(session, door, matched)
        _succeed(session, door, person, matched.app)
    log.info("authenticator_app_bound", account_id=person.account_id, app_id=matched.app.app_id)


def check(services: Services, person: Person, typed: str) -> None:
    """Take a code of a working app, which counts as its use today. Raises CodeRejected, GuessedTooOften."""
    with services.database.transaction() as session:
        account = accounts.lock(session, person.account_id)
        proof = prove(session, services, person.account_id, typed)
        if isinstance(proof, AppProof) and (app := authenticator_apps.look_up(session, proof.app_id)):
            note_use(session, app, time_zone=account.time_zone, at=services.clock())
    if isinstance(proof, CodeRejected | GuessedTooOften):
        raise proof


def prove(
    session: Session, services: Services, account_id: str, typed: str
) -> AppProof | CodeRejected | GuessedTooOften:
    """Take a code as a proof, in the caller's transaction: a right one is used up, a wrong one is counted.

    A refusal is returned and not raised, so that what was counted is kept. The caller decides whether the app's trust
    is enough: an app that is not established proves nothing yet.
    """
    now, claimant = services.clock(), claimants.of_account(services, account_id)
    accounts.lock(session, account_id)
    if refusal := guessing.count_wrong(session, claimant, GuessedCode.AUTHENTICATOR_APP, at=now):
        return refusal
    matched = match(session, services, account_id, typed, at=now)
    if matched is None or not authenticator_apps.claim_step(session, matched.app, matched.step, at=now):
        return CodeRejected(tries_left=0)
    guessing.forget_wrong(session, claimant, GuessedCode.AUTHENTICATOR_APP)
    return AppProof(app_id=matched.app.app_id, trust=trust.of_row(matched.app))


def match(
    session: Session, services: Services, account_id: str, typed: str, *, at: datetime
) -> MatchedApp | None:
    """The working app of an account that shows this code, which was not used yet. It locks and changes nothing.

    It takes as long for an account without an app, and for an id of nobody.
    """
    return _match(services, authenticator_apps.working(session, account_id), plain_code(typed), at)


def note_use(session: Session, app: AuthenticatorApp, *, time_zone: str | None, at: datetime) -> None:
    """Count the day of a use. The journal tells of it while the policy asks for more days."""
    policy = journeys.policy_of(session, app.account_id) or STANDARD
    is_news = app.days_used < policy.proving_days
    if authenticator_apps.note_day(session, app, standing.today(time_zone, at)) and is_news:
        kind = EventKind.AUTHENTICATOR_APP_PROVEN
        journal.append(session, app.account_id, kind, at=at, actor=Actor.PERSON, app_id=app.app_id)


def remove(services: Services, person: Person, app_id: str) -> datetime | None:
    """Take an app out of use, and end the sessions that go back to it. Raises LastRoute, NotTrusted.

    What is trusted more than this session is removed later: the moment is returned. What is gone already stays gone.
    """
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        app = authenticator_apps.find(session, person.account_id, app_id)
        if app is None:
            return None
        waits = door.require(Change.REMOVE_AUTHENTICATOR_APP, trust.of_row(app))
        if not app.is_working:
            raise Refused("an authenticator app on hold is not removed before the dispute is settled")
        app_removal.require_another_way(session, app)
        bearers.note_change(session, person, now=now)
        if waits:
            _wait(session, door, Change.REMOVE_AUTHENTICATOR_APP, app_id, until=waits.until)
            waiting_notices.tell(session, door, Change.REMOVE_AUTHENTICATOR_APP, until=waits.until)
            return waits.until
        app_removal.carry_out(session, door.account, app, door.bearer, at=now, actor=Actor.PERSON)
    log.info("authenticator_app_removed", account_id=person.account_id, app_id=app_id)
    return None


def _require_try(services: Services, person: Person) -> None:
    # Whoever is signed in knows the secret, so this is for the machine's sake, and not against guessing.
    require_attempts(services, long_codes_per_address=f"session:{person.session_id}")


def _match(
    services: Services, apps: Sequence[AuthenticatorApp], code: str, at: datetime
) -> MatchedApp | None:
    decoy = services.seal.close(new_secret())
    for app in apps:
        step = matching_step(_secret(services, app, decoy), code, steps_that_count(at, after=app.last_step))
        if step is not None:
            return MatchedApp(app=app, step=step)
    if not apps:
        matching_step(services.seal.open(decoy), code, steps_that_count(at, after=0))
    return None


def _secret(services: Services, app: AuthenticatorApp, decoy: bytes) -> str:
    """The secret of an app; another one if its key is in the ring no longer, so that no code of it is right."""
    try:
        return services.seal.open(app.sealed or decoy)
    except ValueError:
        log.warning("authenticator_app_unopened", account_id=app.account_id, app_id=app.app_id)
        return services.seal.open(decoy)


def _label(services: Services, door: Door) -> str:
    """What the app shows beside the code. A stranger who came in by a text-message code learns no address."""
    is_stranger_perhaps = door.guarded and door.bearer.assurance is not Assurance.HIGH
    return (hinted_label if is_stranger_perhaps else label)(services, door.account)


def _bind(session: Session, door: Door, matched: MatchedApp) -> None:
    app, account, now = matched.app, door.account, door.now
    new_trust, waits = bearers.bind(session, door)
    day = standing.today(account.time_zone, now)
    authenticator_apps.prove(session, app, new_trust, step=matched.step, at=now, day=day)
    kind, app_id = EventKind.AUTHENTICATOR_APP_BOUND, app.app_id
    journal.append(session, account.account_id, kind, at=now, actor=Actor.PERSON, app_id=app_id)
    template, values = Template.AUTHENTICATOR_APP_BOUND, {"app_id": app_id} | waits
    notices.tell(session, account, template, event=app_id, at=now, values=values, by=door.bearer)


def _succeed(session: Session, door: Door, person: Person, app: AuthenticatorApp) -> None:
    """Remove the account's other apps, but not before this one is trusted as much as they are.

    Apps that are older than the root of the new one go only after a cooling-off, and only if it is established by then.
    """
    new_trust, now = trust.of_row(app), door.now
    for other in authenticator_apps.working(session, person.account_id):
        if other.app_id == app.app_id:
            continue
        is_younger = new_trust.root is Root.HOST or other.bound_at >= new_trust.rooted_at
        if is_younger and (new_trust.is_established(now) or not trust.of_row(other).is_established(now)):
            app_removal.carry_out(session, door.account, other, door.bearer, at=now, actor=Actor.PERSON)
        else:
            until = now + door.policy.cooling_off
            _wait(session, door, Change.BIND_AUTHENTICATOR_APP, other.app_id, until=until)


def _wait(session: Session, door: Door, change: Change, app_id: str, *, until: datetime) -> None:
    waiting_changes.ask(
        session,
        door.account.account_id,
        change,
        app_id,
        session_id=door.bearer.session_id,
        at=door.now,
        due_at=until,
    )
