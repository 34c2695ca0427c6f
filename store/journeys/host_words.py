"""What hosts were asked about text-message codes in their own systems, and what they have said of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.asking import wait_for_answer
from domain.errors import NotSafeYet
from domain.facts import HostChange, SmsState
from domain.journal import Actor, EventKind
from domain.journey import StuckReason
from domain.policy import Policy
from store.engine.types import Instant
from store.journeys import journeys
from store.people import accounts, journal

_ABOUT_HOST = (StuckReason.HOST_SILENT, StuckReason.HOST_REFUSED)


class HostWord(SQLModel, table=True):
    """Where an account stands with its host.

    `change` and `request_id` are the open request, `asked_since` when it was asked first, `asked_at` when last, and
    `asked_times` how often; `confirmed_at` is when its confirmation came. `said` is the state that the host told last,
    `said_at` when that was so, by the host's clock. `refused_at` is when a refusal came, or what followed from it.
    """

    __tablename__ = "host_word"

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    change: str | None = None
    request_id: str | None = None
    asked_since: datetime | None = Field(default=None, sa_type=Instant)
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_times: int = 0
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    said: str | None = None
    said_at: datetime | None = Field(default=None, sa_type=Instant)
    refused: str | None = None
    refused_at: datetime | None = Field(default=None, sa_type=Instant)
    refused_reason: str | None = None


class SmsRequest(SQLModel, table=True):
    """One request to the host. Its deadline says when the next one follows, if there is no answer."""

    __tablename__ = "sms_request"

    request_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id", index=True)
    change: str
    asked_at: datetime = Field(sa_type=Instant)
    deadline: datetime = Field(sa_type=Instant)


def find(session: Session, account_id: str) -> HostWord | None:
    """What was asked and said about an account; None if nothing was."""
    return session.get(HostWord, account_id)


def of_accounts(session: Session, account_ids: Sequence[str]) -> dict[str, HostWord]:
    """What was asked and said about several accounts, by account id; accounts without anything are missing."""
    query = select(HostWord).where(col(HostWord.account_id).in_(account_ids))
    return {word.account_id: word for word in session.exec(query)}


def find_request(session: Session, account_id: str, request_id: str) -> SmsRequest | None:
    """The request of an id, if it was about this account."""
    request = session.get(SmsRequest, request_id)
    return request if request and request.account_id == account_id else None


def ask(session: Session, account_id: str, change: HostChange, *, at: datetime, actor: Actor) -> None:
    """Ask the host for a change, in this transaction's journal. To ask for the same change again goes on counting.

    The caller has locked the account.
    """
    word = _word(session, account_id)
    is_again = word.change == change and word.asked_since is not None
    word.asked_times = word.asked_times + 1 if is_again else 1
    word.asked_since = word.asked_since if is_again else at
    if word.refused and not (is_again and change is HostChange.RESTORE):
        word.refused = word.refused_at = word.refused_reason = None
    policy = journeys.policy_of(session, account_id)
    request = SmsRequest(
        account_id=account_id,
        change=change,
        asked_at=at,
        deadline=at + wait_for_answer(change, times=word.asked_times, policy=policy),
    )
    word.change, word.request_id, word.asked_at, word.confirmed_at = change, request.request_id, at, None
    session.add(request)
    session.add(word)
    deadline, kind = request.deadline.isoformat(), EventKind.HOST_ASKED
    journal.append(
        session,
        account_id,
        kind,
        at=at,
        actor=actor,
        change=change,
        request_id=request.request_id,
        deadline=deadline,
    )


def ask_back(session: Session, account_id: str, *, at: datetime, actor: Actor) -> None:
    """Close what was asked about the end of codes; a host that may have done it is asked to restore them."""
    word = find(session, account_id)
    if word is None or word.change == HostChange.RESTORE:
        return
    may_be_off = word.change is not None or word.said in (SmsState.SUSPENDED, SmsState.REMOVED)
    close(session, account_id)
    if may_be_off:
        ask(session, account_id, HostChange.RESTORE, at=at, actor=actor)


def ask_anew(session: Session, account_id: str) -> None:
    """Let the journey ask again what the host has not answered, or has refused: at once, and as often as before."""
    word, account = find(session, account_id), accounts.get(session, account_id)
    if word is None:
        return
    word.asked_times = 0
    word.refused = word.refused_at = word.refused_reason = None
    if account.stuck_reason in _ABOUT_HOST:
        account.stuck_since = account.stuck_reason = None
    session.add(account)
    session.add(word)
    session.flush()


def note_done(session: Session, account_id: str) -> None:
    """Codes have been ended here. If that was without the host's word, what it said before no longer counts."""
    word = find(session, account_id)
    if word and word.confirmed_at is None and word.said == SmsState.ON:
        word.said = None
    close(session, account_id)


