"""The console's words: stages, verdicts, metrics, steps and orders.

They are the words of descriptions in TOML, of the command line, of logs and of metrics: a caption is its key, as people
write it.
"""

from domain.facts import Method, SmsState
from domain.rollouts.guardrails import Metric, Reaction, Verdict
from domain.rollouts.rollout import OVER, Command, Stage

STAGES = {
    Stage.LAUNCHING: "launching",
    Stage.BAKING: "baking",
    Stage.HOLDING: "holding",
    Stage.PAUSED: "paused",
    Stage.DONE: "done",
    Stage.ENDED: "ended",
    Stage.ABORTED: "aborted",
    Stage.ROLLED_BACK: "rolled back",
}
VERDICTS = {Verdict.PASSED: "passed", Verdict.FAILED: "failed", Verdict.INCONCLUSIVE: "inconclusive"}
ABOVE = "above so far"
"""What stands in the place of a verdict while both bounds are above the limit and more people have to decide."""

REACTIONS = {
    Reaction.PAUSE: "pause",
    Reaction.ROLLBACK: "rollback",
    Reaction.NOTIFY: "notify",
    Reaction.HOLD_SLICE: "hold_slice",
}
METRICS = {
    Metric.LOCK_OUTS: "Lock-outs",
    Metric.SIGN_IN_FAILURES: "Sign-in failures",
    Metric.SMS_RESTORES: "SMS restores",
    Metric.PROMPT_FAILURES: "Prompt failures",
    Metric.UNDELIVERED: "Undelivered",
    Metric.OPT_OUTS: "Opt-outs",
    Metric.SUPPORT_CASES: "Support cases",
    Metric.HOST_SILENCE: "Host silence",
}
METRIC_MEANINGS = {
    Metric.LOCK_OUTS: "locked out, or recovered",
    Metric.SIGN_IN_FAILURES: "failed to sign in",
    Metric.SMS_RESTORES: "took SMS codes back",
    Metric.PROMPT_FAILURES: "prompt failed on a capable device",
    Metric.UNDELIVERED: "messages not delivered",
    Metric.OPT_OUTS: "said no, or that they can't",
    Metric.SUPPORT_CASES: "asked support for help",
    Metric.HOST_SILENCE: "service did not answer",
}
STEPS = {
    "email_verified": "E-mail verified",
    "passkey_enrolled": "Passkey enrolled",
    "passkey_proven": "Passkey proven",
    "by_app": "of these by app",
    "second_route_ready": "Second route ready",
    "notice": "SMS notice given",
    "suspended": "SMS suspended",
    "removed": "SMS removed",
}
"""How far people have come, in the order of a journey: the names of a funnel's counts."""

CURVES = {
    "launched": "launched",
    "passkey_enrolled": "passkey enrolled",
    "passkey_proven": "passkey proven",
    "suspended": "SMS suspended",
    "removed": "SMS removed",
}
"""What a cohort's curves count: people as they were at each look, by the definition of the funnel."""

ADOPTION_CURVES = {
    "started": "ever started",
    "passkey": "ever enrolled",
    "suspended": "ever suspended",
    "removed": "ever removed",
}
"""What the curves of adoption count: whoever had ever come so far, whatever has become of it since."""

EVER = {"passkey_enrolled": "passkey", "suspended": "suspended", "removed": "removed"}
"""The steps, counted now, of which a curve of adoption says how many have ever come so far."""
METHODS = {
    Method.PASSKEY: "Passkey",
    Method.SMS: "Text-message code",
    Method.SMS_AFTER_END: "Text-message code, after the end date",
    Method.RECOVERY_CODE: "Recovery code",
    Method.AUTHENTICATOR_APP: "Authenticator app",
    Method.DEVICE_LINK: "Another device",
    Method.HOST: "At the service",
}
SMS_STATES = {
    SmsState.ON: "On",
    SmsState.NOTICE: "Notice given",
    SmsState.SUSPENDED: "Suspended",
    SmsState.REMOVED: "Removed",
}

ORDERS = {
    Command.PAUSE: "Pause",
    Command.RESUME: "Resume",
    Command.EXTEND: "Extend",
    Command.ADVANCE: "Advance",
    Command.ABORT: "Abort",
    Command.ROLLBACK: "Roll back",
}
MEANINGS = {
    Command.PAUSE: "Nobody is started or nudged until somebody resumes.",
    Command.RESUME: "The rollout goes on from where it was paused.",
    Command.EXTEND: "The wave bakes for longer before the next begins.",
    Command.ADVANCE: "The next wave begins now, whatever the guardrails say.",
    Command.ABORT: (
        "The rollout ends. Nothing more is asked of anybody, and passkeys stay. "
        "SMS codes stay on for those under notice, and come back for those in probation whose passkey has not been "
        "used since. They are told."
    ),
    Command.ROLLBACK: (
        "The rollout ends. SMS codes stay on for everyone under notice, and come back for everyone of its waves in "
        "probation. They are told."
    ),
}
_ENTRIES = {
    "launch": "launched the cohort",
    "pause": "paused",
    "resume": "resumed",
    "extend": "extended the bake",
    "advance": "advanced",
    "abort": "aborted",
    "rollback": "rolled back",
    "edit": "edited the description",
    "end_moved": "moved the end date",
    "wave_launched": "launched the whole wave",
    "wave_empty": "passed the wave, which has nobody to launch",
    "launching": "went on to the next wave",
    "holding": "held the wave",
    "done": "launched every wave",
    "ended": "ended: the last journey has ended",
    "suspected": "launch nobody new before a second look",
    "cleared": "let launches go on",
    "taken_back": "switched SMS codes on again",
    "guardrail_failed": "failed, operators were told",
    "slice_held": "kept the prompt from a slice",
    "slice_released": "let the prompt come back to a slice",
    "archived": "archived the cohort",
    "unarchived": "brought the cohort back to the list",
    "slice_lifted": "let the prompt come back to a slice",
}
_REFUSED = "_refused"


def why_not(command: Command, stage: Stage) -> str:
    """Why a rollout does not take a command where it stands."""
    if stage in OVER:
        return "The rollout is over."
    if stage is Stage.DONE:
        return "It is not paused." if command is Command.RESUME else "Every wave is launched."
    match command:
        case Command.PAUSE:
            return "It is paused already."
        case Command.RESUME:
            return "It is not paused."
        case Command.EXTEND if stage is Stage.LAUNCHING:
            return "The wave is still being launched; the bake begins after that."
        case Command.ADVANCE if stage is Stage.LAUNCHING:
            return "The wave is still being launched."
    return "Resume it first."


def deed(kind: str) -> str:
    """What somebody did, by the kind of an entry: "paused", "was refused: pause"."""
    if kind.endswith(_REFUSED):
        command = kind.removesuffix(_REFUSED)
        return f"was refused: {ORDERS[Command(command)].lower() if command in ORDERS else command}"
    return _ENTRIES.get(kind, kind.replace("_", " "))


def nobody_there(*, is_taken: bool) -> str:
    """Why an order has not been carried out, and whether it may still be."""
    if is_taken:
        return (
            "No worker answered in time. The order may be carried out when one is back: "
            "the log below shows what has become of it."
        )
    return "Temporal does not answer, so nothing was ordered. Please try again when it does."
