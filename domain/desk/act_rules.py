"""When support may do which act about an account. Pages grey acts out, and acts are checked, by this one rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.desk.acts import (
    AT_CONSOLE_ONLY,
    AT_THE_HOST,
    EXEMPTING,
    LEAVE_SMS,
    RESTORE_SMS,
    SENT_AGAIN_AFTER,
    STEPPED_UP,
    TAKES_TWO,
    UNDONE_BY,
    WHILE_DEACTIVATED,
    Act,
    ActRefused,
    ConsoleOnly,
    Rest,
    Subject,
)
from domain.errors import LastRoute
from domain.facts import SmsState
from domain.milestones import next_milestone
from domain.safety.routes import require_route_without_passkey
from domain.staff.staff import Right, Role, rights_of


@dataclass(frozen=True, kw_only=True)
class Doer:
    """Who wants to act; `is_by_key`: through another desk, by a key."""

    role: Role
    is_by_key: bool = False


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """The act may be done; `needs_step_up`: after a fresh ceremony, `takes_two`: when a second member has approved."""

    needs_step_up: bool = False
    takes_two: bool = False
    undone_by: Act | None = None

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class NotAllowed:
    """The act may not be done; `reason` says why in plain words. `console_only`: no key can do it."""

    reason: str
    console_only: bool = False

    def __bool__(self) -> bool:
        return False


def allowed(
    act: Act, subject: Subject, doer: Doer, now: datetime, *, target: str = ""
) -> Allowed | NotAllowed:
    """Whether somebody may do an act now. `target` names the act's channel or passkey, if it has one."""
    if Right.ACT_ON_CASES not in rights_of(doer.role):
        return NotAllowed(reason=f"With the role {doer.role} you may look, but not act.")
    if subject.facts.deleted_at and act is not Act.NOTE:
        return NotAllowed(reason="This account is deleted, so there is nobody to do it for.")
    if subject.facts.deactivated_at and act not in WHILE_DEACTIVATED:
        return NotAllowed(
            reason="The service has deactivated this account. Nothing is done for it until it is active again."
        )
    needs_second = takes_two(act, subject)
    if doer.is_by_key and (act in AT_CONSOLE_ONLY or needs_second):
        return NotAllowed(
            reason="This needs a person at the console, who shows who they are.", console_only=True
        )
    if subject.is_at_host and act in AT_THE_HOST:
        return NotAllowed(
            reason="Passkeys, recovery codes and the sign-in live with the service: do it there."
        )
    if problem := _PROBLEMS[act](subject, now, target):
        return NotAllowed(reason=problem)
    return Allowed(needs_step_up=act in STEPPED_UP, takes_two=needs_second, undone_by=UNDONE_BY.get(act))


def takes_two(act: Act, subject: Subject) -> bool:
    """Whether an act takes a second member, however long it lasts.

    An exemption switches text-message codes on, if they are not on, and lets them sign in beyond an end date: then it
    is as grave as restoring them. Whether its basis takes two, is asked when the basis is known.
    """
    gives_codes = subject.facts.sms is not SmsState.ON or subject.policy.end is not None
    return act in TAKES_TWO or (act in EXEMPTING and gives_codes)


def require_allowed(act: Act, subject: Subject, doer: Doer, now: datetime, *, target: str = "") -> None:
    """Raise ActRefused, with the reason, unless the act is allowed; ConsoleOnly if no key can do it."""
    answer = allowed(act, subject, doer, now, target=target)
    if isinstance(answer, NotAllowed):
        raise (ConsoleOnly if answer.console_only else ActRefused)(answer.reason)


def _send_again(subject: Subject, now: datetime, _target: str) -> str:
    facts = subject.facts
    if problem := _steerable(subject) or _at_rest(subject, now):
        return problem
    if subject.is_frozen:
        return "The cohort is paused or given up, so nothing is sent to its people."
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
    return _steerable(subject) or _at_rest(subject, now)


def _resume(subject: Subject, now: datetime, _target: str) -> str:
    is_paused = subject.rests(now) and subject.rest is Rest.PAUSED
    return "" if is_paused else "The journey is not paused."


def _extend(subject: Subject, _now: datetime, _target: str) -> str:
    return _steerable(subject)


def _end_extension(subject: Subject, now: datetime, _target: str) -> str:
    if not subject.is_extended(now):
        return "Nothing was extended."
    if subject.facts.sms in (SmsState.NOTICE, SmsState.SUSPENDED):
        return "The person's page names the later day already, so it stays."
    return ""


