"""docker-compose.yml and what it starts from fit the code, each other, and a machine that others can reach."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import make_url
from typer.main import get_command

from offramp.cli import app
from offramp.config.settings import Settings
from offramp.metrics.exporting import MetricsSource, port
from tests.postgres import PostgresServer

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OFFRAMP = {name: service for name, service in SERVICES.items() if service["image"].startswith("offramp:")}
ONCE = {"migrate", "temporal-schema", "temporal-namespace"}
"""What does its work and ends."""

DOCKERFILE = (ROOT / "Dockerfile").read_text()
BIN = Path(sys.executable).parent
SECRET = re.compile(r"\$\{(\w+):\?[^}]+\}")


def environment(name: str) -> dict[str, str]:
    said: dict[str, str] = SERVICES[name].get("environment", {})
    return said


def published(name: str) -> list[tuple[str, int, int]]:
    """Address, port on this machine, port in the container."""
    ports = (text.split(":") for text in SERVICES[name].get("ports", []))
    return [(address, int(outside), int(inside)) for address, outside, inside in ports]


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The settings that Offramp reads there, with a secret in every place where one is wanted."""
    monkeypatch.chdir(tmp_path)
    for variable, value in environment(name).items():
        filled = SECRET.sub("s" * 64, value)
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-([^}]+)\}", r"\1", filled))
    return Settings()


def test_it_is_a_compose_file() -> None:
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_dockerfile_has_no_known_flaws() -> None:
    checked = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", OFFRAMP)
def test_every_command_is_one_of_offramp(name: str) -> None:
    (command,) = SERVICES[name]["command"]
    assert command in get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", OFFRAMP)
def test_every_variable_is_a_setting_and_together_they_can_run(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables = {f"OFFRAMP_{field.upper()}" for field in Settings.model_fields} | {"TEMPORAL_ADDRESS"}
    assert set(environment(name)) <= variables
    assert settings_of(name, monkeypatch, tmp_path).problems() == []


def test_all_of_offramp_shares_one_home_one_database_and_one_key() -> None:
    (shared,) = {tuple(sorted(service["environment"].items())) for service in OFFRAMP.values()}
    assert dict(shared)["OFFRAMP_SECRET_KEY"].startswith("${")
    assert {tuple(service["volumes"]) for service in OFFRAMP.values()} == {("home:/var/lib/offramp",)}


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_by_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/.-]+:v?\d+\.\d+[\w.-]*", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert {address for address, _, _ in published(name)} <= {"127.0.0.1"}


def test_no_two_services_want_the_same_port() -> None:
    outside = [number for name in SERVICES for _, number, _ in published(name)]
    assert len(outside) == len(set(outside))


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_outside_and_there_is_no_default(name: str) -> None:
    for variable, value in environment(name).items():
        if re.search(r"PASSWORD|PWD|SECRET|_KEY$", variable):
            assert SECRET.fullmatch(value), variable
        assert not re.search(r"://[^/$]*:[^/$]+@", value), variable


