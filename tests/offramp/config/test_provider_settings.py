"""The settings of providers: what is missing is named, what cannot be is refused, and secrets do not show."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from offramp import wiring
from offramp.config import provider_choice
from offramp.config.settings import NotConfigured, Settings
from tests.offramp.conftest import Run
from tests.providers.standins import (
    MESSAGING_SERVICE,
    SENDGRID_KEY,
    TWILIO_SID,
    TWILIO_TOKEN,
    VERIFY_SERVICE,
    SendGridSigner,
)

SENDGRID = {
    "OFFRAMP_MAILER": "sendgrid",
    "OFFRAMP_FROM_EMAIL": "hello@example.com",
    "OFFRAMP_SENDGRID_API_KEY": SENDGRID_KEY,
    "OFFRAMP_SENDGRID_WEBHOOK_KEY": SendGridSigner().public_key,
}
SMTP = {
    "OFFRAMP_MAILER": "smtp",
    "OFFRAMP_FROM_EMAIL": "hello@example.com",
    "OFFRAMP_SMTP_URL": "smtp://me:pass-word@127.0.0.1:1",
}
TWILIO = {
    "OFFRAMP_TEXTER": "twilio",
    "OFFRAMP_TWILIO_ACCOUNT_SID": TWILIO_SID,
    "OFFRAMP_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "OFFRAMP_TWILIO_FROM": "+15005550006",
}

SIM_CHECK = {
    "OFFRAMP_SIM_CHECK": "twilio",
    "OFFRAMP_TWILIO_ACCOUNT_SID": TWILIO_SID,
    "OFFRAMP_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
}


def settings_of(monkeypatch: pytest.MonkeyPatch, *given: dict[str, str]) -> Settings:
    for each in given:
        for name, value in each.items():
            monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize("mode", ["development", "production"])
@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (SENDGRID, "OFFRAMP_FROM_EMAIL"),
        (SENDGRID, "OFFRAMP_SENDGRID_API_KEY"),
        (SMTP, "OFFRAMP_FROM_EMAIL"),
        (SMTP, "OFFRAMP_SMTP_URL"),
        (TWILIO, "OFFRAMP_TWILIO_ACCOUNT_SID"),
        (TWILIO, "OFFRAMP_TWILIO_AUTH_TOKEN"),
        (TWILIO, "OFFRAMP_TWILIO_FROM"),
        (SIM_CHECK, "OFFRAMP_TWILIO_ACCOUNT_SID"),
        (SIM_CHECK, "OFFRAMP_TWILIO_AUTH_TOKEN"),
    ],
)
def test_what_a_chosen_provider_lacks_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, mode: str, given: dict[str, str], lacking: str
) -> None:
    settings = settings_of(monkeypatch, {"OFFRAMP_MODE": mode}, given, {lacking: ""})
    assert any(problem.startswith(lacking) for problem in settings.problems())


def test_production_has_to_choose_and_to_hear_of_bounces(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, {"OFFRAMP_MODE": "production", "OFFRAMP_MAILER": "inbox"})
    named = [problem.split()[0] for problem in settings.provider_problems(is_development=False)]
    assert named == ["OFFRAMP_MAILER", "OFFRAMP_TEXTER"]
    settings = settings_of(monkeypatch, SENDGRID, TWILIO, {"OFFRAMP_SENDGRID_WEBHOOK_KEY": ""})
    (problem,) = settings.provider_problems(is_development=False)
    assert problem.startswith("OFFRAMP_SENDGRID_WEBHOOK_KEY")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"OFFRAMP_TWILIO_MESSAGING_SERVICE_SID": MESSAGING_SERVICE}, "one of the two"),
        ({"OFFRAMP_TWILIO_FROM": "", "OFFRAMP_TWILIO_MESSAGING_SERVICE_SID": "AC1"}, "begins with MG"),
        ({"OFFRAMP_TWILIO_VERIFY_SERVICE_SID": "MG1"}, "begins with VA"),
        ({"OFFRAMP_TWILIO_ACCOUNT_SID": "SK1"}, "begins with AC"),
    ],
)
def test_ids_that_are_mixed_up_are_told_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    (problem,) = settings_of(monkeypatch, TWILIO, changes).problems()
    assert named in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFRAMP_MAILER", "pigeon"),
        ("OFFRAMP_TEXTER", "sendgrid"),
        ("OFFRAMP_SIM_CHECK", "pigeon"),
        ("OFFRAMP_SMTP_URL", "https://mail:hidden@example.com"),
        ("OFFRAMP_SENDGRID_WEBHOOK_KEY", "hidden"),
        ("OFFRAMP_SENDGRID_BASE_URL", "api.example.com"),
        ("OFFRAMP_TWILIO_BASE_URL", "ftp://example.com"),
        ("OFFRAMP_EMAILS_PER_SECOND", "-1"),
        ("OFFRAMP_TEXTS_PER_SECOND", "fast"),
    ],
)
def test_what_cannot_be_ends_every_command_with_its_name_and_without_secrets(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = offramp("migrate")
    assert (ran.code, name in ran.err, "hidden" in ran.err) == (2, True, False)


def test_no_secret_shows_in_what_is_logged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(settings_of(monkeypatch, SENDGRID, TWILIO, {"OFFRAMP_SMTP_URL": SMTP["OFFRAMP_SMTP_URL"]}))
    assert not any(secret in shown for secret in (SENDGRID_KEY, TWILIO_TOKEN, "pass-word"))


def test_providers_are_built_as_they_are_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(
        monkeypatch, SENDGRID, TWILIO, {"OFFRAMP_TWILIO_VERIFY_SERVICE_SID": VERIFY_SERVICE}
    )
    assert wiring.make_mailer(settings).provider == "sendgrid"
    assert wiring.make_texter(settings).provider == "twilio"
    assert provider_choice.sendgrid_events(settings)
    assert provider_choice.twilio_statuses(settings)
    assert wiring.make_mailer(settings_of(monkeypatch, SMTP)).provider == "smtp"


def test_without_a_provider_there_is_nothing_to_read_callbacks(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings()
    assert provider_choice.sendgrid_events(settings) is None
    assert provider_choice.twilio_statuses(settings) is None


def test_what_is_not_set_up_is_not_built(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, SENDGRID, TWILIO, {"OFFRAMP_SENDGRID_API_KEY": ""})
    with pytest.raises(NotConfigured, match="OFFRAMP_SENDGRID_API_KEY"):
        wiring.make_mailer(settings)


@pytest.mark.parametrize(
    ("origin", "callback_origin"),
    [("https://login.example.com", "https://login.example.com"), ("http://localhost:8400", None)],
)
def test_twilio_is_not_told_of_an_address_that_it_cannot_reach(
    home: Path, monkeypatch: pytest.MonkeyPatch, origin: str, callback_origin: str | None
) -> None:
    settings = settings_of(monkeypatch, TWILIO, {"OFFRAMP_ORIGIN": origin})
    assert provider_choice.twilio_account(settings).callback_origin == callback_origin
    beside = settings_of(monkeypatch, {"OFFRAMP_TWILIO_BASE_URL": "http://127.0.0.1:9"})
    assert provider_choice.twilio_account(beside).callback_origin == origin


def test_a_port_that_is_none_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        settings_of(monkeypatch, {"OFFRAMP_SMTP_URL": "smtp://mail.example.com:port"})


def test_somebody_is_asked_about_sims_only_if_that_is_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wiring.make_sim_checker(settings_of(monkeypatch)) is None
    checker = wiring.make_sim_checker(settings_of(monkeypatch, SIM_CHECK))
    assert checker
    assert checker.provider == "twilio"
