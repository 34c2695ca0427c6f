"""Says in one sentence where a person stands: what the journey waits for, what is in the way, what comes next, SMS."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.desk.cases import Case
from domain.desk.stuck import Hurdle, Obstacle
from domain.facts import Channel, Milestone, SmsState
from domain.journal import EventKind
from domain.journey import JourneyAct, passkey_counts_from
from domain.safety.end_of_codes import end_of_codes
from domain.words import moments
from domain.words.names import CANNOT, CHANNELS, REFUSALS, exception, spelled_out, uncapital
from domain.words.stuck_words import NAMES

MILESTONES = {
    Milestone.EMAIL_VERIFIED: "e-mail address verified",
    Milestone.PASSKEY_ENROLLED: "passkey created",
    Milestone.PASSKEY_PROVEN: "passkey proven by signing in",
    Milestone.SECOND_ROUTE_READY: "second way in ready",
}

WAITS_FOR = {
    Milestone.EMAIL_VERIFIED: "a verified e-mail address",
    Milestone.PASSKEY_ENROLLED: "a passkey",
    Milestone.PASSKEY_PROVEN: "a sign-in with the passkey",
    Milestone.SECOND_ROUTE_READY: "a second way in",
}

_ACTS = {
    JourneyAct.REPORT_STUCK: "the journey is reported as stuck",
    JourneyAct.GIVE_NOTICE: "notice that text-message codes will be switched off",
    JourneyAct.SUSPEND_SMS: "text-message codes are suspended",
    JourneyAct.RESTORE_SMS: "text-message codes are restored, because the proof no longer holds",
    JourneyAct.REMOVE_SMS: "text-message codes are removed for good",
    JourneyAct.ASK_HOST: "the service is asked to end text-message codes in its own system",
    JourneyAct.ASK_FOR_RESTORE: "the service is asked again to restore text-message codes in its own system",
    JourneyAct.TELL_END: "the person is told the end date",
    JourneyAct.CHECK_SIM: "the carrier is asked whether the SIM was swapped",
}

_WHY = {
    Obstacle.OBJECTION_OPEN: "everything halts since {since}, when somebody answered “This wasn’t me” to a notice",
    Obstacle.WORKFLOW_FAILING: "its workflow fails since {since}, so nothing happens by itself: {said}",
    Obstacle.HELD: "held since {since}, because {cohort} is paused or given up, or retiring is stopped",
    Obstacle.NUMBER_TOO_NEW: "the account is no longer known to sign in without text-message codes, but they did not "
    "come back on {since}: the number is so new that it may be somebody else's",
    Obstacle.HOST_REFUSED: "the service refused{change} on {since}: {refusal}",
    Obstacle.HOST_SILENT: "the service was asked{change}, and has not answered, as is known since {since}",
    Obstacle.NOTICE_MISSED: "the notice that SMS ends has reached the person by no channel, as is known since {since}",
    Obstacle.UNREACHABLE: "no reminder can be sent since {since}: neither e-mail nor text messages reach the person",
    Obstacle.EMAIL_BOUNCED: "e-mail to {email} does not arrive since {since} ({said})",
    Obstacle.NUMBER_UNDELIVERABLE: "text messages to {phone} do not arrive since {since} ({said})",
    Obstacle.PROMPT_FAILED: "a passkey failed on {device} on {since} ({exception}), and none has worked since",
    Obstacle.CANNOT_NOW: "the person said “I can’t do this now” on {since} ({cannot})",
    Obstacle.NO_REMINDERS: "the person wants no reminders by {channel} since {since}",
    Obstacle.NUDGES_USED_UP: "stuck since {since}, after {reminders} and with none left",
    Obstacle.UNCONFIRMED: "the passkey was created after signing in by text message, and nobody who would know better "
    "could be told of it, so an older passkey has to confirm it",
    Obstacle.SIM_UNKNOWN: "all that the person has goes back to text messages, and nobody has said since {since} that "
    "the SIM had not been swapped",
    Obstacle.COOLING_OFF: "the passkey was created after signing in by text message, and so counts only from {until}, "
    "in case the number was stolen",
}
"""Each obstacle, as the middle of a sentence."""

_SOON = timedelta(minutes=2)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def standing(case: Case, now: datetime) -> str:
    """One sentence: where the person stands."""
    if case.facts.deleted_at:
        is_erased = any(line.kind == EventKind.ACCOUNT_ERASED for line in case.journal)
        how = "Erased at the person’s wish" if is_erased else "Deleted by the service"
        text = f"{how} on {when(case, case.facts.deleted_at, now)}; nothing personal is left"
    elif case.facts.deactivated_at:
        since = when(case, case.facts.deactivated_at, now)
        text = f"Deactivated by the service since {since}; nobody can sign in, and nothing is sent"
    elif case.ended_at:
        text = f"Moved: signs in without text-message codes since {when(case, case.ended_at, now)}"
    elif case.started_at is None:
        text = "No journey has been started; SMS stays on"
    else:
        parts = (_waiting(case), _rest(case, now), _middle(case, now), _sms(case, now))
        text = "; ".join(part for part in parts if part)
    if case.hurdles and (case.ended_at or case.started_at is None):
        text += f"; but {why(case, case.hurdles[0], now)}"
    return f"{text[0].upper()}{text[1:]}."


def upcoming(case: Case, now: datetime) -> str:
    """What happens next, and when, if the person does nothing."""
    if case.ended_at or case.started_at is None:
        return "Nothing: no journey runs."
    if case.facts.deactivated_at:
        return "Nothing while the service has the account deactivated."
    if case.next.act is None and case.facts.disputed_since:
        return "Nothing until the objection is settled."
    if case.next.act is None:
        return "Nothing by itself; the journey waits for the person."
    if case.halt.stops(case.next.act):
        return f"Nothing while {_halted_by(case)}."
    return f"{_act(case)}, {_due(case, case.next_at, now)}" if case.next_at else _act(case)


def when(case: Case, at: datetime, now: datetime) -> str:
    """A moment by the person's own clock: the day of the week if it is near, the date as well if it is not."""
    if case.time_zone:
        return moments.weekday(at, now, zone=ZoneInfo(case.time_zone), zone_name="their time")
    return moments.weekday(at, now, zone=UTC, zone_name="UTC")


