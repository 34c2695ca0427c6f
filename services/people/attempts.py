"""Keeps how prompts, ceremonies and sign-ins end, for the figures of what fails where."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from domain.attempts import AttemptEnd, AttemptKind, Occasion, end_of
from domain.counting import Refusal
from domain.errors import CeremonyRejected
from domain.facts import Method
from domain.passkeys import CeremonyFailure
from providers.authenticators import provider_name
from services.container import Services
from services.people.visits import Visit
from store import Session
from store.people import attempts, passkeys
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey

LONGEST = timedelta(hours=1)
"""The longest time that a page can say a ceremony took; a challenge lives for minutes."""

_REASONS = frozenset(Refusal)


@contextmanager
def refusals_kept(services: Services, visit: Visit, kind: AttemptKind) -> Iterator[None]:
    """Keep why a browser's answer was refused, in a transaction of its own: what was refused has left none."""
    try:
        yield
    except CeremonyRejected as rejected:
        reason = rejected.reason if rejected.reason in _REASONS else Refusal.OTHER
        account_id = visit.person.account_id if visit.person else None
        with services.database.transaction() as session:
            at = services.clock()
            attempts.add(
                session,
                visit.scene,
                kind,
                AttemptEnd.REFUSED,
                at=at,
                account_id=account_id,
                reason=reason,
            )
        raise


def keep_ceremony(
    session: Session,
    visit: Visit,
    kind: AttemptKind,
    account_id: str,
    *,
    aaguid: str,
    milliseconds: int | None,
    at: datetime,
) -> None:
    """Keep a ceremony that has succeeded. At the door it is a sign-in."""
    is_sign_in = kind is AttemptKind.AUTHENTICATION and visit.scene.occasion is Occasion.DOOR
    attempts.add(
        session,
        visit.scene,
        kind,
        AttemptEnd.SUCCEEDED,
        at=at,
        account_id=account_id,
        method=Method.PASSKEY if is_sign_in else None,
        holds_passkey=True,
        provider=provider_name(aaguid) or "",
        milliseconds=milliseconds,
    )


def keep_sign_in(
    session: Session, visit: Visit, account_id: str, method: Method, *, milliseconds: int | None, at: datetime
) -> None:
    """Keep a sign-in without a passkey, and whether the account has one that could have been used."""
    passkey = passkeys.newest(session, account_id)
    attempts.add(
        session,
        visit.scene,
        AttemptKind.SIGN_IN,
        AttemptEnd.SUCCEEDED,
        at=at,
        account_id=account_id,
        method=method,
        holds_passkey=passkey is not None,
        provider=provider_of(passkey),
        milliseconds=milliseconds,
    )


def keep_failure(
    session: Session,
    visit: Visit,
    ceremony: Ceremony,
    failure: CeremonyFailure,
    *,
    milliseconds: int | None,
    at: datetime,
) -> None:
    """Keep a ceremony that the browser has not finished."""
    account_id = visit.person.account_id if visit.person else None
    is_use = ceremony is Ceremony.AUTHENTICATION
    attempts.add(
        session,
        visit.scene,
        AttemptKind(ceremony.value),
        end_of(failure),
        at=at,
        account_id=account_id,
        reason=failure,
        provider=provider_of(passkeys.newest(session, account_id)) if account_id and is_use else "",
        milliseconds=milliseconds,
    )


def provider_of(passkey: Passkey | None) -> str:
    """The name of who keeps a passkey; empty if there is none, or if nobody knows."""
    return (provider_name(passkey.aaguid) or "") if passkey else ""
