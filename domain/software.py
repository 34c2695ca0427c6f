"""The browser and system of a visit by family and major version, and what the browser says it can do.

That is as much as tells which software breaks passkeys, and it tells nobody from anybody else.
"""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from domain.rollouts.slices import Platform


class BrowserFamily(StrEnum):
    """The browsers that are told apart. On phones, browsers of one name make passkeys in other ways."""

    CHROME = "Chrome"
    CHROME_ANDROID = "Chrome for Android"
    CHROME_IOS = "Chrome for iOS"
    WEBVIEW = "Android WebView"
    SAFARI = "Safari"
    SAFARI_IOS = "Safari for iOS"
    APP_IOS = "App on iOS"
    FIREFOX = "Firefox"
    FIREFOX_ANDROID = "Firefox for Android"
    FIREFOX_IOS = "Firefox for iOS"
    EDGE = "Edge"
    EDGE_PHONE = "Edge for phones"
    SAMSUNG = "Samsung Internet"
    OPERA = "Opera"
    OPERA_PHONE = "Opera for phones"
    DUCKDUCKGO = "DuckDuckGo"
    FACEBOOK = "Facebook's app"
    INSTAGRAM = "Instagram's app"
    OTHER = "Other"


@dataclass(frozen=True, kw_only=True)
class Software:
    """A browser and the system below it. What is not known is `OTHER` or None."""

    browser: BrowserFamily = BrowserFamily.OTHER
    browser_major: int | None = None
    system: Platform | None = None
    system_major: int | None = None

    @property
    def browser_name(self) -> str:
        """The family with its major version, such as "Chrome 131"; empty if the browser is not known."""
        return browser_label(self.browser, self.browser_major)


UNKNOWN_SOFTWARE = Software()


def browser_label(browser: str, major: int | None) -> str:
    """What a browser is called in lists; empty for a family that is not told apart."""
    if browser in ("", BrowserFamily.OTHER):
        return ""
    return browser if major is None else f"{browser} {major}"


def major(version: str | None) -> int | None:
    """A major version of up to three digits; None of anything else, such as the build numbers of some systems."""
    return int(version) if version and re.fullmatch(r"[0-9]{1,3}", version, re.ASCII) else None


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a browser answers when it is asked what it can do (WebAuthn Level 3, 5.1.7); None if it does not say.

    `platform_authenticator`: the device verifies its owner by itself. `conditional_get`: passkeys are offered in a
    field. `conditional_create`: one is made on the way. `hybrid`: a phone nearby can be asked.
    """

    platform_authenticator: bool | None = None
    conditional_get: bool | None = None
    conditional_create: bool | None = None
    hybrid: bool | None = None


UNASKED = Capabilities()

_ANSWER = re.compile(r"([a-z_]{1,30})=\?([01])", re.ASCII)
_LONGEST = 200


def read_capabilities(header: str) -> Capabilities:
    """What the pages' scripts send, as a dictionary of booleans (RFC 8941): `hybrid=?1, conditional_get=?0`."""
    names = asdict(UNASKED)
    answers = {name: digit == "1" for name, digit in _ANSWER.findall(header[:_LONGEST]) if name in names}
    return Capabilities(**answers)
