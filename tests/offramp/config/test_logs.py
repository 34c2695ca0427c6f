"""Logs: JSON for machines, lines for people, tracebacks without anybody's data."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from offramp.config import logs
from offramp.config.settings import LogFormat
from store.engine.absences import Absence, DatabaseAway


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_machines_get_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogFormat.JSON)
    structlog.get_logger().info("sms_suspended", account_id="a-1")
    logging.getLogger("somebody.else").warning("careful")
    own, foreign = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (own["event"], own["account_id"], own["level"]) == ("sms_suspended", "a-1", "info")
    assert own["at"].endswith("Z")
    assert foreign["event"] == "careful"


@pytest.mark.parametrize("log_format", LogFormat)
def test_a_traceback_shows_no_local_variables(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    logs.configure(log_format)
    try:
        _fail(phone=PHONE)
    except ValueError:
        structlog.get_logger().exception("failed")
    said = capsys.readouterr().out
    assert "no such luck" in said
    assert "12345602" not in said


PHONE = "+4915112345602"


@pytest.mark.parametrize("log_format", LogFormat)
def test_an_error_of_another_library_that_repeats_a_contact_does_not_bring_it_into_the_log(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    logs.configure(log_format)
    try:
        raise ValueError(f"{PHONE} is no number of ada@example.org") from OSError(
            f"GET /Lookups/%2B{PHONE[1:]}"
        )
    except ValueError:
        structlog.get_logger().exception("failed", times=3, of=["ada@example.org"])
        logging.getLogger("twilio").warning("to %s", PHONE)
    said = capsys.readouterr().out
    assert "is no number of" in said
    assert PHONE[1:] not in said
    assert "ada@example.org" not in said


def _fail(phone: str) -> None:
    if phone:
        raise ValueError("no such luck")


def test_requests_are_not_logged_because_their_links_hold_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogFormat.CONSOLE)
    logging.getLogger("uvicorn.access").info("GET /verify-email?token=secret")
    assert capsys.readouterr().out == ""


def test_a_reader_that_has_gone_away_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

        def isatty(self) -> bool:
            return False

    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", Gone())
        patched.setattr("sys.stderr", Gone())
        logs.configure(LogFormat.CONSOLE)
        structlog.get_logger().info("still_here")


def test_that_the_database_is_away_is_no_news_from_a_library(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogFormat.JSON)
    for error in (DatabaseAway(Absence.AWAY), ValueError("no such luck")):
        try:
            raise error
        except Exception:
            logging.getLogger("temporalio.activity").warning("Completing activity as failed", exc_info=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert "no such luck" in line
