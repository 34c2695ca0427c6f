"""Slices of the people whom a guardrail measures: a rate that is fine for all may be bad in one country."""

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """By what a guardrail's people can be told apart."""

    WAVE = "wave"
    COUNTRY = "country"
    PLATFORM = "platform"
    BROWSER = "browser"
    PROVIDER = "provider"


class Platform(StrEnum):
    """The kind of device on which somebody saw the prompt, or made a passkey."""

    IOS = "ios"
    ANDROID = "android"
    WINDOWS = "windows"
    MACOS = "macos"
    CHROMEOS = "chromeos"
    LINUX = "linux"


MOST_BROWSERS = 40
"""How many browsers of a cohort's people are judged: those with which the most of them saw the prompt."""

MOST_PROVIDERS = 30
"""How many providers of passkeys have names."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The people of one wave (its number, counted from 1), one country (ISO 3166), one platform, one browser (family
    and major version, such as "Chrome 131"), or one provider that keeps passkeys.
    """

    by: Dimension
    value: str

    def __str__(self) -> str:
        return f"{self.by} {self.value}"


_BY_DEVICE = {
    "iPhone": Platform.IOS,
    "iPad": Platform.IOS,
    "iPod": Platform.IOS,
    "Android phone": Platform.ANDROID,
    "Android device": Platform.ANDROID,
    "Android": Platform.ANDROID,
    "Windows PC": Platform.WINDOWS,
    "Mac": Platform.MACOS,
    "Chromebook": Platform.CHROMEOS,
    "Linux computer": Platform.LINUX,
}


def platform_of(device: str | None) -> Platform | None:
    """The platform of a device, by the word that the journal has for it; None if the device tells of none."""
    return _BY_DEVICE.get(device or "")
