"""What hangs on a secret key, in words."""

from collections.abc import Mapping

from domain.safety.secret_keys import Hanging

_WORDS = {
    Hanging.RECOVERY_CODE: ("recovery code", "recovery codes"),
    Hanging.RESCUE: ("code of a rescue pass", "codes of rescue passes"),
    Hanging.ONE_TIME_CODE: ("open six-digit code", "open six-digit codes"),
    Hanging.GUESS_COUNT: ("count of wrong codes", "counts of wrong codes"),
    Hanging.FIRST_ANSWER: ("answer of the last minute", "answers of the last minute"),
    Hanging.MESSAGE: ("waiting message", "waiting messages"),
    Hanging.DOOR_NOTE: ("note of the door", "notes of the door"),
    Hanging.SIGN_ON: ("sign-on of a host", "sign-ons of hosts"),
    Hanging.HOST_ANSWER: ("answer to a host", "answers to hosts"),
    Hanging.WEBHOOK: ("webhook secret", "webhook secrets"),
    Hanging.FORMER_WEBHOOK: ("former webhook secret", "former webhook secrets"),
    Hanging.SIGNING_KEY: ("signing key", "signing keys"),
    Hanging.EVIDENCE_KEY: ("key that signs evidence", "keys that sign evidence"),
    Hanging.AUTHENTICATOR_APP: ("authenticator app", "authenticator apps"),
}


def hanging_words(counts: Mapping[Hanging, int]) -> str:
    """Like "8 recovery codes, 1 waiting message"; "nothing" if nothing hangs."""
    parts = (f"{count} {words(kind, count)}" for kind in Hanging if (count := counts.get(kind, 0)))
    return ", ".join(parts) or "nothing"


def words(kind: Hanging, count: int = 2) -> str:
    """What so many rows of a kind are called."""
    singular, plural = _WORDS[kind]
    return singular if count == 1 else plural
