"""Devices in words a person uses."""

import re

import pytest

from domain.rollouts.slices import Platform
from providers import authenticators
from providers.authenticators import provider_name
from providers.platforms import platform_name, software_of
from providers.qr import qr_svg

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {SAFARI}", "iPhone"),
        (f"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) {SAFARI}", "iPad"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI}", "Mac"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "Windows PC"),
        (f"Mozilla/5.0 (Linux; Android 10; K) Mobile {CHROME}", "Android phone"),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X906C) {CHROME}", "Android device"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chromebook"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME}", "Linux computer"),
        ("curl/8", "Device"),
        ("", "Device"),
        ("x" * 100_000, "Device"),
    ],
)
def test_a_user_agent_tells_the_kind_of_device(agent: str, name: str) -> None:
    assert platform_name(agent) == name


def test_well_known_providers_have_names() -> None:
    assert provider_name("EA9B8D66-4D01-1D21-3CE4-B6B48CB575D4") == "Google Password Manager"
    assert provider_name("00000000-0000-0000-0000-000000000000") is None
    for aaguid in authenticators._NAMES:
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", aaguid)


def test_a_qr_code_is_plain_svg() -> None:
    svg = qr_svg("https://accounts.example.test/device?token=" + "x" * 43)
    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert "style=" not in svg


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (f"{PHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari for iOS 18", (Platform.IOS, 18)),
        (f"{PHONE} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome for iOS 131", (Platform.IOS, 18)),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "Chrome 140", (Platform.WINDOWS, 10)),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chrome 140", (Platform.CHROMEOS, None)),
        ("MadeUp/7 (Toaster)", "", (None, None)),
        ("", "", (None, None)),
    ],
)
def test_a_user_agent_tells_family_and_major_version(
    agent: str, browser: str, system: tuple[Platform | None, int | None]
) -> None:
    software = software_of(agent)
    assert software.browser_name == browser
    assert (software.system, software.system_major) == system