def why(case: Case, hurdle: Hurdle, now: datetime) -> str:
    """What one hurdle is, as the middle of a sentence."""
    counts_from = passkey_counts_from(case.facts, case.policy)
    masked = {line.channel: line.masked for line in case.contacts}
    return _WHY[hurdle.obstacle].format(
        since=when(case, hurdle.since, now),
        until=when(case, counts_from, now) if counts_from else "later",
        said=hurdle.said,
        email=masked.get(Channel.EMAIL),
        phone=masked.get(Channel.SMS),
        channel=CHANNELS.get(hurdle.where, ""),
        device=hurdle.where or "an unknown device",
        cohort=f"the cohort {case.cohort}" if case.cohort else "the cohort",
        exception=exception(hurdle.said),
        cannot=CANNOT.get(hurdle.said, CANNOT["other"]),
        reminders=_after_reminders(case),
        change=_asked_of_host(case),
        refusal=_refusal(case.facts.host_refused_reason or "other"),
    )


def _refusal(code: str) -> str:
    return REFUSALS.get(code, spelled_out(code))


def _asked_of_host(case: Case) -> str:
    change = case.facts.host_asked or case.facts.host_refused
    return f" to {change} text-message codes in its own system" if change else ""


def _act(case: Case) -> str:
    if nudge := case.next.nudge:
        return (
            f"message {nudge.ordinal} by {CHANNELS[nudge.channel]}, asking for {WAITS_FOR[nudge.milestone]}"
        )
    return _ACTS[case.next.act] if case.next.act else ""


def _halted_by(case: Case) -> str:
    if case.halt.is_frozen:
        return (
            f"the cohort {case.cohort} is paused or given up"
            if case.cohort
            else "the cohort is paused or given up"
        )
    if case.next.act is JourneyAct.NUDGE:
        return "reminders are stopped"
    return "retiring is stopped"


def _due(case: Case, at: datetime, now: datetime) -> str:
    time_left = at - now
    if time_left <= timedelta():
        return "due now"
    return f"in {round(time_left.total_seconds())} s" if time_left < _SOON else f"on {when(case, at, now)}"


