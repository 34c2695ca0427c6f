"""A person's way from the host's page to the set-up or a sign-in, and back: begun by a request, kept in the session."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from domain.codes import digest
from domain.errors import AccountDeactivated
from domain.facts import Method
from domain.host.sign_on import (
    SIGN_ON_LIFETIME,
    NoWayBack,
    SignOnAnswer,
    SignOnRefused,
    SignOnRequest,
    Turn,
    Wish,
    read_request,
    single_values,
    turn,
)
from domain.trust import Root
from services.container import Services
from services.openid import login_hints, ways_back
from services.people import sign_in_codes, visits
from services.people.admission import Admission, Destination, admit
from services.people.visits import Opening, Person, Visit, person_of
from services.throttling import require_attempts
from store import Session
from store.host import clients, sign_ons
from store.host.clients import HostClient
from store.host.sign_ons import SignOn
from store.people import passkeys
from store.people.sessions import WebSession

log = structlog.get_logger()

_SWITCHED_OFF = SignOnRefused("access_denied", "the account is switched off")


@dataclass(frozen=True, kw_only=True)
class OnwardStep:
    """Where a browser goes that a host has sent: `away`, back to the host, or on to a page of ours by `turn`.

    `admission` is what the browser is given to keep, if that is anything new.
    """

    turn: Turn
    away: str = ""
    admission: Admission | None = None


def begin(services: Services, visit: Visit, pairs: Sequence[tuple[str, str]]) -> OnwardStep:
    """Take a host's request, as its query's pairs. Raises NoWayBack, Throttled; other mistakes go back to the host."""
    now = services.clock()
    client, redirect_uri = _registered(services, pairs)
    try:
        asked_for = read_request(single_values(pairs), now=now)
    except SignOnRefused as refused:
        log.info("sign_on_refused", client_id=client.client_id, error=refused.error)
        return OnwardStep(
            turn=Turn.BACK, away=ways_back.error_address(services, redirect_uri, _state(pairs), refused)
        )
    require_attempts(services, ceremonies_per_address=visit.place)
    try:
        with services.database.transaction() as session:
            return _onward(session, services, visit, client, asked_for, now=now)
    except AccountDeactivated:
        log.info("sign_on_refused", client_id=client.client_id, error=_SWITCHED_OFF.error)
        away = ways_back.error_address(services, redirect_uri, asked_for.state, _SWITCHED_OFF)
        return OnwardStep(turn=Turn.BACK, away=away)


def go_on(services: Services, visit: Visit) -> Turn | None:
    """Where the person of an open sign-on goes next; None without one."""
    now = services.clock()
    with services.database.reading() as session:
        sign_on = sign_ons.find(session, visit.sign_on_id)
        if sign_on is None or not sign_on.is_open(now):
            return None
        return _turn(session, sign_on, ways_back.session_of(session, visit.token), now=now)


def login_hint(services: Services, visit: Visit) -> str:
    """The contact that the host has suggested for the sign-in; empty without one."""
    with services.database.reading() as session:
        sign_on = sign_ons.find(session, visit.sign_on_id if visit.way_back else None)
        return services.seal.open(sign_on.sealed_hint) if sign_on and sign_on.sealed_hint else ""


def note_answer(services: Services, visit: Visit, answer: SignOnAnswer) -> None:
    """Keep what a person has said to the set-up, for the host."""
    with services.database.transaction() as session:
        sign_on = sign_ons.find(session, visit.sign_on_id)
        if sign_on and sign_on.is_open(services.clock()):
            sign_ons.note_answer(session, sign_on, answer)


def _onward(
    session: Session,
    services: Services,
    visit: Visit,
    client: HostClient,
    asked_for: SignOnRequest,
    *,
    now: datetime,
) -> OnwardStep:
    """Begin the sign-on. Raises AccountDeactivated for a person whom the host has announced and switched off."""
    sign_on = _new(services, client, asked_for, now=now)
    sign_ons.begin(session, sign_on)
    coming = replace(visit, sign_on_id=sign_on.sign_on_id, way_back=client.name)
    admission = _by_hint(session, services, coming, client, sign_on, asked_for.login_hint_token)
    web_session = ways_back.session_of(session, admission.token if admission else visit.token)
    next_turn = _turn(session, sign_on, web_session, now=now)
    if asked_for.is_silent and next_turn is not Turn.BACK:
        sign_ons.leave(session, sign_on, at=now)
        away = ways_back.error_address(services, sign_on.redirect_uri, asked_for.state, _needs(next_turn))
        return OnwardStep(turn=Turn.BACK, away=away, admission=admission)
    if next_turn is Turn.BACK:
        away = ways_back.leave_now(session, services, sign_on, web_session, now=now)
        return OnwardStep(turn=Turn.BACK, away=away, admission=admission)
    return OnwardStep(turn=next_turn, admission=admission or _carry(session, services, visit, sign_on))


def _registered(services: Services, pairs: Sequence[tuple[str, str]]) -> tuple[HostClient, str]:
    """The client and the redirect URI, compared letter by letter."""
    client_ids = [value for name, value in pairs if name == "client_id"]
    redirect_uris = [value for name, value in pairs if name == "redirect_uri"]
    if len(client_ids) != 1 or len(redirect_uris) != 1:
        raise NoWayBack("a request names one client and one redirect URI")
    with services.database.reading() as session:
        client = clients.find(session, client_ids[0])
    if client is None or redirect_uris[0] not in client.redirect_uris:
        raise NoWayBack("the client or its redirect URI is not registered")
    return client, redirect_uris[0]


def _state(pairs: Sequence[tuple[str, str]]) -> str:
    states = [value for name, value in pairs if name == "state"]
    return states[0] if len(states) == 1 else ""


def _new(services: Services, client: HostClient, asked_for: SignOnRequest, *, now: datetime) -> SignOn:
    hint = asked_for.login_hint
    return SignOn(
        client_id=client.client_id,
        redirect_uri=asked_for.redirect_uri,
        state=asked_for.state,
        nonce=asked_for.nonce,
        code_challenge=asked_for.code_challenge,
        wish=asked_for.wish,
        not_before=asked_for.not_before,
        sealed_hint=services.seal.close(hint) if hint else None,
        began_at=now,
        expires_at=now + SIGN_ON_LIFETIME,
    )


def _by_hint(
    session: Session, services: Services, visit: Visit, client: HostClient, sign_on: SignOn, token: str
) -> Admission | None:
    """Let somebody in by the host's word. A browser in which anybody is signed in by themselves keeps its session."""
    if not token:
        return None
    hint = login_hints.take(session, services, client, token)
    if hint is None:  # nobody knows who was meant, so nobody's earlier session stands in
        sign_ons.ask_anew(session, sign_on)
        return None
    account, word = hint
    sign_ons.expect(session, sign_on, account.account_id)
    if _is_in_by_themselves(visit.person):
        return None
    opening = Opening(
        account_id=account.account_id,
        method=Method.HOST,
        root=word.root,
        rooted_at=services.clock(),
        carries=word.assurance,
        vouched_at=word.at,
        vouched_amr=" ".join(word.amr),
    )
    admission = admit(session, services, visit, opening)
    if word.root is Root.SMS and passkeys.guards(session, account.account_id, now=services.clock()):
        sign_in_codes.tell_owner(session, opening, admission)
    return admission


