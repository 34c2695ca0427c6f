"""A crowd plays with nothing but a development instance on this machine, and says what to do instead."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from offramp.config.settings import Settings
from offramp.crowd.addresses import Address, Addresses
from tests.offramp.conftest import Run

PRODUCTION = {
    "MODE": "production",
    "TRUSTED_PROXIES": "1",
    "ORIGIN": "https://login.example.com",
    "SECRET_KEY": "k" * 40,
    "MAILER": "smtp",
    "SMTP_URL": "smtp://mail.example.com",
    "FROM_EMAIL": "service@example.com",
    "TEXTER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+12025550100",
}


ORCHESTRATED = {
    "CEREMONIES": "orchestrated",
    "HOST_SETUP_URL": "https://www.example.com/safer",
    "HOST_ACCOUNT_URL": "https://www.example.com/me",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (PRODUCTION, "a development instance only, and OFFRAMP_MODE is production"),
        (
            ORCHESTRATED,
            "on people's pages, and OFFRAMP_CEREMONIES is orchestrated",
        ),
        ({"ORIGIN": "https://login.example.com"}, "on this machine only, and OFFRAMP_ORIGIN is"),
        (
            {"MAILER": "smtp", "SMTP_URL": "smtp://127.0.0.1:1", "FROM_EMAIL": "service@example.com"},
            "must go nowhere; set OFFRAMP_MAILER=inbox",
        ),
    ],
)
def test_settings_of_anything_else_are_refused(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(f"OFFRAMP_{name}", value)
    ran = offramp("crowd", "--accounts", "1")
    assert ran.code == 2
    assert words in ran.err


def test_nobody_plays_where_nothing_runs(offramp: Run) -> None:
    ran = offramp("crowd")
    assert ran.code == 3
    assert "start `offramp up` first" in ran.err


def test_an_instance_that_shows_no_inbox_is_left_alone(offramp: Run, settings: Settings) -> None:
    with answering(settings.api_port, {"/readyz": "{}"}):
        ran = offramp("crowd")
    assert ran.code == 2
    assert "no development inbox" in ran.err


def test_an_instance_of_another_home_is_left_alone(offramp: Run, settings: Settings) -> None:
    inbox = '<article data-key="somebody:sign_in_code:1"></article>'
    with answering(settings.api_port, {"/readyz": "{}", "/dev/inbox": inbox}):
        ran = offramp("crowd")
    assert ran.code == 2
    assert "has another OFFRAMP_HOME" in ran.err


def test_an_instance_that_is_not_ready_is_waited_for_by_somebody_else(
    offramp: Run, settings: Settings
) -> None:
    with answering(settings.api_port, {"/dev/inbox": ""}):
        ran = offramp("crowd")
    assert ran.code == 3
    assert "is not ready" in ran.err


def test_customers_are_played_the_way_that_the_instance_goes_and_no_other(
    offramp: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {"/readyz": "{}", "/dev/inbox": ""}
    with answering(settings.api_port, pages):
        ran = offramp("crowd", "--host", "http://localhost:1")
    assert ran.code == 2
    assert "OFFRAMP_CEREMONIES is hosted here, and not for the instance" in ran.err
    for name, value in ORCHESTRATED.items():
        monkeypatch.setenv(f"OFFRAMP_{name}", value)
    with answering(settings.api_port, pages | {"/sign-in": "Sign in"}):
        ran = offramp("crowd", "--host", "http://localhost:1")
    assert ran.code == 2
    assert "OFFRAMP_CEREMONIES is orchestrated here, and not for the instance" in ran.err
    with answering(settings.api_port, pages):
        ran = offramp("crowd", "--host", "http://localhost:1")
    assert ran.code == 3
    assert "start the sample host first" in ran.err


def test_a_policy_that_is_none_is_wrong_usage(offramp: Run) -> None:
    assert offramp("crowd", "--policy", "rash").code == 2


def test_every_browser_has_an_address_of_its_own(settings: Settings) -> None:
    addresses = Addresses(settings)
    given = [addresses.next() for _ in range(20_000)]
    assert len(set(given)) == len(given)
    assert all((address.source or "").startswith("127.") for address in given)


def test_behind_proxies_the_address_is_where_they_put_it(settings: Settings) -> None:
    addresses = Addresses(settings.model_copy(update={"trusted_proxies": 2}))
    assert addresses.next() == Address(headers=(("x-forwarded-for", "10.70.0.2, 10.0.0.1"),))


@contextmanager
def answering(port: int, pages: dict[str, str]) -> Iterator[None]:
    """A server that is not Offramp; it has these pages."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path)
            self.send_response(404 if text is None else 200)
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, its name above
            """Nobody reads along."""

    with ThreadingHTTPServer(("127.0.0.1", port), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
