"""The command line: `offramp`, its commands, and what an error looks like."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from offramp.usage.groups import CommandLine

if TYPE_CHECKING:
    from offramp.views.terminal import Exit

app = typer.Typer(
    name="offramp",
    cls=CommandLine,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 well, 1 what was asked about is not well, 2 wrong usage or settings, "
    "3 something that Offramp needs cannot be reached.",
)


def _print_version(is_wanted: bool) -> None:  # noqa: FBT001
    if is_wanted:
        from importlib.metadata import version

        sys.stdout.write(f"offramp {version('offramp')}\n")
        raise typer.Exit


@app.callback()
def offramp(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Takes accounts off SMS codes and onto passkeys, safely.

    Examples: `offramp up`, `offramp account show --help`
    """
    if debug:
        os.environ["OFFRAMP_DEBUG"] = "true"


def main(arguments: list[str] | None = None) -> None:
    """Run one command. An error is one or two lines on standard error, and the exit code."""
    try:
        app(arguments, prog_name="offramp")
    except BrokenPipeError:
        # The reader of the output has closed it, so the interpreter must not flush the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if _debugging():
            raise
        _tell(error)


def _tell(error: Exception) -> None:
    from rich.text import Text

    from offramp.views.terminal import err

    message, code = explanation(error)
    err.print(Text.assemble(("offramp: ", "bold red"), message), soft_wrap=True)
    sys.exit(code)


def explanation(error: Exception) -> tuple[str, "Exit"]:
    """An error in words that say what to do, and the exit code for it."""
    from domain.errors import Refused
    from offramp.config.settings import NotConfigured
    from offramp.opening import NotMigrated
    from offramp.views.terminal import Exit
    from services.imports.file_records import UnreadableFile

    match error:
        case ExceptionGroup() if isinstance(error.exceptions[0], Exception):
            return explanation(error.exceptions[0])
        case NotConfigured() | UnreadableFile():
            return str(error), Exit.USAGE
        case NotMigrated():
            return str(error), Exit.UNREACHABLE
        case Refused():
            return str(error), Exit.NOT_WELL
    if outage := _outage(error):
        return outage, Exit.UNREACHABLE
    return f"{type(error).__name__}: {error}. --debug shows where it came from.", Exit.NOT_WELL


def _outage(error: Exception) -> str | None:
    """Says what cannot be reached; None if the error has another cause."""
    from temporalio.service import RPCError

    from services.container import NobodyThere
    from store.engine.absences import DatabaseAway

    if isinstance(error, NobodyThere):
        return str(error)
    if isinstance(error, RPCError):
        return f"Temporal does not answer: {error.message}. Is `offramp up` running?"
    if isinstance(error, DatabaseAway):
        return f"{error}{error.reason and ': '}{error.reason}. `offramp doctor` says more."
    return None


def _debugging() -> bool:
    from offramp.config.settings import NotConfigured
    from offramp.opening import read_settings

    try:
        return read_settings().debug
    except NotConfigured:
        return "OFFRAMP_DEBUG" in os.environ
