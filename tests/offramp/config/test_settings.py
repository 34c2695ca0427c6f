"""Settings: what follows from what, what is refused, and what keeps Offramp from running."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from offramp import wiring
from offramp.config.settings import LogFormat, Settings
from tests.offramp.config.test_provider_settings import SENDGRID, TWILIO
from tests.offramp.conftest import Run

PRODUCTION = {
    "OFFRAMP_MODE": "production",
    "OFFRAMP_ORIGIN": "https://login.example.com",
    "OFFRAMP_SECRET_KEY": "k" * 32,
    "OFFRAMP_TRUSTED_PROXIES": "1",
    **SENDGRID,
    **TWILIO,
}


def settings_of(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_with_nothing_set_it_is_the_embedded_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "API_PORT", "TEMPORAL_PORT", "TEMPORAL_UI_PORT"):
        monkeypatch.delenv(f"OFFRAMP_{name}")
    settings = Settings()
    assert settings.origin == "http://localhost:8400"
    assert settings.rp_id == "localhost"
    assert settings.database_url.endswith("/.offramp/offramp.db")
    assert settings.log_format is LogFormat.CONSOLE
    assert settings.problems() == []


def test_the_origin_follows_the_port(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, OFFRAMP_API_PORT="9000").origin == "http://localhost:9000"


def test_production_speaks_json_and_knows_its_host(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, **PRODUCTION)
    assert (settings.rp_id, settings.log_format, settings.is_secure) == (
        "login.example.com",
        LogFormat.JSON,
        True,
    )
    assert settings.problems() == []


def test_an_empty_variable_is_an_unset_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, OFFRAMP_SERVICE_NAME="").service_name == "Example"


def test_a_file_named_env_sets_too(home: Path) -> None:
    Path(".env").write_text("OFFRAMP_SERVICE_NAME=Bakery\nSOMETHING_ELSE=1\n")
    assert Settings().service_name == "Bakery"


@pytest.mark.parametrize(
    "origin", ["example.com", "ftp://example.com", "https://", "https://example.com/login"]
)
def test_what_is_no_origin_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    with pytest.raises(ValidationError, match="scheme and a host"):
        settings_of(monkeypatch, OFFRAMP_ORIGIN=origin)


def test_an_origin_is_what_a_browser_would_say(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        settings_of(monkeypatch, OFFRAMP_ORIGIN="https://Login.Example.com/").origin
        == "https://login.example.com"
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"OFFRAMP_SECRET_KEY": "short"}, "OFFRAMP_SECRET_KEY"),
        ({"OFFRAMP_SECRET_KEY": ""}, "OFFRAMP_SECRET_KEY"),
        ({"OFFRAMP_ORIGIN": "http://login.example.com"}, "OFFRAMP_ORIGIN"),
        ({"OFFRAMP_ORIGIN": ""}, "OFFRAMP_ORIGIN"),
        ({"OFFRAMP_RP_ID": "example.org"}, "OFFRAMP_RP_ID"),
        ({"OFFRAMP_RP_ID": "ogin.example.com"}, "OFFRAMP_RP_ID"),
        ({"OFFRAMP_MODE": "development", "OFFRAMP_API_HOST": "0.0.0.0"}, "OFFRAMP_API_HOST"),
        ({"OFFRAMP_LOCAL_PEERS": "172.30.84.1"}, "OFFRAMP_LOCAL_PEERS"),
        ({"OFFRAMP_TRUSTED_PROXIES": ""}, "OFFRAMP_TRUSTED_PROXIES"),
    ],
)
def test_what_would_not_be_safe_is_a_problem_with_the_name_of_its_setting(
    home: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], problem: str
) -> None:
    (sentence,) = settings_of(monkeypatch, **PRODUCTION | changes).problems()
    assert sentence.startswith(problem)


def test_in_a_container_development_listens_for_those_who_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = {"OFFRAMP_API_HOST": "0.0.0.0", "OFFRAMP_LOCAL_PEERS": "172.30.84.1, fd00::1"}
    settings = settings_of(monkeypatch, **peers)
    assert settings.problems() == []
    assert wiring.make_site(settings).local_peers == {"172.30.84.1", "fd00::1"}


def test_a_parent_domain_may_be_the_relying_party(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, **PRODUCTION, OFFRAMP_RP_ID="example.com").problems() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFRAMP_API_PORT", "many"),
        ("OFFRAMP_API_PORT", "70000"),
        ("OFFRAMP_MODE", "testing"),
        ("OFFRAMP_LOG_FORMAT", "xml"),
        ("OFFRAMP_TRUSTED_PROXIES", "-1"),
        ("OFFRAMP_LOCAL_PEERS", "gateway"),
    ],
)
def test_a_setting_that_cannot_be_ends_every_command_with_its_name(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = offramp("migrate")
    assert ran.code == 2
    assert name in ran.err
    assert "Traceback" not in ran.err


def test_what_would_not_be_safe_is_not_run(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_MODE", "production")
    for command in ("api", "worker", "up", "migrate"):
        ran = offramp(command)
        assert ran.code == 2
        assert "OFFRAMP_SECRET_KEY" in ran.err
        assert "OFFRAMP_ORIGIN" in ran.err


def test_the_secret_key_does_not_show_in_what_is_logged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "kkk" not in repr(settings_of(monkeypatch, **PRODUCTION))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"oidc_client_secret": ""}, "OFFRAMP_OIDC_CLIENT_SECRET"),
        ({"oidc_roles": ""}, "OFFRAMP_OIDC_ROLES"),
        ({}, ""),
    ],
)
def test_an_identity_provider_needs_all_that_belongs_to_it(changes: dict[str, str], complaint: str) -> None:
    given = {
        "oidc_issuer": "https://login.example.com",
        "oidc_client_id": "offramp",
        "oidc_client_secret": "secret",
        "oidc_roles": "desk=support, chiefs=admin",
    }
    problems = Settings(**(given | changes)).problems()  # type: ignore[arg-type]
    assert any(complaint in problem for problem in problems) if complaint else problems == []


@pytest.mark.parametrize("roles", ["desk", "desk=king", "=admin"])
def test_roles_that_are_none_are_refused(roles: str) -> None:
    with pytest.raises(ValidationError, match="roles are pairs"):
        Settings(oidc_roles=roles)
