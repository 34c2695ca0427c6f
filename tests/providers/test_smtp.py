"""SMTP: what a mail server is given, and what its answers mean."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from domain.messages.messages import Fate
from domain.ports import NeverDeliverable, NotHandedOver
from providers.smtp import SmtpMailer, SmtpServer
from providers.wire import LostAnswer
from tests.clocks import START
from tests.providers.letters import SENDER, SOON, STOP, a_letter, a_reminder
from tests.providers.standins.certificates import own_certificate
from tests.providers.standins.smtp import DROP, HANG, PASSWORD, USER, MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that wants no login."""
    with mail_server() as started:
        yield started


def mailer(port: int, *, url: str = "smtp://127.0.0.1:{}", patience: timedelta = SOON * 10) -> SmtpMailer:
    return SmtpMailer(SmtpServer.at(url.format(port)), SENDER, lambda: START, patience=patience)


def test_an_e_mail_arrives_as_it_was_written(server: MailServer) -> None:
    message_id = mailer(server.port).send(a_letter())
    (email,) = server.taken
    assert server.recipients == ["ann@example.com"]
    assert (email["Subject"], email["To"]) == ("A new passkey", "ann@example.com")
    assert email["From"] == '"The Bakery, Inc." <hello@bakery.example>'
    assert (email["Message-ID"], email["X-Offramp-Message"]) == (message_id, "account:notice:1")
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["List-Unsubscribe"] is None
    text, html = email.iter_parts()
    assert text.get_content().splitlines() == ["You have a new passkey.", ".", "This wasn't you?"]
    assert html.get_content().strip() == "<p>You have a new passkey. Grüße</p>"


def test_the_same_letter_has_the_same_message_id(server: MailServer) -> None:
    ids = {mailer(server.port).send(a_letter(key=key)) for key in ("a", "a", "b")}
    assert len(ids) == 2


def test_reminders_end_with_one_click(server: MailServer) -> None:
    mailer(server.port).send(a_reminder())
    assert server.taken[0]["List-Unsubscribe"] == f"<{STOP}>"
    assert server.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_domain_in_another_script_is_sent_as_mail_servers_know_it(server: MailServer) -> None:
    mailer(server.port).send(a_letter(to="ann@bücher.example"))
    assert server.recipients == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize("to", ["änn@example.com", "ann", "", "@example.com", "ann@" + "a" * 70 + ".example"])
def test_an_address_that_no_mail_server_takes_is_to_blame(server: MailServer, to: str) -> None:
    with pytest.raises(NeverDeliverable, match="address_not_sendable") as refused:
        mailer(server.port).send(a_letter(to=to))
    assert refused.value.fate is Fate.UNDELIVERABLE


def test_a_subject_of_two_lines_is_not_sent(server: MailServer) -> None:
    with pytest.raises(NeverDeliverable, match="smtp_not_composed"):
        mailer(server.port).send(a_letter(subject="a\nBcc: b@example.com"))
    assert server.taken == []


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("550 5.1.1 ann@example.com is unknown", Fate.UNDELIVERABLE),
        ("551 gone", Fate.UNDELIVERABLE),
        ("553 no", Fate.UNDELIVERABLE),
        ("550 5.7.1 not you", Fate.BLOCKED),
        ("552 full", Fate.BLOCKED),
        ("554 no", Fate.BLOCKED),
    ],
)
def test_a_recipient_that_is_refused_for_good(server: MailServer, answer: str, fate: Fate) -> None:
    server.answer("rcpt", answer)
    with pytest.raises(NeverDeliverable) as refused:
        mailer(server.port).send(a_letter())
    assert (refused.value.fate, str(refused.value)) == (fate, f"smtp_{answer[:3]}")


