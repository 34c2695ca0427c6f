"""What a browser is and on what device it runs, read from its User-Agent by ua-parser."""

import ua_parser

from domain.rollouts.slices import Platform
from domain.software import BrowserFamily, Software, major

UNKNOWN = "Device"

_BY_SYSTEM = {
    "Android": "Android device",
    "Windows": "Windows PC",
    "Mac OS X": "Mac",
    "Chrome OS": "Chromebook",
    "Linux": "Linux computer",
    "Ubuntu": "Linux computer",
    "Fedora": "Linux computer",
}
_SYSTEMS = {
    "iOS": Platform.IOS,
    "Android": Platform.ANDROID,
    "Windows": Platform.WINDOWS,
    "Mac OS X": Platform.MACOS,
    "Chrome OS": Platform.CHROMEOS,
    "Linux": Platform.LINUX,
    "Ubuntu": Platform.LINUX,
    "Fedora": Platform.LINUX,
}
_FAMILIES = {
    "Chrome": BrowserFamily.CHROME,
    "HeadlessChrome": BrowserFamily.CHROME,
    "Chromium": BrowserFamily.CHROME,
    "Chrome Mobile": BrowserFamily.CHROME_ANDROID,
    "Chrome Mobile iOS": BrowserFamily.CHROME_IOS,
    "Chrome Mobile WebView": BrowserFamily.WEBVIEW,
    "Safari": BrowserFamily.SAFARI,
    "Mobile Safari": BrowserFamily.SAFARI_IOS,
    "Mobile Safari UI/WKWebView": BrowserFamily.APP_IOS,
    "Firefox": BrowserFamily.FIREFOX,
    "Firefox Mobile": BrowserFamily.FIREFOX_ANDROID,
    "Firefox iOS": BrowserFamily.FIREFOX_IOS,
    "Edge": BrowserFamily.EDGE,
    "Edge Mobile": BrowserFamily.EDGE_PHONE,
    "Samsung Internet": BrowserFamily.SAMSUNG,
    "Opera": BrowserFamily.OPERA,
    "Opera Mobile": BrowserFamily.OPERA_PHONE,
    "DuckDuckGo Mobile": BrowserFamily.DUCKDUCKGO,
    "DuckDuckGo": BrowserFamily.DUCKDUCKGO,
    "Facebook": BrowserFamily.FACEBOOK,
    "Instagram": BrowserFamily.INSTAGRAM,
}
"""The families by ua-parser's names. What is not here is not told apart, so a made-up name makes no new figure."""

_APPLE = ("iPhone", "iPad", "iPod")
_LONGEST = 1000


def read_patterns() -> None:
    """Read the patterns of all browsers, which takes a tenth of a second; else whoever asks for a name first waits."""
    ua_parser.parser  # noqa: B018 (made when it is first asked for)


def platform_name(user_agent: str) -> str:
    """The device in a word or two: "iPhone", "Android phone", "Windows PC"; "Device" if it is unknown.

    The name is of a kind of device and never of a model, so the journal may hold it.
    """
    agent = user_agent[:_LONGEST]
    result = ua_parser.parse(agent)
    device = result.device.family if result.device else ""
    if device in _APPLE:
        return device
    system = result.os.family if result.os else ""
    if system == "Android" and "Mobile" in agent:
        return "Android phone"
    return _BY_SYSTEM.get(system, UNKNOWN)


def software_of(user_agent: str) -> Software:
    """The browser and its system by family and major version.

    Browsers freeze parts of what they say: every Mac calls itself 10, every Windows 10, and Chrome's Android too.
    """
    result = ua_parser.parse(user_agent[:_LONGEST])
    browser, system = result.user_agent, result.os
    family = _FAMILIES.get(browser.family, BrowserFamily.OTHER) if browser else BrowserFamily.OTHER
    platform = _SYSTEMS.get(system.family) if system else None
    return Software(
        browser=family,
        browser_major=major(browser.major) if browser and family is not BrowserFamily.OTHER else None,
        system=platform,
        system_major=major(system.major) if system and platform else None,
    )