def close(session: Session, account_id: str) -> None:
    """Nothing is asked any more: it is done, or no longer wanted."""
    word = find(session, account_id)
    if word is None:
        return
    word.change = word.request_id = word.asked_since = word.asked_at = word.confirmed_at = None
    word.asked_times = 0
    session.add(word)
    session.flush()


def require_confirmed(session: Session, account_id: str, change: HostChange, policy: Policy) -> None:
    """Raise NotSafeYet where the policy wants the host's word for a change, and the host has not given it."""
    word = find(session, account_id)
    is_confirmed = word is not None and word.change == change and word.confirmed_at is not None
    if policy.host_confirms and not is_confirmed:
        raise NotSafeYet(("host",))


def note_said(session: Session, account_id: str, said: SmsState, *, at: datetime) -> HostWord:
    """Note the state that the host has told; `at` is by the host's clock."""
    word = _word(session, account_id)
    word.said, word.said_at = said, at
    session.add(word)
    session.flush()
    return word


def note_confirmed(session: Session, word: HostWord, *, at: datetime, request_id: str | None) -> None:
    """Note that the host has done what it was asked. What was to end is ended by the journey; a restore is done."""
    if word.confirmed_at:
        return
    change = HostChange(word.change or "")
    word.confirmed_at = at
    session.add(word)
    _unstick(session, word.account_id)
    if change is HostChange.RESTORE:
        close(session, word.account_id)
    if word.refused == change:
        word.refused = word.refused_at = word.refused_reason = None
    kind, detail = EventKind.HOST_CONFIRMED, _named(request_id)
    journal.append(session, word.account_id, kind, at=at, actor=Actor.HOST, change=change, **detail)


def note_refused(
    session: Session, word: HostWord, reason: str, *, at: datetime, request_id: str | None
) -> None:
    """Note that the host will not do what it was asked. A restore stays open: it goes on being asked for."""
    change = HostChange(word.change or "")
    if change is not HostChange.RESTORE:
        close(session, word.account_id)
    word.refused, word.refused_at, word.refused_reason = change, at, reason
    session.add(word)
    kind, detail = EventKind.HOST_REFUSED, _named(request_id)
    journal.append(
        session, word.account_id, kind, at=at, actor=Actor.HOST, change=change, reason=reason, **detail
    )


def note_differs(session: Session, word: HostWord, ours: SmsState, *, at: datetime) -> None:
    """Note that the host says something else of the account's codes than Offramp believes. It proves nothing."""
    word.confirmed_at = None
    session.add(word)
    kind = EventKind.HOST_DIFFERS
    journal.append(
        session, word.account_id, kind, at=at, actor=Actor.HOST, host=word.said or "", offramp=ours
    )


def keep_refusal(session: Session, account_id: str, *, at: datetime) -> None:
    """A refusal has been followed, at this moment; what followed from it is no reason to ask again."""
    word = find(session, account_id)
    if word and word.refused:
        word.refused_at = at
        session.add(word)
        session.flush()


def _word(session: Session, account_id: str) -> HostWord:
    return find(session, account_id) or HostWord(account_id=account_id)


def _unstick(session: Session, account_id: str) -> None:
    account = accounts.get(session, account_id)
    if account.stuck_reason in _ABOUT_HOST:
        account.stuck_since = account.stuck_reason = None
        session.add(account)


def _named(request_id: str | None) -> dict[str, str]:
    return {"request_id": request_id} if request_id else {}
