"""The wire: what was certainly not taken is told from what may have been, for both providers alike."""

import json
import logging
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from domain.messages.messages import SEND_TIMEOUT
from domain.ports import NotHandedOver
from providers.wire import MOST_AT_ONCE, PATIENCE, LostAnswer, retry_after
from tests.providers.letters import SOON, a_letter, a_text, sendgrid_at, twilio_at
from tests.providers.standins import StandIn
from tests.providers.standins.taken import read_records
from tests.providers.standins.troubles import CLOSE, DROP, HANG, status

Send = Callable[[str], str]


def by_sendgrid(url: str, key: str = "k", **options: Any) -> str:
    return sendgrid_at(url, **options).send(a_letter(key=key))


def by_twilio(url: str, key: str = "k", **options: Any) -> str:
    return twilio_at(url, **options).send(a_text(key=key))


@pytest.fixture(params=[by_sendgrid, by_twilio], ids=["sendgrid", "twilio"])
def send(request: pytest.FixtureRequest) -> Callable[..., str]:
    """One message by a provider: the address, and options of the account."""
    chosen: Callable[..., str] = request.param
    return chosen


@pytest.fixture
def deaf() -> Iterator[str]:
    """A server whose queue is full, so that connecting to it takes for ever."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_refused_connection_took_nothing(send: Callable[..., str]) -> None:
    with pytest.raises(NotHandedOver, match="not_reached: NewConnectionError") as trouble:
        send("http://127.0.0.1:1")
    assert trouble.value.is_outage


def test_a_host_that_nobody_knows_took_nothing(send: Callable[..., str]) -> None:
    with pytest.raises(NotHandedOver, match="not_reached: NameResolutionError"):
        send("http://nowhere.invalid")


def test_a_connection_that_takes_too_long_took_nothing(send: Callable[..., str], deaf: str) -> None:
    with pytest.raises(NotHandedOver, match="not_reached: ConnectTimeoutError"):
        send(deaf, patience=SOON)


def test_a_connection_that_is_not_secure_took_nothing(stand_in: StandIn, send: Callable[..., str]) -> None:
    with pytest.raises(NotHandedOver, match="not_reached: SSLError"):
        send(stand_in.url.replace("http:", "https:"))


@pytest.mark.parametrize(("trouble", "taken"), [(HANG, 0), (CLOSE, 0), (DROP, 1)])
def test_a_lost_answer_leaves_it_open(
    stand_in: StandIn, send: Callable[..., str], trouble: Any, taken: int
) -> None:
    stand_in.troubles.add(trouble)
    with pytest.raises(LostAnswer):
        send(stand_in.url, patience=SOON)
    assert len(stand_in.taken.all) == taken


def test_a_gateway_that_heard_nothing_leaves_it_open(stand_in: StandIn, send: Callable[..., str]) -> None:
    stand_in.troubles.add(status(504))
    with pytest.raises(LostAnswer, match="_504"):
        send(stand_in.url)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503])
def test_trouble_of_the_provider_took_nothing_and_concerns_all(
    stand_in: StandIn, send: Callable[..., str], code: int
) -> None:
    stand_in.troubles.add(status(code, retry_after="7"))
    with pytest.raises(NotHandedOver, match=f"_{code}$") as trouble:
        send(stand_in.url)
    assert (trouble.value.retry_after, trouble.value.is_outage) == (timedelta(seconds=7), True)
    send(stand_in.url)
    assert len(stand_in.taken.all) == 1


@pytest.mark.parametrize("code", [301, 307, 401, 402, 403, 404, 405])
def test_what_the_operator_has_to_mend_loses_nothing(
    stand_in: StandIn, send: Callable[..., str], code: int
) -> None:
    stand_in.troubles.add(status(code, location="http://127.0.0.1:1/elsewhere"))
    with pytest.raises(NotHandedOver, match=f"(credentials_refused|wrong_address)_{code}") as trouble:
        send(stand_in.url)
    assert trouble.value.is_outage


def test_wrong_credentials_wait_to_be_mended(stand_in: StandIn) -> None:
    with pytest.raises(NotHandedOver, match="sendgrid_credentials_refused_401"):
        by_sendgrid(stand_in.url, api_key="SG.other")
    with pytest.raises(NotHandedOver, match="twilio_configuration_refused_20003"):
        by_twilio(stand_in.url, auth_token="other")
    assert stand_in.taken.all == []


def test_a_connection_that_ended_while_it_was_idle_loses_no_message(stand_in: StandIn) -> None:
    mailer, texter = sendgrid_at(stand_in.url), twilio_at(stand_in.url)
    for number in range(3):
        mailer.send(a_letter(key=f"mail {number}"))
        texter.send(a_text(key=f"text {number}"))
        stand_in.hang_up()
    assert len(stand_in.taken.all) == 6


def test_an_answer_is_waited_for_less_long_than_a_hand_over_may_take() -> None:
    assert 2 * PATIENCE < SEND_TIMEOUT


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("999999999999999999999", timedelta(hours=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_when_to_come_back_is_read_with_care(said: str, meant: timedelta | None) -> None:
    assert retry_after({"retry-after": said}) == meant


def test_when_to_come_back_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    wait = retry_after({"retry-after": later})
    assert wait is not None
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)
    assert retry_after({"retry-after": "Fri, 01 Jan 2010 00:00:00 GMT"}) == timedelta(0)
    assert retry_after({}) is None


@pytest.mark.parametrize("provider", ["sendgrid", "twilio"])
def test_a_hundred_threads_share_one_provider_and_none_gets_anothers_answer(provider: str) -> None:
    with StandIn(barrier=threading.Barrier(MOST_AT_ONCE)) as stand_in:
        mailer, texter = sendgrid_at(stand_in.url), twilio_at(stand_in.url)

        def send(number: int) -> str:
            if provider == "sendgrid":
                return mailer.send(a_letter(key=f"k{number}"))
            return texter.send(a_text(key=f"k{number}"))

        with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
            ids = list(threads.map(send, range(3 * MOST_AT_ONCE)))
        assert stand_in.most_at_once == MOST_AT_ONCE
        assert len(set(ids)) == 3 * MOST_AT_ONCE
        assert set(stand_in.taken.keys().values()) == {1}


def test_nothing_of_a_person_is_logged(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    by_sendgrid(stand_in.url)
    by_twilio(stand_in.url)
    for secret in ("ann@", "4155550123", "passkey", "SG.", "a-token"):
        assert secret not in caplog.text


def test_a_stand_in_runs_as_a_process_and_its_record_outlives_it(tmp_path: Path) -> None:
    record = tmp_path / "taken.ndjson"
    command = [sys.executable, "-m", "tests.providers.standins", "--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            about = json.loads(process.stdout.readline())
            by_twilio(about["url"], key="kept")
            trouble = json.dumps({"status": 503, "headers": {"Retry-After": "1"}}).encode()
            urllib.request.urlopen(about["troubles"], data=trouble).close()
            with pytest.raises(NotHandedOver):
                by_sendgrid(about["url"])
        finally:
            process.kill()
    assert [taken.key for taken in read_records(record)] == ["kept"]
