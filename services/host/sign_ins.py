"""Heeds sign-ins at the host: when, how, how risky, and whether the person has a device that can make passkeys.

They leave no entry in the journal: a host tells every one, no journey decides by it, and the journal is for ever.
"""

from datetime import datetime

from domain.attempts import AttemptEnd, AttemptKind, Occasion, Scene
from domain.facts import Method
from domain.host.events import EventOutcome, HostEvent
from domain.host.words import Word
from providers.platforms import software_of
from services.host.event_bodies import HostMethod
from services.people.attempts import provider_of
from store import Session
from store.journeys import heard_accounts
from store.people import attempts, passkeys
from store.people.accounts import Account

_RISK = "risk"
_METHODS = {HostMethod.SMS: Method.SMS, HostMethod.PASSKEY: Method.PASSKEY}


def take(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Count a sign-in, and keep what is newer in it than what is known."""
    at, account_id = event.at, account.account_id
    by_sms = event.data["method"] == HostMethod.SMS
    heard_accounts.note_sign_in(session, account, by_sms=by_sms, at=at)
    _keep(session, account_id, event)
    if event.data.get("device", {}).get("can_passkey"):
        heard_accounts.note_passkey_device(session, account_id, at=at)
    risk, word = event.data.get("risk"), Word(at=at, event_id=event.event_id)
    if risk and heard_accounts.is_news(session, account_id, _RISK, word):
        heard_accounts.note_risk(session, account_id, risk, at=at)
        heard_accounts.heed(session, account_id, [_RISK], word, now=now)
    return EventOutcome.HEEDED


def _keep(session: Session, account_id: str, event: HostEvent) -> None:
    """Keep it among the sign-ins, so that codes are counted of those who hold a passkey at the host, too."""
    passkey = passkeys.newest(session, account_id)
    software = software_of(event.data.get("device", {}).get("user_agent", ""))
    attempts.add(
        session,
        Scene(occasion=Occasion.HOST, software=software),
        AttemptKind.SIGN_IN,
        AttemptEnd.SUCCEEDED,
        at=event.at,
        account_id=account_id,
        method=_METHODS.get(HostMethod(event.data["method"]), Method.HOST),
        holds_passkey=passkey is not None,
        provider=provider_of(passkey),
        milliseconds=event.data.get("duration_ms"),
    )
