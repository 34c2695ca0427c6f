"""Sign-ons: a host sends a person here by OpenID Connect, for the set-up or a sign-in, and gets them back.

What a request must be (OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 9207), when it is met, and what it is told.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.codes import same
from domain.errors import Refused
from domain.facts import Method

SIGN_ON_LIFETIME = timedelta(hours=12)
"""How long a person has for the way back: as long as a session lasts."""

CODE_LIFETIME = timedelta(seconds=60)
"""How long a host has for exchanging the code that its page was given."""

TOKEN_LIFETIME = timedelta(minutes=5)
"""How long an ID token, and the access token that comes with it, is good."""

LONGEST_PARAMETER = 2048
"""Characters that a parameter may have; hint tokens are the longest."""

SCOPE = "openid"
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class Wish(StrEnum):
    """What a host sends a person for; the value is the `acr_values` of its request."""

    SET_UP = "urn:offramp:setup"
    PASSKEY = "urn:offramp:passkey"


OTHERWISE = "urn:offramp:other"
"""The `acr` of a sign-in by anything but a passkey."""


class SignOnAnswer(StrEnum):
    """How a person came back: all that can be done now is done, put off, refused for now, or signed in as wished."""

    DONE = "done"
    LATER = "later"
    CANNOT = "cannot"
    SIGNED_IN = "signed_in"


class Turn(StrEnum):
    """Where a person with an open sign-on goes next."""

    SIGN_IN = "sign_in"
    SET_UP = "set_up"
    BACK = "back"


class NoWayBack(Refused):
    """A request whose client or redirect URI is not registered: nobody may be sent there, not even with an error."""


class SignOnRefused(Refused):
    """A request that its client is told of: `error` is a code of RFC 6749 or OpenID Connect, the message says why."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, kw_only=True)
class SignOnRequest:
    """An authorization request that is as it must be.

    `is_silent`: no page may be shown. `not_before`: the person must have shown who they are since then.
    """

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    wish: Wish
    is_silent: bool
    not_before: datetime | None
    login_hint: str
    login_hint_token: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How and when the person of a session has shown who they are. `is_expected`: it is the person who was announced.

    `has_passkeys`: the account has a passkey that could be asked for.
    """

    method: Method
    at: datetime
    is_expected: bool
    has_passkeys: bool


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; an empty value counts as none. Raises SignOnRefused if one comes twice or is too long."""
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise SignOnRefused("invalid_request", f"{name} comes twice")
        if len(value) > LONGEST_PARAMETER:
            raise SignOnRefused("invalid_request", f"{name} is too long")
        values[name] = value
    return {name: value for name, value in values.items() if value}


def read_request(values: Mapping[str, str], *, now: datetime) -> SignOnRequest:
    """Check an authorization request whose client and redirect URI are known. Raises SignOnRefused."""
    if "request" in values or "request_uri" in values:
        named = "request" if "request" in values else "request_uri"
        raise SignOnRefused(f"{named}_not_supported", f"{named} is not supported")
    if values.get("response_type") != "code":
        raise SignOnRefused("unsupported_response_type", "response_type has to be code")
    if values.get("response_mode", "query") != "query":
        raise SignOnRefused("invalid_request", "response_mode has to be query")
    if SCOPE not in values.get("scope", "").split():
        raise SignOnRefused("invalid_scope", "scope has to contain openid")
    _require_challenge(values)
    prompts = _prompts(values.get("prompt", ""))
    return SignOnRequest(
        client_id=values["client_id"],
        redirect_uri=values["redirect_uri"],
        state=values.get("state", ""),
        nonce=values.get("nonce", ""),
        code_challenge=values["code_challenge"],
        wish=_wish(values.get("acr_values", "")),
        is_silent="none" in prompts,
        not_before=_not_before(values.get("max_age"), prompts, now),
        login_hint=values.get("login_hint", ""),
        login_hint_token=values.get("login_hint_token", ""),
    )


def is_verified_by(verifier: str, code_challenge: str) -> bool:
    """Whether a verifier is that of a challenge (RFC 7636, S256)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    hashed = hashlib.sha256(verifier.encode()).digest()
    return same(base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(), code_challenge)


def is_enough(wish: Wish, shown: Shown, *, not_before: datetime | None, began_at: datetime) -> bool:
    """Whether a session meets a request, without another sign-in.

    Whoever is to sign in by a passkey, has one, and comes with a session of before that was opened otherwise, is asked
    once. However they then sign in, they go back, and the host learns how it was.
    """
    if not shown.is_expected or (not_before is not None and shown.at < not_before):
        return False
    is_by_passkey = shown.method is Method.PASSKEY or not shown.has_passkeys
    return wish is Wish.SET_UP or is_by_passkey or shown.at >= began_at


def turn(wish: Wish, *, is_enough: bool, has_next_step: bool) -> Turn:
    """Where a person goes next."""
    if not is_enough:
        return Turn.SIGN_IN
    return Turn.SET_UP if wish is Wish.SET_UP and has_next_step else Turn.BACK


def answer_of(wish: Wish, *, has_next_step: bool) -> SignOnAnswer:
    """What somebody who goes back without a word has come to."""
    if wish is Wish.PASSKEY:
        return SignOnAnswer.SIGNED_IN
    return SignOnAnswer.LATER if has_next_step else SignOnAnswer.DONE


def amr_of(method: Method, *, is_synced: bool) -> tuple[str, ...]:
    """How somebody signed in here, as RFC 8176 names it. Every passkey is asked to verify its owner."""
    match method:
        case Method.PASSKEY:
            return ("swk" if is_synced else "hwk", "user", "mfa")
        case Method.SMS:
            return ("sms",)
        case Method.RECOVERY_CODE | Method.AUTHENTICATOR_APP:
            return ("otp",)
        case Method.SMS_AFTER_END | Method.DEVICE_LINK | Method.RESCUE | Method.RECOVERY | Method.HOST:
            return ()


def acr_of(method: Method) -> str:
    """The `acr` of a sign-in by a method."""
    return Wish.PASSKEY if method is Method.PASSKEY else OTHERWISE


def _require_challenge(values: Mapping[str, str]) -> None:
    if values.get("code_challenge_method") != "S256":
        raise SignOnRefused("invalid_request", "code_challenge_method has to be S256")
    if not _CHALLENGE.fullmatch(values.get("code_challenge", "")):
        raise SignOnRefused("invalid_request", "code_challenge has to have 43 characters")


def _prompts(prompt: str) -> frozenset[str]:
    prompts = frozenset(prompt.split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise SignOnRefused("invalid_request", "prompt has to be none, login, consent or select_account")
    return prompts


def _wish(acr_values: str) -> Wish:
    """The first value that means something; nobody has to meet the rest (OpenID Connect Core, 3.1.2.1)."""
    return next((Wish(value) for value in acr_values.split() if value in list(Wish)), Wish.PASSKEY)


def _not_before(max_age: str | None, prompts: frozenset[str], now: datetime) -> datetime | None:
    if prompts & {"login", "select_account"}:
        return now
    if max_age is None:
        return None
    if not (max_age.isascii() and max_age.isdigit() and len(max_age) <= 9):
        raise SignOnRefused("invalid_request", "max_age has to be a number of seconds")
    return now - timedelta(seconds=int(max_age))
