"""What is kept of every prompt, ceremony and sign-in: where it happened, how it ended, and on what software."""

from dataclasses import dataclass
from enum import StrEnum

from domain.facts import Method
from domain.passkeys import CeremonyFailure
from domain.software import UNASKED, UNKNOWN_SOFTWARE, Capabilities, Software


class AttemptKind(StrEnum):
    """What somebody tried, or was asked."""

    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"
    PROMPT = "prompt"
    SIGN_IN = "sign_in"
    """A sign-in without a ceremony on our pages: by a code, or at the host."""


class Occasion(StrEnum):
    """Where it happened."""

    DOOR = "door"
    SET_UP = "set_up"
    STEP_UP = "step_up"
    CHECK_UP = "check_up"
    FOUND_DEVICE = "found_device"
    DEVICE_LINK = "device_link"
    RECOVERY = "recovery"
    RESCUE = "rescue"
    HOST = "host"
    OTHER = "other"


class AttemptEnd(StrEnum):
    """How it ended. Browsers say the same of "cancelled", "took too long" and "no passkey here": it was given up."""

    SUCCEEDED = "succeeded"
    GIVEN_UP = "given_up"
    FAILED = "failed"
    REFUSED = "refused"
    """The browser did its part, and we did not take the answer."""

    SHOWN = "shown"
    PUT_OFF = "put_off"
    DECLINED = "declined"


class Facet(StrEnum):
    """By what attempts are told apart in figures."""

    OCCASION = "occasion"
    PLATFORM = "platform"
    BROWSER = "browser"
    PROVIDER = "provider"
    COUNTRY = "country"
    COHORT = "cohort"


CEREMONIES = (AttemptKind.REGISTRATION, AttemptKind.AUTHENTICATION)

CEREMONY_FACETS = (Facet.OCCASION, Facet.PLATFORM, Facet.BROWSER, Facet.PROVIDER)
"""By what ceremonies are told apart: at the door, nobody knows yet whose country or cohort it is."""

HOLDER_FACETS = (Facet.PLATFORM, Facet.BROWSER, Facet.PROVIDER, Facet.COUNTRY, Facet.COHORT)
"""By what the sign-ins of people who have a passkey are told apart."""

NOT_SAID = "not_said"
"""The reason of a sign-in by code of which the person has not said why."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where something happened, and on what software."""

    occasion: Occasion = Occasion.OTHER
    software: Software = UNKNOWN_SOFTWARE
    capabilities: Capabilities = UNASKED


SOMEWHERE = Scene()

_BY_METHOD = {
    Method.DEVICE_LINK: Occasion.DEVICE_LINK,
    Method.RECOVERY: Occasion.RECOVERY,
    Method.RESCUE: Occasion.RESCUE,
}
_BY_PATH = (
    ("/account/confirm", Occasion.STEP_UP),
    ("/account/check-up", Occasion.CHECK_UP),
    ("/account/this-device", Occasion.SET_UP),
    ("/account/passkeys/", Occasion.FOUND_DEVICE),
    ("/setup", Occasion.SET_UP),
    ("/passkeys", Occasion.SET_UP),
    ("/sign-in", Occasion.DOOR),
)
_GIVEN_UP = (CeremonyFailure.NOT_ALLOWED, CeremonyFailure.ABORTED)


def occasion_of(path: str, method: Method | None) -> Occasion:
    """The occasion of a request, by its path and by how its session came in."""
    if method in _BY_METHOD:
        return _BY_METHOD[method]
    return next((occasion for start, occasion in _BY_PATH if path.startswith(start)), Occasion.OTHER)


def end_of(failure: CeremonyFailure) -> AttemptEnd:
    """How a ceremony ended that the browser did not finish."""
    return AttemptEnd.GIVEN_UP if failure in _GIVEN_UP else AttemptEnd.FAILED
