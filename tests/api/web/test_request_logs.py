"""Each request has an id and a line in the log, which holds its route and nothing that could open a door."""

from collections.abc import Iterator

import pytest
import structlog
from starlette.testclient import TestClient
from structlog.testing import LogCapture

from api.web.request_logs import RequestLogs
from services import request_notes
from tests.api.host.keys import key_for
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


def test_a_question_of_a_hosts_login_only_looks_and_its_answer_changes_something(
    world: World, browser: Browser
) -> None:
    headers = {"authorization": f"Bearer {key_for(world)}"}
    capture = captured()
    asked = browser.client.post(
        "/v1/prompts", json={"external_id": world.account().external_id}, headers=headers
    )
    path = f"/v1/prompts/{asked.json()['prompt_id']}/answer"
    browser.client.post(path, json={"answer": "seen"}, headers=headers)
    lines = [entry for entry in capture.entries if entry["event"] == "answered"]
    assert [(line["log_level"], line["route"], line["status"]) for line in lines] == [
        ("debug", "/prompts", 200),
        ("info", "/prompts/{prompt_id}/answer", 204),
    ]


def test_all_lines_of_a_request_have_its_id_and_the_next_one_has_another(
    world: World, browser: Browser
) -> None:
    account = world.account()
    capture = captured()
    first = browser.ask_for_code(account.phone)
    second = browser.ask_for_code(account.phone)
    third = browser.sign_in_by_code(account)
    ids = [entry["request_id"] for entry in capture.entries if "request_id" in entry]
    assert {first.headers["x-request-id"], second.headers["x-request-id"]} < set(ids)
    assert len(set(ids)) == 4
    entry = next(entry for entry in capture.entries if entry["event"] == "signed_in")
    assert entry["request_id"] == third.headers["x-request-id"]


def test_no_line_of_a_request_at_the_door_tells_whether_there_is_an_account(
    world: World, browser: Browser
) -> None:
    contacts = (world.account().phone, "+4915199999999")
    lines = []
    for contact in contacts:
        capture = captured()
        browser.ask_for_code(contact)
        lines.append([entry["event"] for entry in capture.entries if "request_id" in entry])
    assert lines[0] == lines[1]


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
