"""Takes what the host says of text-message codes in its own system: `sms.suspended|restored|removed|refused`."""

from datetime import datetime, timedelta

from domain.asking import refusal_code
from domain.facts import HostChange, SmsState
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.host.host_answers import Telling, weigh
from domain.journal import Actor
from store import Session
from store.journeys import host_words
from store.journeys.host_words import HostWord
from store.people.accounts import Account

_SAYS = {
    HostEventKind.SMS_SUSPENDED: SmsState.SUSPENDED,
    HostEventKind.SMS_REMOVED: SmsState.REMOVED,
    HostEventKind.SMS_RESTORED: SmsState.ON,
}

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far a host's clock may be behind ours. A refusal without a request's id is older than our question by more."""


def take(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Take an answer, or the host's word without a question. What is newest by the host's own clock counts.

    The state of codes does not change here: the journey follows, on proof. The caller has locked the account.
    """
    word = host_words.find(session, account.account_id)
    at, request_id = min(event.at, now), event.data.get("request_id") or None
    if event.kind is HostEventKind.SMS_REFUSED:
        return _refuse(session, word, event, at=at, request_id=request_id, now=now)
    said = _SAYS[event.kind]
    if word and _is_overtaken(word, at=at, request_id=request_id):
        return EventOutcome.OVERTAKEN
    word = host_words.note_said(session, account.account_id, said, at=at)
    telling = weigh(
        said,
        open_change=HostChange(word.change) if word.change else None,
        ours=SmsState(account.sms),
        is_confirmed=word.confirmed_at is not None,
        cites_request=_finds(session, word, request_id),
    )
    _heed(session, account, word, telling, request_id=request_id, now=now)
    return EventOutcome.HEEDED


def _heed(
    session: Session,
    account: Account,
    word: HostWord,
    telling: Telling,
    *,
    request_id: str | None,
    now: datetime,
) -> None:
    match telling:
        case Telling.CONFIRMS:
            host_words.note_confirmed(session, word, at=now, request_id=request_id)
        case Telling.DIFFERS:
            host_words.note_differs(session, word, SmsState(account.sms), at=now)
        case Telling.OUTDATED:
            host_words.note_differs(session, word, SmsState(account.sms), at=now)
            host_words.ask_back(session, account.account_id, at=now, actor=Actor.HOST)


def _refuse(
    session: Session,
    word: HostWord | None,
    event: HostEvent,
    *,
    at: datetime,
    request_id: str | None,
    now: datetime,
) -> EventOutcome:
    if word is None or word.change is None or word.asked_since is None:
        return EventOutcome.OVERTAKEN
    if word.said_at and at < word.said_at:
        return EventOutcome.OVERTAKEN
    if not _is_about_open(session, word, at=at, request_id=request_id):
        return EventOutcome.OVERTAKEN
    reason = refusal_code(event.data.get("reason"))
    host_words.note_refused(session, word, reason, at=now, request_id=request_id)
    return EventOutcome.HEEDED


def _is_about_open(session: Session, word: HostWord, *, at: datetime, request_id: str | None) -> bool:
    """Whether a refusal is about what is asked now: about this request, or an earlier one for the same."""
    if word.asked_since is None:
        return False
    if request_id is None:
        return at >= word.asked_since - CLOCKS_DIFFER_BY
    request = host_words.find_request(session, word.account_id, request_id)
    return request is not None and request.change == word.change and request.asked_at >= word.asked_since


def _is_overtaken(word: HostWord, *, at: datetime, request_id: str | None) -> bool:
    """Whether the host has said something later; of two words of one moment, the one about the open request counts."""
    if word.said_at is None or at > word.said_at:
        return False
    return at < word.said_at or (request_id is not None and request_id != word.request_id)


def _finds(session: Session, word: HostWord, request_id: str | None) -> bool:
    return bool(request_id) and host_words.find_request(session, word.account_id, str(request_id)) is not None
