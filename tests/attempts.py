"""Prompts, ceremonies and sign-ins that are made up, for figures and guardrails to find."""

from datetime import datetime
from random import Random

from domain.attempts import AttemptEnd, AttemptKind, Occasion, Scene
from domain.facts import Method
from domain.rollouts.slices import Platform
from domain.software import BrowserFamily, Software
from store import Session
from store.people import attempts

CHROME = Software(
    browser=BrowserFamily.CHROME_ANDROID, browser_major=131, system=Platform.ANDROID, system_major=10
)
SAFARI = Software(browser=BrowserFamily.SAFARI_IOS, browser_major=18, system=Platform.IOS, system_major=18)
EDGE = Software(browser=BrowserFamily.EDGE, browser_major=131, system=Platform.WINDOWS, system_major=10)
PROVIDERS = {CHROME: "Google Password Manager", SAFARI: "Apple Passwords", EDGE: "Windows Hello"}


def try_ceremony(
    session: Session,
    account_id: str | None,
    software: Software,
    end: AttemptEnd,
    *,
    at: datetime,
    kind: AttemptKind = AttemptKind.REGISTRATION,
    occasion: Occasion = Occasion.SET_UP,
    reason: str = "",
    milliseconds: int | None = None,
) -> None:
    """A ceremony with its end."""
    scene = Scene(occasion=occasion, software=software)
    provider = PROVIDERS[software] if end is AttemptEnd.SUCCEEDED else ""
    attempts.add(
        session,
        scene,
        kind,
        end,
        at=at,
        account_id=account_id,
        reason=reason,
        provider=provider,
        milliseconds=milliseconds,
    )


def sign_in(
    session: Session,
    account_id: str,
    software: Software,
    method: Method,
    *,
    at: datetime,
    holds_passkey: bool = True,
    reason: str = "",
) -> None:
    """A sign-in at the door, by default of somebody who has a passkey."""
    by_passkey = method is Method.PASSKEY
    attempts.add(
        session,
        Scene(occasion=Occasion.DOOR, software=software),
        AttemptKind.AUTHENTICATION if by_passkey else AttemptKind.SIGN_IN,
        AttemptEnd.SUCCEEDED,
        at=at,
        account_id=account_id,
        reason=reason,
        method=method,
        holds_passkey=holds_passkey,
        provider=PROVIDERS[software] if holds_passkey else "",
        milliseconds=4200 if by_passkey else 21000,
    )


def try_at_random(session: Session, account_id: str, *, at: datetime, dice: Random) -> None:
    """What somebody in a town did one day: a ceremony that may fail, and a sign-in that may be by code."""
    software = dice.choice([CHROME, SAFARI, EDGE])
    end, reason = dice.choices(
        [
            (AttemptEnd.SUCCEEDED, ""),
            (AttemptEnd.GIVEN_UP, "NotAllowedError"),
            (AttemptEnd.FAILED, "UnknownError"),
        ],
        weights=(8, 2, 1),
    )[0]
    kind = dice.choice([AttemptKind.REGISTRATION, AttemptKind.AUTHENTICATION])
    milliseconds = dice.randint(1500, 9000)
    try_ceremony(
        session, account_id, software, end, at=at, kind=kind, reason=reason, milliseconds=milliseconds
    )
    method = dice.choices([Method.PASSKEY, Method.SMS], weights=(4, 1))[0]
    why = dice.choice(["", "not_here", "did_not_work"]) if method is Method.SMS else ""
    sign_in(session, account_id, software, method, at=at, reason=why)
