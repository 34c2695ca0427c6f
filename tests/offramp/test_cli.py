"""The command line as a whole: help, version, and what an error looks like."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unknown
from domain.presets import PRESETS
from offramp import cli
from offramp.config.settings import NotConfigured
from offramp.opening import NotMigrated
from store import Database
from tests.factories import make_account
from tests.offramp.config.test_settings import PRODUCTION
from tests.offramp.conftest import Run
from tests.store.test_schema import downgrade
from tests.test_docs import commands

GROUPS = {command.rsplit(" ", 1)[0] for command in commands()}


@pytest.mark.parametrize("command", sorted(commands() | GROUPS))
def test_every_command_explains_itself_with_an_example(offramp: Run, command: str) -> None:
    ran = offramp(*command.split()[1:], "--help")
    assert ran.code == 0
    assert "Example" in ran.out
    assert command in ran.out


def test_help_shows_a_flag_as_one_that_takes_no_value(offramp: Run) -> None:
    (line,) = [line for line in offramp("--help").out.splitlines() if "--debug" in line]
    assert line.strip("│ ").split() == ["--debug", "Show", "where", "an", "error", "came", "from."]
    assert "bool" not in offramp("account", "show", "--help").out


def test_help_tells_the_exit_codes(offramp: Run) -> None:
    ran = offramp("--help")
    assert ran.code == 0
    assert "Exit codes: 0 well" in ran.out


def test_the_version_is_the_packages(offramp: Run) -> None:
    assert offramp("--version").out == f"offramp {version('offramp')}\n"


def test_a_command_that_is_none_is_wrong_usage(offramp: Run) -> None:
    assert offramp("fly").code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotConfigured("set this"), 2),
        (NotMigrated("migrate"), 3),
        (RPCError("away", RPCStatusCode.UNAVAILABLE, b""), 3),
        (ExceptionGroup("several", [NotConfigured("set this")]), 2),
        (RuntimeError("nobody thought of this"), 1),
    ],
)
def test_errors_have_their_exit_codes(error: Exception, code: int) -> None:
    assert cli.explanation(error)[1] == code


def test_a_database_that_is_away_is_told_in_a_line(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/offramp")
    ran = offramp("account", "show", "ada")
    assert ran.code == 3
    assert ran.err.startswith("offramp: the database does not answer")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("url", ["no-database", "oracle://db/offramp", "mysql://db/offramp"])
def test_a_database_url_that_is_none_is_a_wrong_setting(
    offramp: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", url)
    ran = offramp("account", "show", "ada")
    assert ran.code == 2
    assert ran.err.startswith("offramp: OFFRAMP_DATABASE_URL cannot be used")


@pytest.mark.parametrize("switch", ["option", "setting"])
def test_debugging_shows_where_an_error_came_from(
    home: Path, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv("OFFRAMP_DEBUG", "true" if switch == "setting" else "false")
    with pytest.raises(Unknown):
        cli.main([*(["--debug"] if switch == "option" else []), "account", "show", "nobody"])


def test_production_is_told_to_migrate(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", f"sqlite:///{home_database.url[10:]}-new")
    ran = offramp("account", "show", "ada")
    assert ran.code == 3
    assert "run `offramp migrate`" in ran.err
    assert offramp("migrate").code == 0
    assert offramp("account", "show", "ada").code == 1


def test_migrating_twice_is_migrating_once(offramp: Run) -> None:
    assert "Revision none →" in offramp("migrate").err
    assert "The database is at revision" in offramp("migrate").err


def test_migrating_names_the_accounts_that_now_share_an_address(
    offramp: Run, home_database: Database
) -> None:
    with home_database.transaction() as session:
        for email in ("Ada@example.com", "ada@example.com"):
            make_account(session, email=email)
    downgrade(home_database, to="0012")
    said = offramp("migrate").err
    assert "Revision 0012 →" in said
    assert "2 accounts have an e-mail address that another account has in another spelling" in said
    assert "another spelling" not in offramp("migrate").err


def test_reconciling_needs_temporal(offramp: Run) -> None:
    ran = offramp("reconcile")
    assert ran.code == 3
    assert "Temporal does not answer" in ran.err


def test_policies_are_shown_as_they_are(offramp: Run) -> None:
    shown = offramp("policies").out
    assert all(name in shown for name in PRESETS)
    answer = json.loads(offramp("policies", "--json").out)
    assert [policy["name"] for policy in answer] == list(PRESETS)
    assert answer[1]["notice"] == 7 * 86400
