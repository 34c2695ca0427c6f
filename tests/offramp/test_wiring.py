"""Wiring: keys that are made once, and where Temporal is found."""

import json
import threading
from pathlib import Path

import pytest

from offramp import wiring
from offramp.config.provider_settings import MailProvider, TextProvider
from offramp.config.settings import Mode, NotConfigured, Settings
from providers.software_authenticator import Authenticator


def test_development_makes_a_private_key_once(settings: Settings, home: Path) -> None:
    key = wiring.secret_ring(settings).keys[0]
    assert len(key) >= 32
    assert wiring.secret_ring(settings).keys[0] == key
    assert (home / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["secret"]


def test_processes_that_start_at_once_agree_on_the_key(settings: Settings) -> None:
    keys: list[str] = []
    threads = [
        threading.Thread(target=lambda: keys.append(wiring.secret_ring(settings).keys[0])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_key_that_is_given_is_taken(settings: Settings, home: Path) -> None:
    assert wiring.secret_ring(settings.model_copy(update={"secret_key": "g" * 40})).keys == ("g" * 40,)
    assert not (home / "secret").exists()


def test_production_makes_no_key_of_its_own(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match="OFFRAMP_SECRET_KEY"):
        wiring.secret_ring(settings.model_copy(update={"mode": Mode.PRODUCTION}))


def test_the_pepper_and_the_seal_come_from_the_key_and_are_not_the_key(settings: Settings) -> None:
    seal = wiring.make_seal(settings)
    (pepper,) = wiring.secret_ring(settings).peppers.peppers
    assert seal.open(wiring.make_seal(settings).close("123456")) == "123456"
    assert pepper == wiring.secret_ring(settings).peppers.peppers[0]
    assert wiring.secret_ring(settings).keys[0].encode() not in pepper.secret


def test_production_has_no_inbox(settings: Settings) -> None:
    production = settings.model_copy(update={"mode": Mode.PRODUCTION})
    assert wiring.make_inbox(settings) is not None
    assert wiring.make_inbox(production) is None
    for make in (wiring.make_mailer, wiring.make_texter):
        with pytest.raises(NotConfigured, match="OFFRAMP_MAILER"):
            make(production)


async def test_temporal_is_where_up_runs_it(settings: Settings) -> None:
    client = await wiring.connect(settings)
    assert wiring.names_a_temporal_server() is None
    assert client.service_client.config.target_host == f"127.0.0.1:{settings.temporal_port}"
    assert client.namespace == "default"


async def test_temporals_own_configuration_says_where_it_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.internal:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "accounts")
    client = await wiring.connect(settings)
    assert wiring.names_a_temporal_server() == "temporal.internal:7233"
    assert client.service_client.config.target_host == "temporal.internal:7233"
    assert client.namespace == "accounts"


async def test_a_profile_file_of_temporals_counts_as_well(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = tmp_path / "temporal.toml"
    profiles.write_text('[profile.default]\naddress = "temporal.cloud:7233"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(profiles))
    assert wiring.names_a_temporal_server() == "temporal.cloud:7233"


def test_services_are_those_of_the_settings(settings: Settings) -> None:
    services = wiring.make_services(settings)
    assert services.site.origin == settings.origin
    assert services.site.secure is False
    assert services.is_development
    assert services.inbox is not None
    services.database.close()


def test_development_has_an_inbox_only_while_something_goes_into_it(settings: Settings) -> None:
    given = {"mailer": MailProvider.SMTP, "smtp_url": "smtp://127.0.0.1:1", "from_email": "a@example.com"}
    half = settings.model_copy(update=given)
    assert wiring.make_inbox(half) is not None
    assert (wiring.make_mailer(half).provider, wiring.make_texter(half).provider) == ("smtp", "inbox")
    services = wiring.make_services(half.model_copy(update={"texter": TextProvider.TWILIO}))
    assert services.inbox is None
    assert services.is_development
    services.database.close()


def test_passkeys_of_every_origin_of_the_site_are_verified_for_its_rp_id(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_ORIGIN", "https://login.example.com:443")
    monkeypatch.setenv("OFFRAMP_ORIGINS", "https://login.example.de")
    monkeypatch.setenv("OFFRAMP_RP_ID", "Example.com")
    services = wiring.make_services(Settings())
    for origin in services.site.origins:
        options = services.passkeys.registration_options(account_id="ada", label="ada", exclude=[])
        answer = Authenticator(origin=origin, rp_id="example.com").create(json.loads(options.json))
        made = services.passkeys.verify_registration(
            credential=json.dumps(answer), expected_challenge=options.challenge
        )
        assert made.credential_id == answer["id"]
