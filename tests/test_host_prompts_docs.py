"""The page about the decision at sign-in says what the code says, and its pattern for a login lets nobody wait."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domain.prompts import CannotReason, PromptAnswer
from tests.named_tests import ROOT
from tests.test_docs import rows

PAGE = "host-prompts.md"
STEP = {"show": "step", "step": "passkey_enrolled"}
NOTHING = {"show": "nothing"}
Act = Callable[[BaseHTTPRequestHandler, threading.Event], None]


def test_every_answer_and_every_reason_is_documented() -> None:
    assert {*rows(PAGE, "answer")} == {*PromptAnswer}
    assert [name for name in rows(PAGE, "reason") if name in [*CannotReason]] == [*CannotReason]


@contextmanager
def offramp(act: Act) -> Iterator[tuple[str, list[Any]]]:
    """A server in Offramp's place that acts so on every request; what it was asked."""
    over, asked = threading.Event(), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.path, self.headers["authorization"], json.loads(body)))
            act(self, over)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def pattern(monkeypatch: pytest.MonkeyPatch, url: str) -> Callable[[str], dict[str, Any]]:
    """The page's own function, which asks this address."""
    text = (ROOT / "docs" / PAGE).read_text()
    [snippet] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.setenv("ACCOUNTS_URL", url)
    monkeypatch.setenv("ACCOUNTS_KEY", "ofr_key")
    names: dict[str, Any] = {}
    exec(compile(snippet, PAGE, "exec"), names)
    prompt_for: Callable[[str], dict[str, Any]] = names["prompt_for"]
    return prompt_for


def says(text: str, status: int = 200) -> Act:
    def act(handler: BaseHTTPRequestHandler, _over: threading.Event) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return act


def hangs(_handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    over.wait(10)


def drips(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """One blank a moment: each wait is short, and there is no end to them."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    while not over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def test_the_pattern_shows_what_offramp_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with offramp(says(json.dumps(STEP))) as (url, asked):
        assert pattern(monkeypatch, url)("user-4711") == STEP
    assert asked == [("/v1/prompts", "Bearer ofr_key", {"external_id": "user-4711"})]


@pytest.mark.parametrize(
    "act",
    [hangs, drips, says("broken", 500), says('{"reason": "throttled"}', 429), says("no JSON")],
    ids=["hangs", "drips", "broken", "throttled", "no JSON"],
)
def test_the_pattern_shows_nothing_when_offramp_fails_and_lets_nobody_wait(
    monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    with offramp(act) as (url, asked):
        prompt_for = pattern(monkeypatch, url)
        began_at = time.monotonic()
        assert prompt_for("user-4711") == NOTHING
        assert time.monotonic() - began_at < 2  # a drip without an end would take fifty seconds
    assert asked


def test_the_pattern_shows_nothing_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with offramp(hangs) as (url, _):
        pass
    assert pattern(monkeypatch, url)("user-4711") == NOTHING
