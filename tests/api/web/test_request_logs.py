"""Each request has an id and a line in the log, which holds its route and nothing that could open a door."""

from collections.abc import Iterator

import pytest
import structlog
from starlette.testclient import TestClient
from structlog.testing import LogCapture

from api.web.request_logs import RequestLogs
from services import request_notes
from tests.api.world import Browser, World


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def browser(world: World) -> Browser:
    """A browser whose requests are logged."""
    browser = world.browser()
    app = RequestLogs(world.app())
    browser.client = TestClient(
        app, base_url=world.services.site.origin, headers=dict(browser.client.headers), follow_redirects=False
    )
    return browser


def captured() -> LogCapture:
    """What is logged from now on, with what is known of the request."""
    capture = LogCapture()

    def keep_known(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {**request_notes.about(), **event}

    structlog.configure(processors=[keep_known, capture])
    return capture


def test_a_line_says_route_status_and_whose_request_it_was(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    capture = captured()
    answer = browser.get("/account")
    browser.post("/setup/email", email=account.email or "")
    looked, *_, changed = [entry for entry in capture.entries if entry["event"] == "answered"]
    assert (looked["log_level"], looked["method"], looked["route"], looked["status"]) == (
        "debug",
        "GET",
        "/account",
        200,
    )
    assert looked["account_id"] == account.account_id
    assert looked["request_id"] == answer.headers["x-request-id"]
    assert (changed["log_level"], changed["route"]) == ("info", "/setup/email")


def test_all_lines_of_a_request_have_its_id_and_the_next_one_has_another(
    world: World, browser: Browser
) -> None:
    account = world.account()
    capture = captured()
    first = browser.ask_for_code(account.phone)
    second = browser.ask_for_code(account.phone)
    ids = [entry["request_id"] for entry in capture.entries]
    assert set(ids) == {first.headers["x-request-id"], second.headers["x-request-id"]}
    assert len(set(ids)) == 2
    entry = next(entry for entry in capture.entries if entry["event"] == "sign_in_code_asked")
    assert entry["request_id"] == first.headers["x-request-id"]


def test_nothing_of_a_path_or_a_form_is_logged(world: World, browser: Browser) -> None:
    account = world.account()
    capture = captured()
    browser.sign_in_by_code(account)
    code = world.code(account)
    browser.get("/verify-email?token=a-secret-token")
    browser.get("/nowhere/a-secret-path")
    assert browser.post("/not-me/a-secret-token").status_code >= 400
    said = str(capture.entries)
    for secret in ("a-secret-token", str(account.phone), str(account.email), code):
        assert secret not in said


def test_outside_of_a_request_there_is_nothing_to_say() -> None:
    request_notes.note(account_id="a-1")
    assert request_notes.about() == {}
