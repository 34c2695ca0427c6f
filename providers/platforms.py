"""What kind of device a browser runs on, read from its User-Agent by ua-parser, in words a person uses."""

import ua_parser

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
