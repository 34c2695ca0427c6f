"""Groups of commands. The outermost group imports a command only when the command is needed."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_group

from offramp.usage.table import COMMANDS

_F = TypeVar("_F", bound=Callable[..., Any])


class OfframpCommand(TyperCommand):
    """A command whose help shows flags as what they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Arguments and options."""
        return _flags_without_values(super().get_params(ctx))


class OfframpGroup(TyperGroup):
    """A group whose help shows flags as what they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Options of the group itself."""
        return _flags_without_values(super().get_params(ctx))


class Usage(typer.Typer):
    """The commands of one module: either a group, if it has a name, or commands of `offramp` itself."""

    def __init__(self, name: str | None = None, *, about: str = "", example: str = "") -> None:
        super().__init__(
            name=name,
            help=f"{about}\n\nExample: `{example}`",
            cls=OfframpGroup,
            no_args_is_help=True,
            rich_markup_mode="markdown",
            add_completion=False,
        )

    @property
    def is_group(self) -> bool:
        """Whether its commands are below a name of its own."""
        return bool(self.info.name)

    def command(self, name: str | None = None, **given: Any) -> Callable[[_F], _F]:
        """Add a command."""
        return super().command(name, cls=OfframpCommand, **given)


class DeferredCommand(TyperCommand):
    """A command or a group that has only its name and short help until it is loaded."""

    def __init__(self, name: str, *, module: str, short_help: str) -> None:
        super().__init__(name, help=short_help)
        self._module = module

    def load(self) -> Any:
        """Import the command itself."""
        app: Usage = import_module(f"offramp.usage.{self._module}").app
        group = get_group(app)
        return group if app.is_group else group.commands[str(self.name)]

    @property
    def commands(self) -> dict[str, Any]:
        """The commands of the group; empty if it is a command."""
        return dict(getattr(self.load(), "commands", {}))

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Let the command itself parse its arguments, so that it runs afterwards."""
        return self.load().make_context(*arguments, **extra)


class CommandLine(OfframpGroup):
    """`offramp` itself: it imports no more than the command that runs."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, (module, short_help) in COMMANDS.items():
            self.add_command(DeferredCommand(name, module=module, short_help=short_help))


def _flags_without_values(params: list[Any]) -> list[Any]:
    """Removes the `<bool>` that Typer shows after a flag, because no value follows it."""
    for param in params:
        if isinstance(param, TyperOption) and param.is_flag:
            param.metavar = ""
    return params
