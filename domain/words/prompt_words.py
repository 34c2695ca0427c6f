"""What a host shows at a sign-in when a person is asked for a step, in the languages of the messages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.facts import Milestone


@dataclass(frozen=True, kw_only=True)
class PromptWords:
    """The words of one prompt: a heading, a text, the button that begins, and the two ways out."""

    title: str
    body: str
    action: str
    later: str
    cannot: str


def _english(*, title: str, body: str, action: str) -> PromptWords:
    later, cannot = "Remind me later", "I can't do this now"
    return PromptWords(title=title, body=body, action=action, later=later, cannot=cannot)


def _german(*, title: str, body: str, action: str) -> PromptWords:
    later, cannot = "Später erinnern", "Das geht gerade nicht"
    return PromptWords(title=title, body=body, action=action, later=later, cannot=cannot)


_WORDS: Mapping[str, Mapping[Milestone, PromptWords]] = {
    "en": {
        Milestone.EMAIL_VERIFIED: _english(
            title="Sign in to {service} without waiting for a code",
            body="Soon your face, your fingerprint or your screen lock can sign you in. We begin with your e-mail "
            "address: if you ever lose your phone, this is how we reach you. It takes a moment.",
            action="Confirm my e-mail address",
        ),
        Milestone.PASSKEY_ENROLLED: _english(
            title="Sign in with your face, fingerprint or screen lock",
            body="Instead of waiting for a code, you unlock this device as you always do, and you're in. Your face or "
            "fingerprint never leaves it. Your text-message codes work as before.",
            action="Set it up",
        ),
        Milestone.PASSKEY_PROVEN: _english(
            title="Now try your passkey",
            body="Use your face, fingerprint or screen lock once more, so that you know it works before you need it.",
            action="Try it now",
        ),
        Milestone.SECOND_ROUTE_READY: _english(
            title="Add a second way in",
            body="If your device is ever lost or broken, you still get into your account at {service}.",
            action="Add a second way in",
        ),
    },
    "de": {
        Milestone.EMAIL_VERIFIED: _german(
            title="Bei {service} anmelden, ohne auf einen Code zu warten",
            body="Bald können Gesicht, Fingerabdruck oder Bildschirmsperre Sie anmelden. Am Anfang steht Ihre "
            "E-Mail-Adresse: Wenn Sie einmal Ihr Telefon verlieren, erreichen wir Sie so. Das dauert nur einen Moment.",
            action="E-Mail-Adresse bestätigen",
        ),
        Milestone.PASSKEY_ENROLLED: _german(
            title="Mit Gesicht, Fingerabdruck oder Bildschirmsperre anmelden",
            body="Statt auf einen Code zu warten, entsperren Sie dieses Gerät wie immer und sind angemeldet. Ihr "
            "Gesicht und Ihr Fingerabdruck bleiben auf dem Gerät. Ihre SMS-Codes funktionieren wie bisher.",
            action="Jetzt einrichten",
        ),
        Milestone.PASSKEY_PROVEN: _german(
            title="Probieren Sie jetzt Ihren Passkey aus",
            body="Benutzen Sie Gesicht, Fingerabdruck oder Bildschirmsperre noch einmal. Dann wissen Sie, dass es "
            "funktioniert, bevor Sie es brauchen.",
            action="Jetzt ausprobieren",
        ),
        Milestone.SECOND_ROUTE_READY: _german(
            title="Richten Sie einen zweiten Weg ein",
            body="Wenn Ihr Gerät einmal verloren geht oder kaputt ist, kommen Sie trotzdem in Ihr Konto bei {service}.",
            action="Zweiten Weg einrichten",
        ),
    },
}

PROMPT_LOCALES = tuple(_WORDS)
"""The languages that prompts can be shown in."""


_AS_BEFORE = {
    "en": "Your text-message codes work as before.",
    "de": "Ihre SMS-Codes funktionieren wie bisher.",
}
_SINCE_THE_END = {
    "en": "Since {day}, a text-message code opens this set-up and nothing else.",
    "de": "Seit {day} öffnet ein SMS-Code nur noch dieses Einrichten.",
}
_UNTIL_THE_END = {
    "en": "From {day}, a text-message code opens this set-up and nothing else.",
    "de": "Ab {day} öffnet ein SMS-Code nur noch dieses Einrichten.",
}


def prompt_words(
    step: Milestone, locale: str, *, service_name: str, ends_on: str | None = None, has_ended: bool = False
) -> PromptWords:
    """The words of a step in one of `PROMPT_LOCALES`.

    `ends_on` is the day of the end date, in that language; with `has_ended` it has come.
    """
    words = _WORDS[locale][step]
    title, body = (text.format(service=service_name) for text in (words.title, words.body))
    if ends_on:
        sentences = _SINCE_THE_END if has_ended else _UNTIL_THE_END
        body = f"{body.removesuffix(_AS_BEFORE[locale])} {sentences[locale].format(day=ends_on)}"
    return replace(words, title=title, body=" ".join(body.split()))
