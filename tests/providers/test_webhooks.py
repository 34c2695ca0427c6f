"""Events are signed as the standard says, go to public addresses only, and no answer is waited for or read for long."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.host.webhooks import Hook, NotTaken, new_webhook_secret
from providers.webhooks import WebhookCourier, is_public
from tests.providers.standins.certificates import own_certificate
from tests.receiver import Receiver

SHORT = timedelta(seconds=0.3)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


def hook(url: str, *secrets: str, body: str = '{"type":"passkey_bound"}') -> Hook:
    now = datetime.now(UTC)
    return Hook(url=url, webhook_id="evt_1", at=now, body=body, secrets=secrets or (new_webhook_secret(),))


def leads_to(*addresses: str) -> Any:
    """A look-up by which every name leads to these addresses."""

    def look_up(_host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up


def test_an_event_is_verified_by_the_standards_own_library(receiver: Receiver) -> None:
    secret = new_webhook_secret()
    body = '{"type":"passkey_bound","data":{"external_id":"Zoë"}}'
    assert WebhookCourier(allows_private=True).bring(hook(receiver.url, secret, body=body)) == 204
    (arrival,) = receiver.arrivals
    assert Webhook(secret).verify(arrival.body, arrival.headers)["data"] == {"external_id": "Zoë"}
    assert arrival.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_webhook_secret()).verify(arrival.body, arrival.headers)


def test_two_secrets_sign_while_one_takes_the_place_of_the_other(receiver: Receiver) -> None:
    new, former = new_webhook_secret(), new_webhook_secret()
    WebhookCourier(allows_private=True).bring(hook(receiver.url, new, former))
    (arrival,) = receiver.arrivals
    assert Webhook(new).verify(arrival.body, arrival.headers)
    assert Webhook(former).verify(arrival.body, arrival.headers)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1", "64:ff9b:1::a00:1", "192.0.0.192"),
        *("64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::1", "2001:0:a00:1::1"),
    ],
)
def test_addresses_that_are_not_of_the_public_internet_are_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    courier = WebhookCourier(look_up=leads_to(address))
    assert courier.objection("https://inside.example/") == "private_address"
    with pytest.raises(NotTaken, match="private_address"):
        courier.bring(hook("https://inside.example/"))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_public_internet_are_not(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    assert WebhookCourier(look_up=leads_to(address)).objection("https://outside.example/") == ""


def test_one_private_address_among_public_ones_is_enough_to_refuse_a_name() -> None:
    courier = WebhookCourier(look_up=leads_to("8.8.8.8", "10.0.0.1"))
    assert courier.objection("https://both.example/") == "private_address"


@pytest.mark.parametrize(
    "url", ["https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://localhost/"]
)
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    assert WebhookCourier().objection(url) == "private_address"


def test_events_go_out_by_https_alone(receiver: Receiver) -> None:
    with pytest.raises(NotTaken, match="not_https"):
        WebhookCourier().bring(hook(receiver.url))
    assert receiver.arrivals == []


def test_the_connection_goes_to_the_address_that_was_checked(tmp_path: Path) -> None:
    server, trusted = own_certificate(tmp_path)
    names: list[str] = []
    server.sni_callback = lambda _socket, name, _context: names.append(str(name))
    with Receiver(tls=server) as receiver:
        tls = ssl.create_default_context(cafile=str(trusted))
        courier = WebhookCourier(allows_private=True, tls=tls, look_up=leads_to("127.0.0.1"))
        with pytest.raises(NotTaken, match="bad_certificate"):  # it is one of 127.0.0.1, and not of this name
            courier.bring(hook(f"https://receiver.example:{receiver.port}/"))
        assert names == ["receiver.example"]
        assert receiver.arrivals == []
        assert courier.bring(hook(receiver.url)) == 204


def test_the_receiver_is_asked_by_its_own_name(receiver: Receiver) -> None:
    courier = WebhookCourier(allows_private=True, look_up=leads_to("127.0.0.1"))
    courier.bring(hook(f"http://receiver.example:{receiver.port}/a%20b?c=d"))
    assert receiver.arrivals[0].headers["host"] == f"receiver.example:{receiver.port}"


def test_an_address_that_does_not_answer_is_passed_over_for_the_next(receiver: Receiver) -> None:
    courier = WebhookCourier(allows_private=True, look_up=leads_to("127.0.0.2", "127.0.0.1"))
    assert courier.bring(hook(f"http://receiver.example:{receiver.port}/")) == 204


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, _ = own_certificate(tmp_path)
    with Receiver(tls=server) as receiver, pytest.raises(NotTaken, match="bad_certificate"):
        WebhookCourier(allows_private=True).bring(hook(receiver.url))


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.answers, receiver.answer_headers = [307], {"location": receiver.url}
    with pytest.raises(NotTaken, match="redirected"):
        WebhookCourier(allows_private=True).bring(hook(receiver.url))
    assert len(receiver.arrivals) == 1


def test_a_receiver_that_does_not_answer_in_time_has_not_taken_it(receiver: Receiver) -> None:
    answered = threading.Event()
    receiver.before_answer = lambda _: answered.wait(30)
    with pytest.raises(NotTaken, match="timed_out"):
        WebhookCourier(allows_private=True, patience=SHORT).bring(hook(receiver.url))
    answered.set()


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for() -> None:
    """Each byte comes in time, and the answer as a whole does not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        courier = WebhookCourier(allows_private=True, patience=SHORT)
        with pytest.raises(NotTaken, match="timed_out"):
            courier.bring(hook(f"http://127.0.0.1:{server.getsockname()[1]}/"))


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        pause = threading.Event()
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not pause.wait(SHORT.total_seconds() / 5):
                connection.sendall(b"x")
        except OSError:  # the courier has gone
            return


def test_an_endless_answer_is_not_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_pour, args=(server,), daemon=True).start()
        courier = WebhookCourier(allows_private=True)
        assert courier.bring(hook(f"http://127.0.0.1:{server.getsockname()[1]}/")) == 200


def _pour(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        try:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:  # the courier has gone
            return


def test_what_a_receiver_asks_for_is_heard(receiver: Receiver) -> None:
    receiver.answers, receiver.answer_headers = [503], {"retry-after": "120"}
    with pytest.raises(NotTaken) as refusal:
        WebhookCourier(allows_private=True).bring(hook(receiver.url))
    assert (refusal.value.reason, refusal.value.retry_after) == ("status_503", timedelta(seconds=120))
    assert not refusal.value.is_gone


def test_gone_is_gone(receiver: Receiver) -> None:
    receiver.answers = [410]
    with pytest.raises(NotTaken) as refusal:
        WebhookCourier(allows_private=True).bring(hook(receiver.url))
    assert refusal.value.is_gone


def test_nobody_at_the_address(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotTaken, match="not_connected"):
        WebhookCourier(allows_private=True).bring(hook(f"http://127.0.0.1:{port}/"))


def test_a_name_that_leads_nowhere_today_may_be_subscribed_and_is_tried_again() -> None:
    courier = WebhookCourier()
    assert courier.objection("https://nowhere.invalid/") == ""
    with pytest.raises(NotTaken, match="unknown_name"):
        courier.bring(hook("https://nowhere.invalid/"))


def test_secrets_are_shown_nowhere() -> None:
    secret = new_webhook_secret()
    assert secret not in repr(hook("https://a.example/", secret))