def _exempt(subject: Subject, now: datetime, _target: str) -> str:
    if problem := _steerable(subject):
        return problem
    return "They are exempt already." if _is_exempt(subject, now) else ""


def _renew_exemption(subject: Subject, now: datetime, _target: str) -> str:
    return _steerable(subject) or ("" if _is_exempt(subject, now) else "They are not exempt.")


def _end_exemption(subject: Subject, now: datetime, _target: str) -> str:
    return "" if _is_exempt(subject, now) else "They are not exempt."


def _mark_wrong(subject: Subject, _now: datetime, target: str) -> str:
    if target and target not in subject.contacts:
        return "The account has no such contact."
    usable = subject.contacts - subject.unused
    is_usable = target in usable if target else bool(usable)
    return "" if is_usable else "Reminders do not go there anyway."


def _unmark(subject: Subject, _now: datetime, target: str) -> str:
    is_marked = target in subject.marked_wrong if target else bool(subject.marked_wrong)
    return "" if is_marked else "Support has marked no contact as wrong."


def _restore_sms(subject: Subject, _now: datetime, _target: str) -> str:
    match subject.facts.sms:
        case SmsState.ON:
            return "Text-message codes are on."
        case SmsState.REMOVED:
            way_in = (
                "the service lets the person in" if subject.is_at_host else "a rescue pass lets the person in"
            )
            return f"Text-message codes are gone for good; {way_in}."
    return _undisputed(subject)


def _remove_device(subject: Subject, _now: datetime, target: str) -> str:
    devices = [target] if target else list(subject.devices)
    if not devices:
        return "The account has no passkey."
    if not any(device in subject.devices for device in devices):
        return "The account has no such passkey."
    if problem := _undisputed(subject):
        return problem
    refusals = [_last_route(subject, device) for device in devices]
    return "" if "" in refusals else refusals[0]


def _lift_hold(subject: Subject, _now: datetime, target: str) -> str:
    if not subject.suspects:
        return "No passkey is on hold for how it behaved."
    if target and target not in subject.suspects:
        return "That passkey is not on hold for how it behaved."
    return _undisputed(subject)


def _last_route(subject: Subject, device: str) -> str:
    try:
        require_route_without_passkey(subject.facts, proven=subject.devices[device])
    except LastRoute:
        return (
            "It is the last way into the account that is known to work. Help the person to another one first."
        )
    return ""


def _ask_host_again(subject: Subject, _now: datetime, _target: str) -> str:
    if problem := _steerable(subject):
        return problem
    facts = subject.facts
    is_open = facts.host_asked is not None and facts.host_confirmed_at is None
    return "" if is_open or facts.host_refused else "The service has answered whatever it was asked."


def _note(_subject: Subject, _now: datetime, _target: str) -> str:
    return ""


def _ask_for_rescue(subject: Subject, _now: datetime, _target: str) -> str:
    if problem := _undisputed(subject):
        return problem
    return "A rescue pass is under way for this account." if subject.is_rescue_open else ""


def _export(_subject: Subject, _now: datetime, _target: str) -> str:
    return ""


def _erase(subject: Subject, _now: datetime, target: str) -> str:
    if target not in ("", RESTORE_SMS, LEAVE_SMS):
        return "Say whether text-message codes are given back."
    return _undisputed(subject)


def _steerable(subject: Subject) -> str:
    """Nothing moves while an objection is open, so there is no use in sending, pausing or giving time then."""
    if not subject.is_under_way:
        return "The account is not on its way to passkeys."
    return _undisputed(subject)


def _undisputed(subject: Subject) -> str:
    """While it is open who the owner is, nobody but those who settle it changes how somebody signs in."""
    return "An objection is open. Settle it first." if subject.facts.disputed_since else ""


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
    Act.RENEW_EXEMPTION: _renew_exemption,
    Act.REVIEW_EXEMPTION: _end_exemption,
    Act.END_EXEMPTION: _end_exemption,
    Act.MARK_CONTACT_WRONG: _mark_wrong,
    Act.UNMARK_CONTACT: _unmark,
    Act.RESTORE_SMS: _restore_sms,
    Act.REMOVE_DEVICE: _remove_device,
    Act.LIFT_HOLD: _lift_hold,
    Act.ASK_HOST_AGAIN: _ask_host_again,
    Act.NOTE: _note,
    Act.ASK_FOR_RESCUE: _ask_for_rescue,
    Act.EXPORT: _export,
    Act.ERASE: _erase,
}
"""Why each act may not be done, in plain words; an empty text if it may."""