@pytest.mark.parametrize(
    ("kind", "answer", "is_outage"),
    [
        ("mail", "451 later", True),
        ("mail", "550 who are you", True),
        ("mail", DROP, True),
        ("mail", HANG, True),
        ("rcpt", "450 busy", False),
        ("rcpt", "451 greylisted", False),
        ("rcpt", "421 closing", True),
        ("rcpt", "530 log in first", True),
        ("rcpt", DROP, True),
        ("data", "451 later", False),
        ("data", "421 closing", True),
        ("data", DROP, True),
        ("content", "451 later", False),
        ("content", "421 closing", True),
    ],
)
def test_what_was_certainly_not_taken(server: MailServer, kind: str, answer: str, is_outage: bool) -> None:
    server.answer(kind, answer)
    with pytest.raises(NotHandedOver) as trouble:
        mailer(server.port, patience=SOON).send(a_letter())
    assert trouble.value.is_outage is is_outage
    assert server.taken == []
    mailer(server.port).send(a_letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("kind", "answer"), [("content", "554 spam"), ("content", "550 no"), ("data", "554 no")]
)
def test_a_content_that_is_refused_for_good(server: MailServer, kind: str, answer: str) -> None:
    server.answer(kind, answer)
    with pytest.raises(NeverDeliverable) as refused:
        mailer(server.port).send(a_letter())
    assert refused.value.fate is Fate.BLOCKED


@pytest.mark.parametrize("answer", [HANG, DROP])
def test_a_lost_answer_leaves_it_open(server: MailServer, answer: str) -> None:
    server.answer("content", answer)
    with pytest.raises(LostAnswer):
        mailer(server.port, patience=SOON).send(a_letter())


def test_a_server_that_is_not_there_took_nothing() -> None:
    for url in ("smtp://127.0.0.1:1", "smtp://nowhere.invalid", "smtps://127.0.0.1:1"):
        with pytest.raises(NotHandedOver, match="smtp_not_reached"):
            mailer(0, url=url).send(a_letter())


def test_a_server_that_says_nothing_took_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotHandedOver):
        mailer(silent.getsockname()[1], patience=SOON).send(a_letter())


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that wants TLS and a login; its certificate is trusted."""
    tls, trusted = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(tls) as started:
        yield started


OWN_LOGIN = f"smtp+starttls://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{{}}"


def test_a_login_is_sent_as_it_is_in_the_url_and_under_tls(strict: MailServer) -> None:
    assert mailer(strict.port, url=OWN_LOGIN).check() is None
    mailer(strict.port, url=OWN_LOGIN).send(a_letter())
    assert len(strict.taken) == 1


def test_a_wrong_or_missing_login_waits_to_be_mended(strict: MailServer) -> None:
    with pytest.raises(NotHandedOver, match="smtp_login_refused_535"):
        mailer(strict.port, url="smtp+starttls://me:wrong@127.0.0.1:{}").check()
    for url in ("smtp://127.0.0.1:{}", "smtp+starttls://127.0.0.1:{}"):
        with pytest.raises(NotHandedOver, match="smtp_sender_refused_530"):
            mailer(strict.port, url=url).send(a_letter())


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    strict: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotHandedOver, match="SSLCertVerificationError"):
        mailer(strict.port, url=OWN_LOGIN).send(a_letter())


def test_a_login_that_the_server_does_not_know_of_waits_to_be_mended(server: MailServer) -> None:
    with pytest.raises(NotHandedOver, match="SMTPNotSupportedError"):
        mailer(server.port, url="smtp://me:pw@127.0.0.1:{}").check()


def test_starttls_is_never_gone_without(server: MailServer) -> None:
    with pytest.raises(NotHandedOver, match="SMTPNotSupportedError"):
        mailer(server.port, url="smtp+starttls://127.0.0.1:{}").send(a_letter())
    assert server.taken == []


def test_many_threads_share_it(server: MailServer) -> None:
    shared = mailer(server.port, patience=timedelta(seconds=30))
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda number: shared.send(a_letter(key=f"k{number}")), range(100)))
    assert len({email["X-Offramp-Message"] for email in server.taken}) == 100


@pytest.mark.parametrize(
    ("url", "kind", "port"),
    [
        ("smtp://mail.example.com", "smtp", 25),
        ("smtp+starttls://mail.example.com", "smtp+starttls", 587),
        ("smtps://u:p@mail.example.com/", "smtps", 465),
        ("smtp://[::1]:2525", "smtp", 2525),
    ],
)
def test_a_url_says_how_to_reach_it(url: str, kind: str, port: int) -> None:
    server = SmtpServer.at(url)
    assert (server.kind, server.port) == (kind, port)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (url, "a mail server is given like")
        for url in ("", "mail.example.com", "http://a", "smtp://", "smtp://a/path")
    ]
    + [("smtp://a:port", "Port")],
)
def test_what_is_no_url_of_a_mail_server_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SmtpServer.at(url)


def test_the_password_does_not_show() -> None:
    assert "secret" not in repr(SmtpServer.at("smtp://me:secret@mail.example.com"))
