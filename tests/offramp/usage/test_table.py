"""The table of commands names all of them, each as its module has it."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from typer.main import get_group

from offramp import usage
from offramp.usage.groups import DeferredCommand
from offramp.usage.table import COMMANDS


def typed_names(module_name: str) -> set[str]:
    """What a module adds to the command line: its group, or its commands."""
    app = getattr(import_module(f"offramp.usage.{module_name}"), "app", None)
    if app is None:
        return set()
    return {app.info.name} if app.is_group else set(get_group(app).commands)


def test_the_table_has_every_command_and_the_reverse() -> None:
    modules = [module.name for module in iter_modules(usage.__path__)]
    assert {name for module in modules for name in typed_names(module)} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_the_beginning_of_the_help(name: str) -> None:
    module, short_help = COMMANDS[name]
    command = DeferredCommand(name, module=module, short_help=short_help).load()
    beginning = (command.help or "").split("\n\n")[0]
    assert command.name == name
    assert " ".join(beginning.split()) == short_help
