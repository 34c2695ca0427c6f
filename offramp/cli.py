"""The command line: `offramp`, its commands, and what an error looks like."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.text import Text
from temporalio.service import RPCError

from domain.errors import Refused
from offramp.commands import (
    account,
    accounts,
    audit,
    case,
    cohort,
    crowd,
    doctor,
    journeys,
    messages,
    objections,
    policies,
    processes,
    reconcile,
    report,
    staff,
    up,
)
from offramp.config.settings import NotConfigured
from offramp.imports.account_files import UnreadableFile
from offramp.opening import NotMigrated, read_settings
from offramp.orders.cohort_orders import NobodyAnswers
from offramp.views.terminal import Exit, err
from store.engine import database

app = typer.Typer(
    name="offramp",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 well, 1 what was asked about is not well, 2 wrong usage or settings, "
    "3 something that Offramp needs cannot be reached.",
)
for commands in (up, processes, doctor, reconcile, report, policies, audit, crowd):
    commands.register(app)
app.add_typer(accounts.app, name="accounts")
app.add_typer(account.app, name="account")
app.add_typer(journeys.app, name="journeys")
app.add_typer(cohort.app, name="cohort")
app.add_typer(messages.app, name="messages")
app.add_typer(staff.app, name="staff")
case.register(account.app)
objections.register(account.app)


def _print_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
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
    """Takes accounts off SMS codes and onto passkeys, safely."""
    if debug:
        os.environ["OFFRAMP_DEBUG"] = "true"


def main(arguments: list[str] | None = None) -> None:
    """Run one command; what goes wrong is told in a line or two, and by the exit code."""
    try:
        app(arguments, prog_name="offramp")
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not try to flush the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
    except Exception as error:
        if _debugging():
            raise
        message, code = explanation(error)
        err.print(Text.assemble(("offramp: ", "bold red"), message), soft_wrap=True)
        sys.exit(code)


def explanation(error: Exception) -> tuple[str, Exit]:
    """An error in words that say what to do, and the exit code for it."""
    match error:
        case ExceptionGroup() if isinstance(error.exceptions[0], Exception):
            return explanation(error.exceptions[0])
        case NotConfigured() | UnreadableFile():
            return str(error), Exit.USAGE
        case NotMigrated() | NobodyAnswers():
            return str(error), Exit.UNREACHABLE
        case RPCError():
            return f"Temporal does not answer: {error.message}. Is `offramp up` running?", Exit.UNREACHABLE
        case Refused():
            return str(error), Exit.NOT_WELL
        case _ if isinstance(error, database.UNREACHABLE):
            return (
                f"the database does not answer: {error.orig}. `offramp doctor` says more.",
                Exit.UNREACHABLE,
            )
    return f"{type(error).__name__}: {error}. --debug shows where it came from.", Exit.NOT_WELL


def _debugging() -> bool:
    try:
        return read_settings().debug
    except NotConfigured:
        return "OFFRAMP_DEBUG" in os.environ
