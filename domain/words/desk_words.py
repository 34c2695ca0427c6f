"""The desk's words: what is on record of an account, as support says it."""

from datetime import UTC, datetime

from domain.desk.cases import ContactLine
from domain.desk.exemptions import ExemptionEnd, ExemptionRecord
from domain.desk.stuck import Hurdle, Obstacle
from domain.desk.stuck_filters import Sort
from domain.facts import Channel, Facts, Method, Milestone, SmsState
from domain.journal import Actor
from domain.messages.messages import OPT_OUTS, Fate, MessageState, Template
from domain.milestones import app_stands_in
from domain.policy import Policy
from domain.safety.disputes import Did, DisputeSubject, Offshoot
from domain.safety.objections import Outcome
from domain.staff.approvals import Pass, PassState
from domain.trust import Root
from domain.words.names import CHANNELS, MESSAGES, METHODS, capital, exception, reason
from domain.words.standings import WAITS_FOR
from domain.words.stuck_words import NAMES

__all__ = ["CHANNELS", "MESSAGES", "NAMES", "WAITS_FOR", "reason"]

AGES = {1: "1 day", 3: "3 days", 7: "1 week", 14: "2 weeks", 30: "30 days"}
"""The choices of the list of stuck people: stuck for longer than so many days."""

SORTS = {
    Sort.OLDEST: "Longest stuck first",
    Sort.NEWEST: "Latest first",
    Sort.LEAST_PROGRESS: "Longest without progress first",
}
CONTACTS: dict[str, str] = {Channel.EMAIL: "E-mail address", Channel.SMS: "Phone number"}
SMS = {
    SmsState.ON: "SMS stays on",
    SmsState.NOTICE: "Notice given that SMS ends",
    SmsState.SUSPENDED: "SMS suspended",
    SmsState.REMOVED: "SMS removed",
}
LACKS: dict[str, str] = {
    **{milestone: WAITS_FOR[milestone] for milestone in Milestone},
    "confirmation": "a confirmation: something that was added is provisional until an older passkey confirms it",
    "sim_check": "a clear SIM: all that the person has goes back to text messages",
    "cooling_off": "a passkey that counts: there is none yet, or it is still in its cooling-off",
    "objection": "an answer to the open objection",
}
"""What an account may lack before text-message codes may be switched off."""

ACTORS: dict[str, str] = {
    Actor.PERSON: "The person",
    Actor.JOURNEY: "The journey",
    Actor.HOST: "The service",
    Actor.STAFF: "Staff",
    Actor.SYSTEM: "Offramp",
}
BOUND_BY: dict[str, str] = {
    Method.SMS: "after a text-message code",
    Method.SMS_AFTER_END: "after a text-message code, after the end date",
    Method.PASSKEY: "after another passkey",
    Method.RECOVERY_CODE: "after a recovery code",
    Method.AUTHENTICATOR_APP: "after a code of an authenticator app",
    Method.DEVICE_LINK: "by a link from another device",
    Method.HOST: "after a sign-in at the service",
}
ROOTS: dict[str, str] = {
    Root.HOST: "goes back to the service",
    Root.STAFF: "goes back to support",
    Root.SMS: "goes back to a text message",
}
"""What the trust of a route or contact goes back to."""

SUBJECTS: dict[str, str] = {
    DisputeSubject.VISIT: "A visit",
    DisputeSubject.PASSKEY: "A passkey",
    DisputeSubject.CODES: "Recovery codes",
    DisputeSubject.AUTHENTICATOR_APP: "An authenticator app",
    DisputeSubject.EMAIL: "An e-mail address",
    DisputeSubject.PHONE: "A phone number",
    DisputeSubject.WAITING_CHANGE: "A change that waited",
}
DID: dict[str, str] = {
    Did.BROUGHT_BACK: "came back",
    Did.HELD: "held",
    Did.LOWERED: "signs in, changes nothing",
    Did.WITHDRAWN: "withdrawn",
}
"""What an objection has done with something."""

STATES: dict[str, str] = {
    MessageState.QUEUED: "waits to be sent",
    MessageState.HANDED: "waits to be sent",
    MessageState.SENDING: "is being sent",
    MessageState.SENT: "sent, no word yet whether it arrived",
    MessageState.FAILED: "could not be sent",
    MessageState.SKIPPED: "not sent: no longer worth it",
    MessageState.UNKNOWN: "may or may not have been sent",
    MessageState.GATHERED: "told in one message with others",
}
FATES: dict[str, str] = {
    Fate.DELIVERED: "arrived",
    Fate.WITHHELD: "not carried by the provider",
    Fate.BLOCKED: "refused this time",
    Fate.BOUNCED: "came back",
    Fate.UNDELIVERABLE: "found nobody",
    Fate.UNSUBSCRIBED: "answered: no more reminders",
    Fate.SPAM_REPORTED: "reported as spam",
    Fate.STOPPED: "refused: the person answered STOP",
}
"""What became of a message; where there is no fate yet, its state says how far it has come."""

OUTCOMES: dict[str, str] = {
    Outcome.UPHELD: "Settled: it was not the owner.",
    Outcome.DISMISSED: "Settled: it was the owner after all.",
}
_SECOND = {
    "another_passkey": "another passkey",
    "synced_passkey": "a synced passkey",
    "recovery_codes": "recovery codes",
    "authenticator_app": "an authenticator app",
}


