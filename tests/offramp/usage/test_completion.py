"""Shells complete commands and options, of those commands too that are not loaded yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from offramp.usage.table import COMMANDS


def offramp(*arguments: str, **environment: str) -> str:
    """What a process says that runs this command."""
    ran = subprocess.run(
        [sys.executable, "-m", "offramp", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def completions(line: str) -> list[str]:
    """What bash offers for the last word of a line."""
    words = line.split(" ")
    variables = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return offramp(_OFFRAMP_COMPLETE="complete_bash", **variables).split()


def test_every_command_is_offered() -> None:
    assert completions("offramp ") == list(COMMANDS)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("offramp acc", ["accounts", "account"]),
        ("offramp account ", ["show", "case", "export", "erase", "objections", "settle", "lift-hold"]),
        ("offramp cohort re", ["resume"]),
        ("offramp account show --w", ["--watch"]),
        ("offramp report --format ", ["md", "csv", "html"]),
    ],
)
def test_the_word_is_completed_by_what_is_below(line: str, offered: list[str]) -> None:
    assert completions(line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell_is_shown(shell: str) -> None:
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert "_OFFRAMP_COMPLETE" in offramp("--show-completion", shell, **variables)


def test_completion_is_installed_for_bash(tmp_path: Path) -> None:
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    assert "completion installed" in offramp("--install-completion", "bash", **variables)
    assert "_OFFRAMP_COMPLETE" in (tmp_path / ".bash_completions" / "offramp.sh").read_text()
