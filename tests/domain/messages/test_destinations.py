"""Where messages lead: to our own pages, or to those of a host that has its own, with the step."""

import pytest

from domain.facts import Milestone
from domain.messages.destinations import Destinations, with_step
from domain.messages.messages import Template

OURS = Destinations(origin="https://accounts.example")
HOSTS = Destinations(
    origin="https://accounts.example",
    setup_url="https://www.example.com/safer?from=mail",
    account_url="https://www.example.com/me",
)


@pytest.mark.parametrize(
    ("path", "template", "ours", "hosts"),
    [
        ("", Template.NUDGE_PASSKEY_ENROLLED, "/setup", "/safer?from=mail&step=passkey_enrolled"),
        ("/sign-in", Template.NUDGE_PASSKEY_PROVEN, "/sign-in", "/safer?from=mail&step=passkey_proven"),
        ("/account", Template.PASSKEY_BOUND, "/account", "/me"),
        ("/sign-in", Template.SMS_ASKED_FOR, "/sign-in", "/safer?from=mail"),
    ],
)
def test_each_page_has_one_at_the_host(path: str, template: Template, ours: str, hosts: str) -> None:
    assert OURS.of(path, template) == f"https://accounts.example{ours}"
    assert HOSTS.of(path, template) == f"https://www.example.com{hosts}"


def test_the_console_is_always_ours() -> None:
    assert HOSTS.of("/console", Template.GUARDRAIL_FAILED) == "https://accounts.example/console"


def test_a_step_comes_before_the_fragment() -> None:
    assert with_step("https://a.example/x#top", Milestone.EMAIL_VERIFIED) == (
        "https://a.example/x?step=email_verified#top"
    )
