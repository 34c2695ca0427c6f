"""What support may do about an account, and when: the one rule that pages grey out by, and that acts are checked by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import LastRoute, Refused
from domain.facts import Channel, Facts, SmsState
from domain.journey import deadline
from domain.milestones import next_milestone
from domain.policy import Policy
from domain.routes import require_route_without_passkey
from domain.staff import Right, Role, rights_of


class Act(StrEnum):
    """Everything that support may do about one account. Each needs a reason."""

    SEND_AGAIN = "send_again"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    END_EXTENSION = "end_extension"
    EXEMPT = "exempt"
    END_EXEMPTION = "end_exemption"
    MARK_CONTACT_WRONG = "mark_contact_wrong"
    UNMARK_CONTACT = "unmark_contact"
    RESTORE_SMS = "restore_sms"
    REMOVE_DEVICE = "remove_device"
    NOTE = "note"
    ASK_FOR_RESCUE = "ask_for_rescue"


UNDONE_BY = {
    Act.PAUSE: Act.RESUME,
    Act.EXTEND: Act.END_EXTENSION,
    Act.EXEMPT: Act.END_EXEMPTION,
    Act.MARK_CONTACT_WRONG: Act.UNMARK_CONTACT,
}
"""The acts that can be undone, and by which."""

STEPPED_UP = frozenset({Act.REMOVE_DEVICE})
"""What cannot be undone, and so needs a fresh ceremony."""

AT_CONSOLE_ONLY = STEPPED_UP | {Act.ASK_FOR_RESCUE}
"""What no key of another desk can do: it takes a ceremony, or two people."""


class Rest(StrEnum):
    """Why an account is left alone for a time. All but a pause are exemptions."""

    PAUSED = "paused"
    MACHINE_ACCOUNT = "machine_account"
    NO_CAPABLE_DEVICE = "no_capable_device"
    OTHER = "other"

    @property
    def is_exemption(self) -> bool:
        """Whether text-message codes stay on for its time, whatever was reached."""
        return self is not Rest.PAUSED


SENT_AGAIN_AFTER = timedelta(hours=4)
"""How long after the last reminder or notice support may send one more: a desk must not become a way to nag."""

LONGEST_PAUSE = timedelta(days=30)
LONGEST_EXEMPTION = timedelta(days=365)
LONGEST_EXTENSION = {Role.SUPPORT: timedelta(days=14), Role.ADMIN: timedelta(days=90)}
"""By how much a member may extend alone; what is longer, a second member approves."""

LONGEST_APPROVED_EXTENSION = timedelta(days=365)


class ActRefused(Refused):
    """An act that is not allowed now; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the rules ask of an account. `devices`: its passkeys by id, and whether each has signed in.

    `marked_wrong`: contacts that support has marked; `unused`: those that reminders do not go to, for whatever reason;
    `capped`: those that have had as many as the policy allows.
    """

    facts: Facts
    policy: Policy
    is_under_way: bool
    rest: Rest | None = None
    contacts: frozenset[Channel] = frozenset()
    marked_wrong: frozenset[Channel] = frozenset()
    unused: frozenset[Channel] = frozenset()
    capped: frozenset[Channel] = frozenset()
    devices: Mapping[str, bool] = field(default_factory=dict)
    last_message_at: datetime | None = None
    is_rescue_open: bool = False

    def rests(self, now: datetime) -> bool:
        """Whether the account is left alone now."""
        return self.facts.rests_until is not None and self.facts.rests_until > now

    def is_extended(self, now: datetime) -> bool:
        """Whether support has moved what the journey waits for."""
        return self.facts.extended_until is not None and self.facts.extended_until > now


@dataclass(frozen=True, kw_only=True)
class Doer:
    """Who wants to act; `is_by_key`: through another desk, by a key."""

    role: Role
    is_by_key: bool = False


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """The act may be done; `needs_step_up`, after a fresh ceremony."""

    needs_step_up: bool = False
    undone_by: Act | None = None

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class NotAllowed:
    """The act may not be done; `reason` says why in plain words."""

    reason: str

    def __bool__(self) -> bool:
        return False


def allowed(
    act: Act, subject: Subject, doer: Doer, now: datetime, *, target: str = ""
) -> Allowed | NotAllowed:
    """Whether somebody may do an act now. `target`: the channel or the passkey that it is about, if it is."""
    if Right.ACT_ON_CASES not in rights_of(doer.role):
        return NotAllowed(reason=f"With the role {doer.role} you may look, but not act.")
    if doer.is_by_key and act in AT_CONSOLE_ONLY:
        return NotAllowed(reason="This needs a person at the console, who shows who they are.")
    if problem := _PROBLEMS[act](subject, now, target):
        return NotAllowed(reason=problem)
    return Allowed(needs_step_up=act in STEPPED_UP, undone_by=UNDONE_BY.get(act))


def require_allowed(act: Act, subject: Subject, doer: Doer, now: datetime, *, target: str = "") -> None:
    """Raise ActRefused, with the reason, unless the act is allowed."""
    answer = allowed(act, subject, doer, now, target=target)
    if isinstance(answer, NotAllowed):
        raise ActRefused(answer.reason)


def longest_extension(role: Role) -> timedelta:
    """By how much a role may extend alone."""
    return LONGEST_EXTENSION.get(role, timedelta())


def extended_until(subject: Subject, by: timedelta, now: datetime) -> datetime:
    """Until when an extension moves what the journey waits for: on top of what is left of it."""
    return max(_unextended(subject, now), subject.facts.extended_until or now) + by


def extension_after(subject: Subject, by: timedelta, now: datetime) -> timedelta:
    """How long all extensions come to with this one: small ones do not add up to what nobody may do alone."""
    return extended_until(subject, by, now) - _unextended(subject, now)


def _unextended(subject: Subject, now: datetime) -> datetime:
    return max(deadline(subject.facts, subject.policy) or now, now)


def _send_again(subject: Subject, now: datetime, _target: str) -> str:
    facts = subject.facts
    if problem := _on_the_way(subject) or _at_rest(subject, now):
        return problem
    if facts.sms is SmsState.SUSPENDED or (
        facts.sms is SmsState.ON and next_milestone(facts, subject.policy) is None
    ):
        return "There is no reminder and no notice just now that could be sent again."
    if not facts.channels:
        return "No contact reaches the person, or they want no reminders."
    if facts.sms is SmsState.ON and subject.capped.issuperset(facts.channels):
        return "The contact has had as many reminders lately as the policy allows."
    if subject.last_message_at and subject.last_message_at + SENT_AGAIN_AFTER > now:
        return "The last message is less than four hours old."
    return ""


def _pause(subject: Subject, now: datetime, _target: str) -> str:
    return _on_the_way(subject) or _at_rest(subject, now)


def _resume(subject: Subject, now: datetime, _target: str) -> str:
    is_paused = subject.rests(now) and subject.rest is Rest.PAUSED
    return "" if is_paused else "The journey is not paused."


def _extend(subject: Subject, _now: datetime, _target: str) -> str:
    return _on_the_way(subject)


def _end_extension(subject: Subject, now: datetime, _target: str) -> str:
    return "" if subject.is_extended(now) else "Nothing was extended."


def _exempt(subject: Subject, now: datetime, _target: str) -> str:
    if problem := _on_the_way(subject):
        return problem
    return "They are exempt already." if _is_exempt(subject, now) else ""


def _end_exemption(subject: Subject, now: datetime, _target: str) -> str:
    return "" if _is_exempt(subject, now) else "They are not exempt."


def _mark_wrong(subject: Subject, _now: datetime, target: str) -> str:
    if target and target not in subject.contacts:
        return "The account has no such contact."
    usable = subject.contacts - subject.unused
    found = target in usable if target else bool(usable)
    return "" if found else "Reminders do not go there anyway."


def _unmark(subject: Subject, _now: datetime, target: str) -> str:
    found = target in subject.marked_wrong if target else bool(subject.marked_wrong)
    return "" if found else "Support has marked no contact as wrong."


def _restore_sms(subject: Subject, _now: datetime, _target: str) -> str:
    match subject.facts.sms:
        case SmsState.ON:
            return "Text-message codes are on."
        case SmsState.REMOVED:
            return "Text-message codes are gone for good; a rescue pass lets the person in."
    return ""


def _remove_device(subject: Subject, _now: datetime, target: str) -> str:
    devices = [target] if target else list(subject.devices)
    if not devices:
        return "The account has no passkey."
    if not any(device in subject.devices for device in devices):
        return "The account has no such passkey."
    refusals = [_last_route(subject, device) for device in devices]
    return "" if "" in refusals else refusals[0]


def _last_route(subject: Subject, device: str) -> str:
    try:
        require_route_without_passkey(subject.facts, proven=subject.devices[device])
    except LastRoute:
        return (
            "It is the last way into the account that is known to work. Help the person to another one first."
        )
    return ""


def _note(_subject: Subject, _now: datetime, _target: str) -> str:
    return ""


def _ask_for_rescue(subject: Subject, _now: datetime, _target: str) -> str:
    if subject.facts.disputed_since:
        return "An objection is open. Settle it first."
    return "A rescue pass is under way for this account." if subject.is_rescue_open else ""


def _on_the_way(subject: Subject) -> str:
    return "" if subject.is_under_way else "The account is not on its way to passkeys."


def _at_rest(subject: Subject, now: datetime) -> str:
    if not subject.rests(now):
        return ""
    return "They are exempt." if _is_exempt(subject, now) else "The journey is paused."


def _is_exempt(subject: Subject, now: datetime) -> bool:
    return subject.rests(now) and subject.rest is not None and subject.rest.is_exemption


_PROBLEMS: dict[Act, Callable[[Subject, datetime, str], str]] = {
    Act.SEND_AGAIN: _send_again,
    Act.PAUSE: _pause,
    Act.RESUME: _resume,
    Act.EXTEND: _extend,
    Act.END_EXTENSION: _end_extension,
    Act.EXEMPT: _exempt,
    Act.END_EXEMPTION: _end_exemption,
    Act.MARK_CONTACT_WRONG: _mark_wrong,
    Act.UNMARK_CONTACT: _unmark,
    Act.RESTORE_SMS: _restore_sms,
    Act.REMOVE_DEVICE: _remove_device,
    Act.NOTE: _note,
    Act.ASK_FOR_RESCUE: _ask_for_rescue,
}
"""What speaks against each act, in plain words; nothing when it may be done."""
