"""Prometheus's own tool accepts the configuration, and every alert fires when it should and keeps quiet when not."""

import subprocess

import pytest
import yaml

from tests.dashboards.asked import DASHBOARDS, rules
from tests.dashboards.prometheus import MISSING, PROMTOOL

TESTS = ("alerts.test.yml", "alerts.days.test.yml")

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason=MISSING)


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL
    return subprocess.run(
        [PROMTOOL, *arguments], cwd=DASHBOARDS, capture_output=True, text=True, check=False, timeout=110
    )


@needs_promtool
@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus.local.yml"])
def test_the_configuration_is_accepted(name: str) -> None:
    checked = promtool("check", "config", name)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@needs_promtool
@pytest.mark.parametrize("name", TESTS)
def test_rules_do_what_their_tests_say(name: str) -> None:
    tested = promtool("test", "rules", name)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_is_tested_both_ways() -> None:
    names = [
        test["name"] for file in TESTS for test in yaml.safe_load((DASHBOARDS / file).read_text())["tests"]
    ]
    for rule in rules("alerts.yml"):
        assert f"{rule['alert']} fires" in names
        assert f"{rule['alert']} keeps quiet" in names