def _is_in_by_themselves(person: Person | None) -> bool:
    return person is not None and not person.method.only_enrols and person.method is not Method.HOST


def _carry(session: Session, services: Services, visit: Visit, sign_on: SignOn) -> Admission:
    token = visits.anchor(session, services, visit)
    sign_ons.carry(session, digest(token), sign_on)
    return Admission(token=token, destination=Destination.BY_SIGN_ON)


def _turn(session: Session, sign_on: SignOn, web_session: WebSession | None, *, now: datetime) -> Turn:
    person = person_of(web_session) if web_session else None
    if web_session is None or person is None or person.method.only_enrols:
        return Turn.SIGN_IN
    shown = ways_back.shown_by(session, sign_on, web_session, person)
    if not shown.is_expected and shown.at > sign_on.began_at:
        return Turn.BACK  # to sign in once more would not make somebody else of them
    return turn(
        Wish(sign_on.wish),
        is_enough=ways_back.is_met(sign_on, shown),
        has_next_step=ways_back.has_next_step(session, person, now=now),
    )


def _needs(next_turn: Turn) -> SignOnRefused:
    if next_turn is Turn.SIGN_IN:
        return SignOnRefused("login_required", "nobody is signed in as this needs it")
    return SignOnRefused("interaction_required", "there are steps of the set-up to do")
