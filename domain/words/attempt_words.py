"""What the figures of prompts, ceremonies and sign-ins call things, for operators."""

from collections.abc import Mapping

from domain.attempts import NOT_SAID, AttemptEnd, AttemptKind, Facet, Occasion
from domain.counting import Refusal
from domain.passkeys import CeremonyFailure
from domain.prompts import SmsReason
from domain.rollouts.slices import Platform

NOT_KNOWN = "not known"
"""The slice of those of whom nobody knows it."""

IN_NO_COHORT = "in no cohort"

FACETS: Mapping[Facet, str] = {
    Facet.OCCASION: "By place",
    Facet.PLATFORM: "By system",
    Facet.BROWSER: "By browser",
    Facet.PROVIDER: "By passkey provider",
    Facet.COUNTRY: "By country",
    Facet.COHORT: "By cohort",
}
KINDS: Mapping[AttemptKind, str] = {
    AttemptKind.REGISTRATION: "making",
    AttemptKind.AUTHENTICATION: "using",
    AttemptKind.PROMPT: "prompt",
    AttemptKind.SIGN_IN: "sign-in",
}
ENDS: Mapping[AttemptEnd, str] = {
    AttemptEnd.SUCCEEDED: "succeeded",
    AttemptEnd.GIVEN_UP: "given up",
    AttemptEnd.FAILED: "failed",
    AttemptEnd.REFUSED: "refused",
    AttemptEnd.SHOWN: "shown",
    AttemptEnd.PUT_OFF: "put off",
    AttemptEnd.DECLINED: "declined",
}
OCCASIONS: Mapping[Occasion, str] = {
    Occasion.DOOR: "sign-in page",
    Occasion.SET_UP: "set-up",
    Occasion.STEP_UP: "confirmation",
    Occasion.CHECK_UP: "check-up",
    Occasion.FOUND_DEVICE: "found device",
    Occasion.DEVICE_LINK: "device link",
    Occasion.RECOVERY: "recovery",
    Occasion.RESCUE: "rescue pass",
    Occasion.HOST: "at the service",
    Occasion.OTHER: "elsewhere",
}
PLATFORMS: Mapping[Platform, str] = {
    Platform.IOS: "iOS",
    Platform.ANDROID: "Android",
    Platform.WINDOWS: "Windows",
    Platform.MACOS: "macOS",
    Platform.CHROMEOS: "ChromeOS",
    Platform.LINUX: "Linux",
}
SMS_REASONS: Mapping[str, str] = {
    SmsReason.NEW_DEVICE: "a new device",
    SmsReason.NOT_HERE: "the device was not there",
    SmsReason.DID_NOT_WORK: "the passkey did not work",
    SmsReason.LOST: "the device is lost",
    SmsReason.OTHER: "something else",
    NOT_SAID: "not said",
}
REASONS: Mapping[str, str] = {
    CeremonyFailure.NOT_ALLOWED: "cancelled, timed out, or no passkey there",
    CeremonyFailure.ABORTED: "interrupted",
    CeremonyFailure.CONSTRAINT: "no screen lock",
    CeremonyFailure.INVALID_STATE: "the device has one already",
    CeremonyFailure.NOT_SUPPORTED: "not supported",
    CeremonyFailure.SECURITY: "wrong address of the page",
    CeremonyFailure.TYPE: "connection lost",
    CeremonyFailure.UNKNOWN: "the device could not finish",
    CeremonyFailure.OTHER: "something else",
    Refusal.PASSKEY_ON_HOLD: "passkey on hold",
    Refusal.PASSKEY_HELD: "passkey may be a copy",
    Refusal.PASSKEY_LOST: "device said to be lost",
    Refusal.CREDENTIAL_UNKNOWN: "passkey not on record",
    Refusal.OTHER_ACCOUNT: "passkey of another account",
    Refusal.OF_STAFF: "passkey of staff",
    Refusal.USER_HANDLE_MISMATCH: "passkey names another account",
    Refusal.CHALLENGE_EXPIRED: "took longer than five minutes",
    Refusal.CHALLENGE_UNKNOWN: "page was old, or open twice",
    Refusal.MALFORMED: "answer could not be read",
}


def slice_name(facet: Facet, value: str) -> str:
    """What a slice is called; browsers, providers, countries and cohorts have names of their own."""
    if not value:
        return IN_NO_COHORT if facet is Facet.COHORT else NOT_KNOWN
    match facet:
        case Facet.OCCASION:
            return OCCASIONS[Occasion(value)]
        case Facet.PLATFORM:
            return PLATFORMS[Platform(value)]
    return value
