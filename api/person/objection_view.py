"""Says what a notice told of, what an objection to it stops, and what was stopped."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import TooLateToObject
from domain.messages.links import objection_token, read_objection_token
from domain.messages.messages import Template
from domain.objections import Outcome, is_open
from services.container import Services
from store import Session
from store.people import accounts, passkeys, recovery_codes
from store.safety import objections
from store.safety.objections import ToldChange

_CHANGES = {
    Template.PASSKEY_BOUND: "{device} was added as a way to sign in",
    Template.PASSKEY_REMOVED: "{device} was removed from the ways to sign in",
    Template.RECOVERY_CODES_MADE: "Recovery codes were made",
    Template.RECOVERY_CODE_USED: "A recovery code was used to sign in",
    Template.EMAIL_CHANGED: "Another e-mail address was confirmed",
    Template.SEVERAL_CHANGES: "Several things were changed",
    Template.SMS_NOTICE: "The end of text-message codes was announced",
    Template.SMS_SUSPENDED: "Text-message codes were switched off",
    Template.SMS_RESTORED: "Text-message codes were switched on again",
    Template.SMS_REMOVED: "Text-message codes were switched off for good",
}


@dataclass(frozen=True, kw_only=True)
class ObjectionView:
    """One change, as its page shows it; `stops` says what an objection does, or what it has done."""

    change: str
    told_at: datetime
    time_zone: str | None
    stops: list[str]
    made_at: datetime | None
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """One change in the list on the account page."""

    change: str
    told_at: datetime
    token: str
    is_objected_to: bool
    outcome: Outcome | None


def view(services: Services, token: str) -> ObjectionView:
    """The page of a link, which changes nothing. Raises LinkRejected, TooLateToObject."""
    key = read_objection_token(services.seal, token)
    with services.database.reading() as session:
        told_change = objections.look(session, key)
        if told_change.objection is None and not is_open(told_change.notice.created_at, services.clock()):
            raise TooLateToObject("the notice is too old")
        account = accounts.get(session, told_change.notice.account_id or "")
        return ObjectionView(
            change=_change(told_change),
            told_at=told_change.notice.created_at,
            time_zone=account.time_zone,
            stops=_stopped(session, told_change) if told_change.objection else _would_stop(told_change),
            made_at=told_change.objection.made_at if told_change.objection else None,
            outcome=_outcome(told_change),
        )


def recent(session: Session, services: Services, account_id: str) -> list[ChangeView]:
    """The changes of the last 30 days that the account's owner was told of."""
    return [
        ChangeView(
            change=_change(told_change),
            told_at=told_change.notice.created_at,
            token=objection_token(services.seal, told_change.notice.key),
            is_objected_to=told_change.objection is not None,
            outcome=_outcome(told_change),
        )
        for told_change in objections.recent(session, account_id, now=services.clock())
    ]


def _change(told_change: ToldChange) -> str:
    return _CHANGES[Template(told_change.notice.template)].format(device=_device(told_change))


def _device(told_change: ToldChange) -> str:
    return told_change.notice.values.get("device", "A device")


def _outcome(told_change: ToldChange) -> Outcome | None:
    return (
        Outcome(told_change.objection.outcome)
        if told_change.objection and told_change.objection.outcome
        else None
    )


def _would_stop(told_change: ToldChange) -> list[str]:
    only_way = "unless that would leave no way in that is known to work"
    own = {
        Template.PASSKEY_BOUND: f"{_device(told_change)} can no longer sign in, {only_way}.",
        Template.RECOVERY_CODES_MADE: f"Those recovery codes no longer work, {only_way}.",
        Template.RECOVERY_CODE_USED: f"The other recovery codes of that list no longer work, {only_way}.",
    }
    return [
        *(stop for template, stop in own.items() if template == told_change.notice.template),
        "Everybody who is signed in to your account is signed out, you too.",
        "Nothing more is switched off, and text-message codes that were about to go are on again.",
        "Our support looks into it.",
    ]


def _stopped(session: Session, told_change: ToldChange) -> list[str]:
    return [
        *_what_became_of_passkey(session, told_change),
        *_what_became_of_codes(session, told_change),
        "Everybody who was signed in to your account has been signed out.",
        "Nothing more is switched off until our support has looked into it.",
    ]


def _what_became_of_passkey(session: Session, told_change: ToldChange) -> list[str]:
    if told_change.objection is None or told_change.objection.passkey_id is None:
        return []
    name = _device(told_change)
    if passkeys.is_usable(session, told_change.objection.passkey_id):
        return [
            f"{name} can still sign in, for it is the only way in that works. Our support will help you first."
        ]
    return [f"{name} can no longer sign in."]


def _what_became_of_codes(session: Session, told_change: ToldChange) -> list[str]:
    set_id, account_id = told_change.notice.values.get("set_id"), told_change.notice.account_id or ""
    if set_id is None:
        return []
    if recovery_codes.works(session, account_id, set_id):
        return [
            "The recovery codes still work, for they are the only way in. Our support will help you first."
        ]
    return ["The recovery codes of that list no longer work."]