def test_the_secrets_wanted_are_those_that_are_made() -> None:
    assert set(SECRET.findall((ROOT / "docker-compose.yml").read_text())) == set(example())
    assert set(example().values()) == {""}


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    for name in (".env.example", "docker/new-env.sh"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    made = subprocess.run(["sh", "docker/new-env.sh"], cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    secrets = dict(line.split("=") for line in (tmp_path / ".env").read_text().splitlines())
    assert set(secrets) == set(example())
    assert len(set(secrets.values())) == len(secrets)
    assert all(re.fullmatch(r"[0-9a-f]{64}", secret) for secret in secrets.values())
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert subprocess.run(["sh", "docker/new-env.sh"], cwd=tmp_path, capture_output=True).returncode == 1
    assert dict(line.split("=") for line in (tmp_path / ".env").read_text().splitlines()) == secrets


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_can_gain_rights_or_write_where_it_should_not(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name != "temporal-ui")


@pytest.mark.parametrize("name", SERVICES)
def test_what_keeps_running_says_whether_it_is_well(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) is (name not in ONCE)


@pytest.mark.parametrize("name", SERVICES)
def test_waiting_is_for_something_that_comes_true(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        done = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert wanted["condition"] == done


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_files_are_there_and_volumes_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source, _, mode = volume.partition(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert mode.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("script", sorted((ROOT / "docker").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_scripts_and_used(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script]).returncode == 0
    assert script.name in (ROOT / "docker-compose.yml").read_text()


@pytest.mark.postgres
def test_the_databases_have_owners_who_cannot_see_each_other_s(postgres: PostgresServer) -> None:
    server = make_url(postgres.url("postgres"))
    address = {"PGHOST": str(server.host), "PGPORT": str(server.port)}
    passwords = {"OFFRAMP_DATABASE_PASSWORD": "it's one", "TEMPORAL_DATABASE_PASSWORD": 'and "another"'}
    script = ROOT / "docker" / "postgres-databases.sh"
    made = subprocess.run(
        ["sh", script], env=os.environ | address | passwords, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    with psycopg.connect(host=server.host, port=server.port, user="postgres", autocommit=True) as admin:
        can = "SELECT rolname, datname FROM pg_roles, pg_database WHERE rolname IN ('offramp', 'temporal')"
        can += (
            " AND datname IN ('offramp', 'temporal') AND has_database_privilege(rolname, datname, 'CONNECT')"
        )
        reach = admin.execute(can.encode()).fetchall()
        for statement in ("DATABASE offramp", "DATABASE temporal", "DATABASE temporal_visibility"):
            admin.execute(f"DROP {statement}".encode())
        for role in ("offramp", "temporal"):
            admin.execute(f"DROP ROLE {role}".encode())
    assert set(reach) == {("offramp", "offramp"), ("temporal", "temporal")}


def test_prometheus_asks_services_on_the_ports_that_they_serve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of("api", monkeypatch, tmp_path)
    served = {
        ("metrics", port(settings, MetricsSource.DATABASE)),
        ("api", port(settings, MetricsSource.PAGES)),
        ("worker", port(settings, MetricsSource.WORKER)),
        ("worker", port(settings, MetricsSource.TEMPORAL_CLIENT)),
        ("temporal", int(environment("temporal")["PROMETHEUS_ENDPOINT"].split(":")[1])),
    }
    assert set(_asked()) == served


def _asked() -> list[tuple[str, int]]:
    config = yaml.safe_load((ROOT / "dashboards" / "prometheus.yml").read_text())
    scraped = []
    for job in config["scrape_configs"]:
        for listed in job.get("static_configs", []):
            scraped += [
                (host, int(number)) for host, number in (target.split(":") for target in listed["targets"])
            ]
        for looked_up in job.get("dns_sd_configs", []):
            scraped += [(name, looked_up["port"]) for name in looked_up["names"]]
    return scraped


def test_prometheus_finds_its_rules_where_they_are_mounted() -> None:
    config = yaml.safe_load((ROOT / "dashboards" / "prometheus.yml").read_text())
    mounted = [volume.split(":")[1] for volume in SERVICES["prometheus"]["volumes"]]
    assert {f"/etc/prometheus/{name}" for name in config["rule_files"]} <= set(mounted)


def test_prometheus_hands_its_alerts_to_alertmanager() -> None:
    config = yaml.safe_load((ROOT / "dashboards" / "prometheus.yml").read_text())
    (managers,) = (
        listed for manager in config["alerting"]["alertmanagers"] for listed in manager["static_configs"]
    )
    assert managers["targets"] == [f"alertmanager:{published('alertmanager')[0][2]}"]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "dashboards" / "alertmanager").iterdir()), ids=lambda file: file.stem
)
def test_whoever_hears_of_alerts_has_a_file_with_their_name_and_no_secret_in_it(file: Path) -> None:
    config = yaml.safe_load(file.read_text())
    (receiver,) = config["receivers"]
    assert config["route"]["receiver"] == receiver["name"] == file.stem
    forms = {name: listed for name, listed in receiver.items() if name != "name"}
    assert len(forms) == (file.stem != "nobody")
    for (form,) in forms.values():
        secrets = {key: value for key, value in form.items() if key.endswith("_file")}
        assert list(secrets.values()) == ["/run/secrets/alerts"]
        assert form["send_resolved"] is True
        assert {"{{ .CommonAnnotations.summary }}"} <= set(map(str, form.values()))


def test_alertmanager_begins_with_a_file_that_is_there_and_tells_nobody() -> None:
    (option,) = (word for word in SERVICES["alertmanager"]["command"] if word.startswith("--config.file"))
    path = re.sub(r"\$\{ALERTS_TO:-(\w+)\}", r"\1", option.partition("=")[2])
    assert path == "/etc/alertmanager/nobody.yml"
    assert (ROOT / "dashboards" / "alertmanager" / Path(path).name).exists()
    assert "./dashboards/alertmanager:/etc/alertmanager:ro" in SERVICES["alertmanager"]["volumes"]


def test_every_alert_says_what_the_messages_about_it_quote() -> None:
    groups = yaml.safe_load((ROOT / "dashboards" / "alerts.yml").read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert rule["annotations"].keys() >= {"summary", "runbook_url"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_grafana_finds_prometheus_and_its_dashboards() -> None:
    provisioning = ROOT / "dashboards" / "provisioning"
    (sources,) = (yaml.safe_load(file.read_text()) for file in (provisioning / "datasources").iterdir())
    assert {source["url"] for source in sources["datasources"]} == {"http://prometheus:9090"}
    (shown,) = (yaml.safe_load(file.read_text()) for file in (provisioning / "dashboards").iterdir())
    (folder,) = {provider["options"]["path"] for provider in shown["providers"]}
    assert f"./dashboards/json:{folder}:ro" in SERVICES["grafana"]["volumes"]
    first = Path(environment("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(first.parent) == folder
    assert (ROOT / "dashboards" / "json" / first.name).exists()


def test_health_is_asked_where_services_listen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_of("api", monkeypatch, tmp_path)
    ports = {
        "api": settings.api_port,
        "worker": port(settings, MetricsSource.WORKER),
        "metrics": port(settings, MetricsSource.DATABASE),
    }
    for name, number in ports.items():
        *_, address = SERVICES[name]["healthcheck"]["test"]
        assert f"127.0.0.1:{number}/" in address
    assert published("api") == [("127.0.0.1", settings.api_port, settings.api_port)]
    assert settings.origin == f"http://localhost:{settings.api_port}"


def test_there_are_two_workers() -> None:
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


def _instructions(kind: str) -> list[list[str]]:
    lines = re.sub(r"\\\n", " ", DOCKERFILE).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{kind} ")]


def test_what_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for *sources, _ in _instructions("COPY"):
        if any(source.startswith("--from=") for source in sources):
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored


def test_every_package_of_the_wheel_is_in_the_image() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (packages,) = re.findall(r"^packages = \[([^\]]+)\]$", project.split("[tool.mypy]")[0], re.MULTILINE)
    copied = {source for *sources, _ in _instructions("COPY") for source in sources}
    assert set(re.findall(r'"(\w+)"', packages)) <= copied


def test_the_image_is_built_from_one_pinned_base_with_hashes_and_runs_as_nobody() -> None:
    bases = {words[0] for words in _instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())
    assert "--require-hashes --no-deps --requirement requirements.lock" in DOCKERFILE
    assert _instructions("USER") == [["10001:10001"]]
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert {service["image"] for service in OFFRAMP.values()} == {f"offramp:{version[1]}"}


def test_temporal_is_new_enough_and_its_tools_are_of_its_version() -> None:
    _, version = SERVICES["temporal"]["image"].split(":")
    assert tuple(map(int, version.split("."))) >= (1, 31)
    assert {SERVICES[name]["image"] for name in ("temporal-schema", "temporal-namespace")} == {
        f"temporalio/admin-tools:{version}"
    }
