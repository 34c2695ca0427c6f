"""Puts a portrait into sentences: where the person stands, and what happens next."""

from datetime import datetime

from activities.gates import WaitsFor
from api.durations import duration
from domain.facts import Milestone, SmsState
from domain.journey import Act, Plan, StuckReason
from offramp.portraits import FaultLine, MessageLine, Portrait
from offramp.terminal import moment

MILESTONES = {
    Milestone.EMAIL_VERIFIED: "e-mail address verified",
    Milestone.PASSKEY_ENROLLED: "passkey created",
    Milestone.PASSKEY_PROVEN: "passkey proven by signing in",
    Milestone.SECOND_ROUTE_READY: "second way in ready",
}

_WAITS_FOR = {
    Milestone.EMAIL_VERIFIED: "a verified e-mail address",
    Milestone.PASSKEY_ENROLLED: "a passkey",
    Milestone.PASSKEY_PROVEN: "a sign-in with the passkey",
    Milestone.SECOND_ROUTE_READY: "a second way in",
}

_STUCK = {
    StuckReason.NUDGES_USED_UP: "all reminders are used up",
    StuckReason.UNREACHABLE: "no channel reaches the person",
    StuckReason.NOTICE_MISSED: "the notice that text-message codes will be switched off came by no channel",
}

_HOLD_UPS: dict[str, str] = {
    WaitsFor.QUIET_HOURS: "the end of the quiet hours",
    WaitsFor.PROVIDER: "its provider, which is in trouble",
}

_ACTS = {
    Act.REPORT_STUCK: "the journey is reported as stuck",
    Act.GIVE_NOTICE: "notice that text-message codes will be switched off",
    Act.SUSPEND_SMS: "text-message codes are suspended",
    Act.RESTORE_SMS: "text-message codes are restored, because the proof no longer holds",
    Act.REMOVE_SMS: "text-message codes are removed for good",
}


def standing(portrait: Portrait) -> str:
    """One sentence: where the person stands."""
    facts = portrait.facts
    if facts.disputed_since:
        return f"Disputed{_since(facts.disputed_since)}: the owner says that a change was not theirs."
    if portrait.ended_at:
        return f"Moved: signs in without text-message codes since {moment(portrait.ended_at)}."
    if portrait.started_at is None:
        return "No journey has been started; text-message codes work as ever."
    match facts.sms:
        case SmsState.SUSPENDED:
            return f"Text-message codes are suspended{_since(facts.sms_since)}, and can still be restored."
        case SmsState.NOTICE:
            return _notice(portrait)
    waiting = next((milestone for milestone, done in portrait.milestones.items() if not done), None)
    if waiting is None:
        return "Everything is set up; text-message codes are on for a while yet."
    if facts.stuck_since:
        return f"Stuck{_since(facts.stuck_since)} on {_WAITS_FOR[waiting]}: {_why_stuck(portrait)}."
    done = sum(portrait.milestones.values())
    return f"On the way, {done} of {len(portrait.milestones)} done; now it takes {_WAITS_FOR[waiting]}."


def upcoming(portrait: Portrait, now: datetime) -> str:
    """What happens next, and when, if the person does nothing."""
    planned = portrait.next
    if portrait.ended_at or portrait.started_at is None:
        return "Nothing: no journey runs."
    if portrait.facts.disputed_since and planned.act is None:
        return "Nothing until support has settled it: `offramp account objections`."
    if planned.act is None:
        return "Nothing by itself; the journey waits for the person."
    return f"{_act(planned)}{_when(planned.at, now)}"


def message_state(line: MessageLine) -> str:
    """How far a message has come, what it waits for, and what its provider told of it since."""
    said = f"{line.state} ({line.reason})" if line.reason else line.state
    if line.waits_for:
        until = f" until {moment(line.not_before)}" if line.not_before else ""
        said += f", waits for {_HOLD_UPS.get(line.waits_for, line.waits_for)}{until}"
    if line.fate and line.fate_at:
        said += f", {_worded(line.fate)} at {moment(line.fate_at)}"
    return said


def fault(line: FaultLine) -> str:
    """What is wrong with a contact."""
    said = "nothing arrives there" if line.is_broken else "no reminders wanted"
    return f"{said}{_since(line.since)}: {_worded(line.fate)}, {line.reason}"


def _worded(fate: str) -> str:
    return fate.replace("_", " ")


def _notice(portrait: Portrait) -> str:
    facts = portrait.facts
    if facts.notice_missed and facts.stuck_since:
        return f"Stuck{_since(facts.stuck_since)}: {_why_stuck(portrait)}."
    if facts.notice_missed:
        return (
            f"Notice was given{_since(facts.sms_since)}, but came by no channel: text-message codes stay on."
        )
    return f"Notice has been given{_since(facts.sms_since)}: text-message codes will be switched off."


def _act(planned: Plan) -> str:
    if planned.act is Act.NUDGE and planned.nudge:
        nudge = planned.nudge
        return f"message {nudge.ordinal} by {nudge.channel}, asking for {_WAITS_FOR[nudge.milestone]}"
    return _ACTS[planned.act] if planned.act else ""


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    if at <= now:
        return ", due now"
    return f", in {duration(at - now)} ({moment(at)})"


def _why_stuck(portrait: Portrait) -> str:
    try:
        return _STUCK[StuckReason(portrait.stuck_reason or "")]
    except ValueError:
        return "the reason is not on record"


def _since(at: datetime | None) -> str:
    return f" since {moment(at)}" if at else ""
