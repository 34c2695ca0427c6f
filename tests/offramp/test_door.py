"""The door of the command line: Ctrl-C at any moment, and an exit code that no library replaces."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

INTERRUPT = """
import os, signal, sys

class Interrupts:
    '''Sends the process Ctrl-C when a module is about to be imported.'''

    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts the tests may have it ignored
sys.meta_path.insert(0, Interrupts())
"""
LEAVE = """
import atexit, sys, temporalio.client
atexit.register(print, 'the usual way out')
"""
ENTER = """
sys.argv = ['offramp', *{arguments!r}]
from offramp.__main__ import run
run()
"""


def ran(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """How a process ended that went in by the door."""
    return subprocess.run(
        [sys.executable, "-c", program + ENTER.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "module",
    ["offramp.cli", "typer", "rich.text", "offramp.usage.doctor", "pydantic", "sqlalchemy", "temporalio"],
)
def test_ctrl_c_while_modules_are_imported_ends_a_command_without_a_traceback(
    home: Path, module: str
) -> None:
    ended = ran(INTERRUPT.format(module=module), "doctor")
    assert (ended.returncode, ended.stdout) == (130, "")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, ""),
        (["account", "show", "nobody"], 1, "no account is called nobody"),
        (["--debug", "account", "show", "nobody"], 1, "Traceback"),
        (["fly"], 2, "No such command"),
        (["reconcile"], 3, "Temporal does not answer"),
    ],
)
def test_a_command_that_has_used_temporal_leaves_with_its_own_exit_code(
    home: Path, arguments: list[str], code: int, said: str
) -> None:
    """Python's way out lets Temporal's library abort now and then, so it is not gone through."""
    ended = ran(LEAVE, *arguments)
    assert (ended.returncode, said in ended.stderr) == (code, True)
    assert "the usual way out" not in ended.stdout


def test_the_shells_command_goes_by_the_door() -> None:
    (script,) = entry_points(group="console_scripts", name="offramp")
    assert script.value == "offramp.__main__:run"
