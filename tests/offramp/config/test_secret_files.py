"""Secrets from files: each may stand in one, none in two places, and none is ever shown."""

from pathlib import Path

import pytest

from offramp.config.secret_files import UnusableSecretFile, secret_variables
from offramp.config.settings import Settings
from tests.offramp.conftest import Run

SECRETS = {
    "OFFRAMP_DATABASE_URL": "postgresql+psycopg://offramp:db-hush@db.internal/offramp",
    "OFFRAMP_SECRET_KEY": "key-hush-" + "k" * 40,
    "OFFRAMP_SECRET_KEYS": "keys-hush-" + "n" * 40 + ",keys-hush-" + "o" * 40,
    "OFFRAMP_SECRET_KEYS_FOR_CODES": "leaked-hush-" + "l" * 40 + ",leaked-hush-" + "m" * 40,
    "OFFRAMP_HOST_LIST_URL": "https://host.example/list?sig=list-hush",
    "OFFRAMP_HOST_LIST_TOKEN": "token-hush",
    "OFFRAMP_OIDC_CLIENT_SECRET": "oidc-hush",
    "OFFRAMP_SENDGRID_API_KEY": "SG.hush",
    "OFFRAMP_SMTP_URL": "smtp+starttls://user:smtp-hush@mail.example.com:587",
    "OFFRAMP_TWILIO_AUTH_TOKEN": "twilio-hush",
}


@pytest.fixture(autouse=True)
def _settings_of_this_test_alone(home: Path) -> None:
    assert not home.exists()


def value(settings: Settings, variable: str) -> object:
    return getattr(settings, variable.removeprefix("OFFRAMP_").lower())


def test_these_are_the_secrets() -> None:
    assert set(secret_variables(Settings)) == {f"{variable}_FILE" for variable in SECRETS}


@pytest.mark.parametrize("variable", SECRETS)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_as_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, ending: str
) -> None:
    monkeypatch.setenv(variable, SECRETS[variable])
    from_environment = value(Settings(), variable)
    monkeypatch.delenv(variable)
    file = tmp_path / "secret"
    file.write_bytes((SECRETS[variable] + ending).encode())
    monkeypatch.setenv(f"{variable}_FILE", str(file))
    assert value(Settings(), variable) == from_environment
    assert from_environment in (SECRETS[variable], tuple(SECRETS[variable].split(",")))


def test_the_file_may_be_named_in_env_as_well(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token-hush\n")
    (tmp_path / ".env").write_text(f"OFFRAMP_HOST_LIST_TOKEN_FILE={tmp_path / 'secret'}\n")
    assert Settings().host_list_token == "token-hush"


def test_a_value_and_a_file_are_one_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file")
    (tmp_path / ".env").write_text("OFFRAMP_HOST_LIST_TOKEN=from-env\n")
    monkeypatch.setenv("OFFRAMP_HOST_LIST_TOKEN_FILE", str(tmp_path / "secret"))
    with pytest.raises(UnusableSecretFile, match="both given") as refusal:
        Settings()
    assert "from" not in str(refusal.value)


def test_an_empty_value_beside_a_file_counts_as_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("token-hush")
    monkeypatch.setenv("OFFRAMP_HOST_LIST_TOKEN", "")
    monkeypatch.setenv("OFFRAMP_HOST_LIST_TOKEN_FILE", str(tmp_path / "secret"))
    assert Settings().host_list_token == "token-hush"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot be read"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff", "is no text")],
)
def test_a_file_that_says_nothing_ends_every_command_with_its_name(
    offramp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, complaint: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("OFFRAMP_TWILIO_AUTH_TOKEN_FILE", str(file))
    ran = offramp("migrate")
    assert ran.code == 2
    assert f"OFFRAMP_TWILIO_AUTH_TOKEN_FILE: {file} {complaint}" in ran.err.replace("\n", " ")
    assert "Traceback" not in ran.err


def test_what_is_no_secret_has_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "name").write_text("Somebody")
    monkeypatch.setenv("OFFRAMP_SERVICE_NAME_FILE", str(tmp_path / "name"))
    assert Settings().service_name == "Example"


def test_no_secret_shows_in_settings_that_are_logged_or_in_what_is_wrong_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, secret in SECRETS.items():
        monkeypatch.setenv(variable, secret)
    monkeypatch.setenv("OFFRAMP_MODE", "production")
    settings = Settings()
    for shown in (repr(settings), str(settings), *settings.problems()):
        assert "hush" not in shown


def test_no_secret_shows_in_what_doctor_says(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable, secret in SECRETS.items():
        if variable not in ("OFFRAMP_SECRET_KEY", "OFFRAMP_DATABASE_URL"):
            monkeypatch.setenv(variable, secret)
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", f"sqlite:///{tmp_path}/no/such/x.db")
    ran = offramp("doctor")
    assert "hush" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OFFRAMP_DATABASE_URL", "postgresql+psycopg://offramp:db-hush@[::1/offramp"),
        ("OFFRAMP_DATABASE_URL", "nonsense db-hush"),
        ("OFFRAMP_DATABASE_URL", "no://x:db-hush@y/z"),
        ("OFFRAMP_DATABASE_URL", "postgresql+psycopg://offramp:db@db.internal:hush/offramp"),
        ("OFFRAMP_DATABASE_URL", "postgresql+psycopg://offramp:db@hush@db.internal/offramp"),
        ("OFFRAMP_SMTP_URL", "smtp://user:smtp@mail.example.com:hush"),
        ("OFFRAMP_SMTP_URL", "smtp://user:smtp/hush@mail.example.com"),
    ],
)
def test_a_url_that_cannot_be_used_is_not_shown(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    ran = offramp("migrate")
    assert ran.code == 2
    assert variable in ran.err
    assert "hush" not in ran.out + ran.err
