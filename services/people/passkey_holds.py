"""What follows when a passkey behaves as only a copy would: it goes on hold, its owner is told, and support looks."""

from datetime import datetime

import structlog

from domain.journal import Actor, EventKind
from domain.journal_details import CaseDetail
from domain.messages.messages import Template
from domain.passkeys import Suspicion
from domain.safety.objections import may_hold
from store import Session
from store.journeys import facts
from store.messages import notices
from store.people import held_passkeys, journal, sessions
from store.people.accounts import Account
from store.people.passkeys import Passkey

log = structlog.get_logger()


def suspect(
    session: Session, account: Account, passkey: Passkey, suspicion: Suspicion, *, at: datetime
) -> bool:
    """Put a passkey on hold, with the account locked; returns whether it is on hold.

    The last proven way in is never held: then support alone is asked to look, once for each kind of suspicion. A lost
    passkey is on hold already; from now on it is for this reason.
    """
    is_held = not passkey.is_active or may_hold(
        facts.read(session, account.account_id), proven=passkey.last_used_at is not None
    )
    is_news = passkey.suspicion != suspicion
    held_passkeys.suspect(session, passkey, suspicion)
    if is_held:
        _hold(session, account, passkey, suspicion, at=at)
    elif is_news:
        _append(session, EventKind.PASSKEY_WATCHED, passkey, suspicion, at=at)
        log.warning(
            "passkey_watched",
            account_id=account.account_id,
            passkey_id=passkey.passkey_id,
            reason=suspicion,
        )
    if is_held or is_news:
        case = CaseDetail(reason="passkey_held" if is_held else "passkey_suspicious")
        kind, passkey_id = EventKind.SUPPORT_CASE, passkey.passkey_id
        journal.append(
            session, account.account_id, kind, case, at=at, actor=Actor.SYSTEM, passkey_id=passkey_id
        )
    return is_held


def _hold(
    session: Session, account: Account, passkey: Passkey, suspicion: Suspicion, *, at: datetime
) -> None:
    passkey_id, name = passkey.passkey_id, passkey.name
    held_passkeys.freeze(session, passkey, at=at)
    sessions.end_of_passkey(session, passkey_id, at=at)
    _append(session, EventKind.PASSKEY_HELD, passkey, suspicion, at=at)
    event, values = f"{passkey_id}:{at.timestamp():.0f}", {"device": name}
    notices.tell(session, account, Template.PASSKEY_HELD, event=event, at=at, values=values)
    log.warning("passkey_held", account_id=account.account_id, passkey_id=passkey_id, reason=suspicion)


def _append(
    session: Session, kind: EventKind, passkey: Passkey, suspicion: Suspicion, *, at: datetime
) -> None:
    detail = {"passkey_id": passkey.passkey_id, "reason": str(suspicion)}
    journal.append(session, passkey.account_id, kind, at=at, actor=Actor.SYSTEM, **detail)
