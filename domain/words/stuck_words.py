"""The obstacles of people who do not get on: what each is called, and what helps against it."""

from domain.desk.stuck import Obstacle

NAMES = {
    Obstacle.OBJECTION_OPEN: "Objection open",
    Obstacle.WORKFLOW_FAILING: "Workflow failing",
    Obstacle.HELD: "Held by the rollout",
    Obstacle.NUMBER_TOO_NEW: "Phone number too new",
    Obstacle.HOST_REFUSED: "Refused by the service",
    Obstacle.HOST_SILENT: "Service does not answer",
    Obstacle.NOTICE_MISSED: "Notice did not arrive",
    Obstacle.UNREACHABLE: "Cannot be reached",
    Obstacle.EMAIL_BOUNCED: "E-mail does not arrive",
    Obstacle.NUMBER_UNDELIVERABLE: "Text messages do not arrive",
    Obstacle.PROMPT_FAILED: "Passkey failed on the device",
    Obstacle.CANNOT_NOW: "Said “I can’t do this now”",
    Obstacle.NO_REMINDERS: "Wants no reminders",
    Obstacle.NUDGES_USED_UP: "Reminders used up",
    Obstacle.UNCONFIRMED: "Waits for a confirmation",
    Obstacle.SIM_UNKNOWN: "SIM not known to be clear",
    Obstacle.COOLING_OFF: "Cooling-off",
}
"""What each obstacle is called in lists."""

HELP = {
    Obstacle.OBJECTION_OPEN: "Ask the person, by a way they did not just change, whether the change was theirs; then "
    "settle the objection. Nothing moves before that.",
    Obstacle.WORKFLOW_FAILING: "Pass it on to the operators with the error. The person loses nothing meanwhile, and "
    "can sign in as before.",
    Obstacle.HELD: "Nothing to do for the person, who can sign in as before: operators have to resume the cohort.",
    Obstacle.NUMBER_TOO_NEW: "Ask the person, by a way that is older than the number, whether it is theirs; then "
    "restore text-message codes together with a colleague, or help by a rescue pass.",
    Obstacle.HOST_REFUSED: "The service has its reason, which the case shows. When that is settled there, let it be "
    "asked again.",
    Obstacle.HOST_SILENT: "Pass it on to the operators: the service's system does not answer. Once it does, let it be "
    "asked again; a restore is asked for by itself.",
    Obstacle.NOTICE_MISSED: "Get a working e-mail address or phone number from the person; the notice is then given "
    "again by itself.",
    Obstacle.UNREACHABLE: "Get a working e-mail address or phone number from the person; reminders then go on by "
    "themselves.",
    Obstacle.EMAIL_BOUNCED: "Ask for an e-mail address that works, and have it changed in the service; meanwhile "
    "reminders go by text message.",
    Obstacle.NUMBER_UNDELIVERABLE: "Ask whether the number is still theirs, and have it changed in the service; until "
    "then codes by text message do not arrive either.",
    Obstacle.PROMPT_FAILED: "Have them try again on an up-to-date browser with a screen lock set up, or on another "
    "device by QR code.",
    Obstacle.CANNOT_NOW: "Nothing is asked of them for two weeks. A borrowed computer or a security key will do as "
    "well; whoever never can is exempted.",
    Obstacle.NO_REMINDERS: "Respect it: do not remind them. They are still asked when they sign in, and can be helped "
    "when they get in touch.",
    Obstacle.NUDGES_USED_UP: "Nothing more is sent by itself. Send the reminder again, or walk them through the next "
    "step at their next sign-in.",
    Obstacle.UNCONFIRMED: "Have them sign in with an older passkey and confirm the new one on the account page; "
    "without one, help by a rescue pass.",
    Obstacle.SIM_UNKNOWN: "Ask the operators to have the SIM checked, or have an e-mail address added in the service, "
    "so that the next passkey can be told of.",
    Obstacle.COOLING_OFF: "Only time helps: the wait protects against a stolen phone number, and nobody can shorten "
    "it.",
}
"""What support can do for the person."""

_HELP_AT_HOST = {
    Obstacle.NUMBER_TOO_NEW: "Ask the person, by a way that is older than the number, whether it is theirs; then "
    "restore text-message codes together with a colleague.",
    Obstacle.UNCONFIRMED: "Have the service look who the person is; when it vouches for the passkey by an event, the "
    "passkey counts.",
}


def helps(obstacle: Obstacle, *, is_at_host: bool) -> str:
    """What support can do; `is_at_host`: passkeys, recovery codes and the sign-in live with the host."""
    return (is_at_host and _HELP_AT_HOST.get(obstacle)) or HELP[obstacle]
