"""What a recovery is told in: the names of proofs, and how long it waits."""

from datetime import timedelta

from domain.recovery import StopReason
from domain.recovery_rules import ProofKind

PROVEN = {
    ProofKind.RECOVERY_CODE: "one of your recovery codes",
    ProofKind.AUTHENTICATOR_APP: "a code from your authenticator app",
    ProofKind.HOST: "the word of our people",
    ProofKind.EMAIL: "a code by e-mail",
    ProofKind.SMS: "a code by text message",
}

CHOICES = {
    ProofKind.RECOVERY_CODE: (
        "/recover/code",
        "A recovery code",
        "One of the codes you have kept on paper or in a safe place.",
    ),
    ProofKind.AUTHENTICATOR_APP: (
        "/recover/app",
        "A code from your authenticator app",
        "The app that shows six digits for this account.",
    ),
    ProofKind.EMAIL: ("/recover/email", "A code by e-mail", "We send it to the address of your account."),
    ProofKind.SMS: (
        "/recover/sms",
        "A code by text message",
        "We send it to the phone number of your account.",
    ),
    ProofKind.HOST: ("/recover/host", "Talk to our people", "They make sure that it is you."),
}
"""Where a kind is shown, its name, and what it is."""

STOPPED = {
    StopReason.OBJECTED: "Somebody who reads the messages to your account has said that this was not you.",
    StopReason.REFUSED: "Somebody who has signed in to your account has said that this was not you.",
    StopReason.OVERTAKEN: "Another request for your account opens sooner, and has taken the place of this one.",
    StopReason.DELETED: "The account is gone.",
}


def kinds_at_door(*, email_recovers: bool) -> list[ProofKind]:
    """What can be shown first. The people of the service come after: they have to be told of a request."""
    kinds = [ProofKind.RECOVERY_CODE, ProofKind.EMAIL, ProofKind.SMS, ProofKind.AUTHENTICATOR_APP]
    return kinds if email_recovers else [kind for kind in kinds if kind is not ProofKind.EMAIL]


def wait(span: timedelta) -> str:
    """A wait as people say it: `at once`, `12 hours`, `3 days`."""
    hours = -(-span // timedelta(hours=1))
    if hours <= 0:
        return "at once"
    if hours < 48:
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{-(-hours // 24)} days"