def message(template: str) -> str:
    """What a message was, as a line of a list begins."""
    return capital(MESSAGES[Template(template)])


def fate(state: str, fate_: str | None) -> str:
    """What became of a message."""
    return FATES[fate_] if fate_ else STATES[state]


def waits_for(milestone: Milestone | None) -> str:
    """What a journey waits for, in the few words that fit into a list."""
    return f"Waits for {WAITS_FOR[milestone]}" if milestone else "Everything is set up"


def what_was_said(hurdle: Hurdle) -> str:
    """What is on record of a hurdle, beside its name."""
    is_exception = hurdle.obstacle is Obstacle.PROMPT_FAILED
    words = exception(hurdle.said) if is_exception else reason(hurdle.said)
    if hurdle.obstacle is Obstacle.WORKFLOW_FAILING:
        return words
    where = CHANNELS.get(hurdle.where, hurdle.where)
    return ", ".join(part for part in (words, where) if part)


def age(since: datetime, now: datetime) -> str:
    """How long something has lasted, in the largest unit that fits: "3 days"."""
    seconds = max(int((now.astimezone(UTC) - since.astimezone(UTC)).total_seconds()), 0)
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60))
    for name, length in units:
        if count := seconds // length:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "less than a minute"


def second_routes(names: list[str]) -> str:
    """The second ways in of an off-proof."""
    return ", ".join(_SECOND.get(name, name) for name in names)


def pass_stands(rescue_pass: Pass, now: datetime, *, is_own: bool) -> str:
    """Where a rescue pass stands, and who can do what next."""
    match rescue_pass.state:
        case PassState.WAITING:
            wait = age(now, rescue_pass.opens_at)
            return f"The owner has been told by every channel, and can still say that it was not them: {wait} left."
        case PassState.READY if is_own:
            return "The delay is over. Show the code when the person is there to write it down."
        case PassState.READY:
            return "The delay is over. The member who asked can show the code."
        case PassState.SHOWN:
            return f"The code was shown, and works for {age(now, rescue_pass.expires_at)} more."
    return {
        PassState.USED: "Used: the person came in.",
        PassState.STOPPED: "Stopped, or objected to by the owner.",
    }.get(rescue_pass.state, "Lapsed without being used.")


def exemption_stands(exemption: ExemptionRecord, now: datetime) -> str:
    """Whether an exemption lasts, and else why it is over."""
    if exemption.ended_because:
        return {
            ExemptionEnd.EXPIRED: "came to its last day",
            ExemptionEnd.ENDED: "ended by support",
            ExemptionEnd.SUPERSEDED: "renewed",
            ExemptionEnd.ACCOUNT_DONE: "the person is through",
        }[exemption.ended_because]
    if exemption.expires_at <= now:
        return "came to its last day"
    return "lasts; due for review" if exemption.is_due(now) else "lasts"


def passkey_on(platform: str) -> str:
    """A passkey, by the platform that it was created on."""
    return f"The passkey on {platform or 'an unknown device'}"


def offshoot(thing: Offshoot) -> str:
    """One thing of a disputed tree."""
    if thing.subject is DisputeSubject.VISIT:
        return f"Signed in by {METHODS.get(thing.name, thing.name)}"
    return passkey_on(thing.name) if thing.subject is DisputeSubject.PASSKEY else SUBJECTS[thing.subject]


def shared_with(accounts: int) -> str:
    """With how many other accounts a contact is shared, as the middle of a sentence."""
    return f"shared with {accounts} other account{'s' if accounts > 1 else ''}"


def faults(contact: ContactLine) -> str:
    """What is known against a contact."""
    if contact.fault in OPT_OUTS:
        return "No reminders wanted here"
    if contact.fault == Fate.STOPPED:
        return "Answered STOP: nothing arrives, a code neither, until they answer START to one of our texts"
    if contact.fault == Fate.WITHHELD:
        return f"Not carried by the provider ({reason(contact.reason or '')}); the contact is not to blame"
    if contact.reason == "support":
        return "Marked as wrong by support"
    cause = f" ({reason(contact.reason)})" if contact.reason else ""
    return f"Does not arrive: {FATES[contact.fault or '']}{cause}"


def authenticator_app(facts: Facts, policy: Policy) -> str:
    """Whether an authenticator app is there, and whether it is in place of a passkey."""
    if not facts.authenticator_apps:
        return "none"
    days = f"used on {facts.app_days} {'day' if facts.app_days == 1 else 'days'}"
    place = ", in place of a passkey: less than phishing-resistant" if app_stands_in(facts, policy) else ""
    return f"{facts.authenticator_apps} set up, {days}{place}"


def recovery_codes(facts: Facts, *, is_at_host: bool = False) -> str:
    """How many recovery codes are left, and whether they are known to be kept; `is_at_host`: they live there."""
    if not facts.recovery_codes_left:
        return "none"
    proof = "one was typed back" if facts.recovery_codes_proven else "none was typed back yet"
    return f"{facts.recovery_codes_left} left, {proof}{', at the host' if is_at_host else ''}"
