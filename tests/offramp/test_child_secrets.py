"""Children of `offramp up` get secrets by environment or file: whoever lists processes reads none."""

from pathlib import Path

import pytest

from offramp.commands import up
from offramp.config.settings import Settings
from offramp.up.sample_hosts import SampleHost
from tests.offramp.config.test_secret_files import SECRETS


def test_no_command_line_of_a_child_holds_a_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    for variable, secret in SECRETS.items():
        monkeypatch.setenv(variable, secret)
    monkeypatch.setenv("OFFRAMP_METRICS_PORT", "8410")
    settings = Settings()
    children = [*up._children(settings), SampleHost(module="examples.hosted", port_number=1).child(settings)]
    assert {child.name for child in children} == {"temporal", "api", "worker", "metrics", "host"}
    assert not any("hush" in part for child in children for part in child.command)
    assert not any("hush" in value for child in children for value in child.environment.values())