def _waiting(case: Case) -> str:
    if case.waits_for:
        return f"Waiting for {WAITS_FOR[case.waits_for]}"
    return "Everything is set up"


def _rest(case: Case, now: datetime) -> str:
    until = case.facts.rests_until
    return f"left alone by support until {when(case, until, now)}" if until and until > now else ""


def _middle(case: Case, now: datetime) -> str:
    if not case.hurdles:
        return _reminders(case, now)
    text = why(case, case.hurdles[0], now)
    if further := [uncapital(NAMES[hurdle.obstacle]) for hurdle in case.hurdles[1:]]:
        text = f"{text}; also in the way: {', '.join(further)}"
    return f"{text}; {_reminders(case, now)}" if case.next.act is JourneyAct.NUDGE else text


def _reminders(case: Case, now: datetime) -> str:
    if case.waits_for is None:
        return ""
    sentence = _sent(case)
    if case.next.act is JourneyAct.NUDGE and case.next_at:
        nudged = case.facts.nudged(case.waits_for)
        position = "the next" if nudged else "the first"
        return f"{sentence}, {position} {_due(case, case.next_at, now)}"
    return f"{sentence}, and no more to come"


def _sent(case: Case) -> str:
    """How many reminders of the milestone went out. It never says "none" while the messages below it show some."""
    written, lost = _written(case)
    if not written:
        return "no reminder of this sent yet" if case.facts.nudges else "no reminders sent"
    return f"{_many(written, 'reminder')} sent{_lost(written, lost)}"


def _after_reminders(case: Case) -> str:
    written, lost = _written(case)
    fate = _lost(written, lost)
    return f"{_many(written, 'reminder')}{fate}{',' if fate else ''}"


def _written(case: Case) -> tuple[int, int]:
    """How many reminders of the milestone were written, and how many of these never arrived."""
    nudged = case.facts.nudged(case.waits_for) if case.waits_for else None
    return (nudged.times, nudged.missed) if nudged else (0, 0)


def _lost(written: int, lost: int) -> str:
    if not lost:
        return ""
    if lost < written:
        return f", of which {_many(lost)} did not arrive"
    return ", which did not arrive" if written == 1 else ", of which none arrived"


def _many(count: int, noun: str = "") -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    if not noun:
        return number
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"


def _sms(case: Case, now: datetime) -> str:
    at = f" {_due(case, case.next_at, now)}" if case.next_at and case.next_at > now else " at any moment"
    match case.facts.sms:
        case SmsState.ON:
            is_coming = case.next.act is JourneyAct.GIVE_NOTICE and not case.halt.stops(case.next.act)
            return f"SMS stays on, and its end is announced{at}" if is_coming else "SMS stays on"
        case SmsState.NOTICE:
            return _under_notice(case, at, now)
        case SmsState.SUSPENDED:
            return _suspended(case, at, now)
    return "SMS is off for good"


def _under_notice(case: Case, at: str, now: datetime) -> str:
    """What the person was told holds at least; more is not known while something is in the way."""
    end = end_of_codes(case.next, case.facts, case.policy, case.halt, now)
    if end.is_certain:
        return f"notice was given, and SMS is suspended{at}"
    if case.facts.notice_missed:
        again = f", and notice is given again{at}" if case.next.act is JourneyAct.GIVE_NOTICE else ""
        return f"notice was given, but came by no channel: SMS stays on{again}"
    asks_carrier = ", and the carrier is asked about the SIM" + at
    about_sim = asks_carrier if case.next.act is JourneyAct.CHECK_SIM else ""
    if end.at:
        return f"notice was given, and SMS is not suspended before {when(case, end.at, now)}{about_sim}"
    return f"notice was given{about_sim or ', and SMS stays on until that is settled'}"


def _suspended(case: Case, at: str, now: datetime) -> str:
    end = end_of_codes(case.next, case.facts, case.policy, case.halt, now)
    if end.is_certain:
        return f"SMS is suspended, can still be restored, and is removed for good{at}"
    until = f", at least until {when(case, end.at, now)}" if end.at else ""
    return f"SMS is suspended, and can still be restored{until}"
