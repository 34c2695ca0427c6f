"""`offramp doctor` asks the providers, and says what they say."""

from pathlib import Path

import pytest

from offramp.checkup.findings import Diagnosis
from offramp.checkup.provider_checks import check_providers
from offramp.clock import clock
from offramp.config.settings import Settings
from tests.offramp.config.test_provider_settings import SENDGRID, SMTP, TWILIO, settings_of
from tests.providers.standins import StandIn
from tests.providers.standins.smtp import mail_server
from tests.providers.standins.troubles import status


def findings_at(settings: Settings) -> list[tuple[str, Diagnosis, str]]:
    return [(finding.name, finding.verdict, finding.detail) for finding in check_providers(settings, clock)]


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Both providers, as they are set up."""
    return settings_of(monkeypatch, SENDGRID, TWILIO)


def at(settings: Settings, stand_in: StandIn, **changes: object) -> Settings:
    where = {"sendgrid_base_url": stand_in.url, "twilio_base_url": stand_in.url}
    return settings.model_copy(update=where | changes)


def test_in_development_the_inbox_is_well(home: Path) -> None:
    assert [(name, verdict) for name, verdict, _ in findings_at(Settings())] == [
        ("mailer", Diagnosis.WELL),
        ("texter", Diagnosis.WELL),
    ]


def test_providers_that_take_our_credentials_are_well_and_are_sent_nothing(settings: Settings) -> None:
    with StandIn() as stand_in:
        findings = findings_at(at(settings, stand_in))
        assert stand_in.taken.all == []
    assert [verdict for _, verdict, _ in findings] == [Diagnosis.WELL, Diagnosis.WELL]
    assert "sendgrid answers" in findings[0][2]
    assert "twilio answers" in findings[1][2]


def test_wrong_credentials_are_found(settings: Settings) -> None:
    with StandIn() as stand_in:
        wrong = at(settings, stand_in, sendgrid_api_key="SG.other", twilio_auth_token="other")
        findings = findings_at(wrong)
    assert [verdict for _, verdict, _ in findings] == [Diagnosis.UNWELL, Diagnosis.UNWELL]
    assert "sendgrid_credentials_refused_401" in findings[0][2]
    assert "twilio_configuration_refused_20003" in findings[1][2]


def test_a_provider_that_is_away_or_talks_nonsense_is_found(settings: Settings) -> None:
    with StandIn() as stand_in:
        stand_in.troubles.add(status(503), status(200, ["nonsense"]))
        findings = findings_at(at(settings, stand_in))
    assert [verdict for _, verdict, _ in findings] == [Diagnosis.UNWELL, Diagnosis.UNWELL]
    assert "sendgrid_503" in findings[0][2]


def test_the_sandbox_is_worth_a_note(settings: Settings) -> None:
    with StandIn() as stand_in:
        findings = findings_at(at(settings, stand_in, sendgrid_sandbox=True))
    assert ("mailer", Diagnosis.NOTE) in [(name, verdict) for name, verdict, _ in findings]


def test_what_is_not_configured_is_not_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, SENDGRID, {"OFFRAMP_SENDGRID_API_KEY": ""})
    assert findings_at(settings)[0] == ("mailer", Diagnosis.UNWELL, "it is not configured; see above")


def test_a_mail_server_is_talked_to(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, SMTP)
    assert findings_at(settings)[0][1] is Diagnosis.UNWELL
    with mail_server() as server:
        there = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{server.port}"})
        assert findings_at(there)[0] == ("mailer", Diagnosis.WELL, "smtp answers, and takes our credentials")
