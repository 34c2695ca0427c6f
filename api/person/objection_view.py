"""Says what a notice told of, what an objection to it stops, what was stopped, and what comes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import ObjectionNotFromHere, TooLateToObject
from domain.messages.links import inside_objection_token, objection_token
from domain.messages.messages import Template
from domain.safety.disputes import DISPUTE_LIFETIME, DisputeSubject, Effect
from domain.safety.objections import Outcome, is_open
from domain.trust import Bearer
from domain.words import change_words
from services.container import Services
from services.safety import objections as objecting
from services.safety import shared_effects
from services.safety.disputes import Disputed
from store import Session
from store.messages import gathering, notices
from store.people import accounts, passkeys
from store.safety import objections
from store.safety.objections import Objection, ToldChange


@dataclass(frozen=True, kw_only=True)
class ObjectionView:
    """One change, as its page shows it; `stops` says what an objection does, or what it has done.

    `ends_at` is when the dispute ends by itself, and `ends_as` how.
    """

    change: str
    told_at: datetime
    time_zone: str | None
    stops: list[str]
    made_at: datetime | None
    outcome: Outcome | None
    ends_at: datetime | None = None
    ends_as: Outcome | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """One change in the list on the account page; without a token, one cannot object to it from there."""

    change: str
    told_at: datetime
    token: str | None
    is_objected_to: bool
    outcome: Outcome | None


def view(session: Session, message_key: str, *, bearer: Bearer | None, now: datetime) -> ObjectionView:
    """The page of a notice's link, or of a change on the account page (`bearer`); it changes nothing.

    Raises LinkRejected, TooLateToObject, ObjectionNotFromHere.
    """
    told_change = objections.look(session, message_key)
    notice, objection = told_change.notice, told_change.objection
    if objection is None and not is_open(notice.created_at, now):
        raise TooLateToObject("the notice is too old")
    if objection is None and not objecting.may_object(session, notice, bearer):
        raise ObjectionNotFromHere
    account = accounts.get(session, notice.account_id or "")
    return ObjectionView(
        change=_change(told_change),
        told_at=notice.created_at,
        time_zone=account.time_zone,
        stops=_stopped(session, objection) if objection else _would_stop(session, told_change),
        made_at=objection.made_at if objection else None,
        outcome=_outcome(told_change),
        ends_at=objection.due_at if objection else now + DISPUTE_LIFETIME,
        ends_as=objecting.announced_outcome(session, objection) if objection else None,
    )


def recent(
    session: Session, services: Services, account_id: str, *, bearer: Bearer, now: datetime
) -> list[ChangeView]:
    """The changes of the last 30 days that the account's owner was told of."""
    return [
        ChangeView(
            change=_change(told_change),
            told_at=told_change.notice.created_at,
            token=_token(session, services, told_change, bearer),
            is_objected_to=told_change.objection is not None,
            outcome=_outcome(told_change),
        )
        for told_change in objections.recent(session, account_id, now=now)
    ]


def parts(session: Session, services: Services, message_key: str, *, now: datetime) -> list[ChangeView]:
    """The changes that a gathered message told of, each with a button of its own; none for another notice."""
    by_event = {notices.same_event(part.key): part for part in gathering.parts(session, message_key)}
    told_changes = [objections.look(session, part.key) for part in by_event.values()]
    return [
        ChangeView(
            change=_change(told_change),
            told_at=told_change.notice.created_at,
            token=objection_token(services.seal, told_change.notice.key)
            if is_open(told_change.notice.created_at, now)
            else None,
            is_objected_to=told_change.objection is not None,
            outcome=_outcome(told_change),
        )
        for told_change in told_changes
    ]


def changed(session: Session, objection: Objection) -> str:
    """What an objection is about, as a sentence without its full stop."""
    return _change(objections.look(session, objection.message_key))


def named(session: Session, effects: Iterable[Effect]) -> list[tuple[Effect, str]]:
    """Effects, each with the name of its device, if it is about one."""
    return [(effect, _device(session, effect)) for effect in effects]


def _token(session: Session, services: Services, told_change: ToldChange, bearer: Bearer) -> str | None:
    if not objecting.may_object(session, told_change.notice, bearer):
        return None
    return inside_objection_token(services.seal, told_change.notice.key)


def _change(told_change: ToldChange) -> str:
    return change_words.change(Template(told_change.notice.template), told_change.notice.values)


def _outcome(told_change: ToldChange) -> Outcome | None:
    objection = told_change.objection
    return Outcome(objection.outcome) if objection and objection.outcome else None


def _would_stop(session: Session, told_change: ToldChange) -> list[str]:
    disputed = objecting.disputed_by(session, told_change.notice)
    return [
        *_lines_before(session, disputed),
        "Everybody who is signed in to your account is signed out, you too.",
        "Nothing more is switched off, and text-message codes that were about to go are on again.",
        "Our support looks into it.",
    ]


def _lines_before(session: Session, disputed: Disputed) -> list[str]:
    names = [
        passkey.name
        for passkey_id in sorted(disputed.tree.passkey_ids)
        if (passkey := passkeys.look_up(session, passkey_id)) and passkey.is_active
    ]
    lines = [
        f"{name} can no longer sign in, unless that would leave no way in that is known to work."
        for name in names
    ]
    if disputed.tree.set_ids or disputed.opener_set_id:
        lines.append(
            "The recovery codes that were made or used no longer work, unless they are the only way in."
        )
    if disputed.tree.app_ids or disputed.opener_app_id:
        lines.append(
            "The authenticator app that was added or used no longer works, unless it is the only way in."
        )
    if disputed.tree.contact_ids:
        lines.append("The address or number that was new is out of use, and the one before is back.")
    if disputed.tree.session_ids:
        lines.append("What was taken away in the same visit comes back.")
    return lines


def _stopped(session: Session, objection: Objection) -> list[str]:
    effects = shared_effects.read_effects(objection)
    return [
        *(change_words.done(effect, device) for effect, device in named(session, effects)),
        "Everybody who was signed in to your account has been signed out.",
        "Nothing more is switched off until it is settled.",
    ]


def _device(session: Session, effect: Effect) -> str:
    if effect.subject is not DisputeSubject.PASSKEY:
        return ""
    passkey = passkeys.look_up(session, effect.subject_id)
    return passkey.name if passkey else "A device"
