"""Arguments and options that several commands have."""

import getpass
from typing import Annotated

import typer

from domain.presets import PRESETS

_LONGEST_REASON = 200


def os_user() -> str:
    """The name under which somebody works on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "unknown"


def short_reason(text: str) -> str:
    """A reason that says something, and is short enough to be read; typer's BadParameter otherwise."""
    if not text.strip():
        raise typer.BadParameter("say in a few words what it is about")
    if len(text) > _LONGEST_REASON:
        raise typer.BadParameter(f"{_LONGEST_REASON} characters at most")
    return text.strip()


def policy_name(name: str) -> str:
    """The name of a policy that there is; typer's BadParameter otherwise."""
    if name not in PRESETS:
        raise typer.BadParameter(f"no policy is called {name}; there are {', '.join(PRESETS)}")
    return name


POLICY_NAMES = "|".join(PRESETS)

ExternalId = Annotated[str, typer.Argument(help="The host's id of the account.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]
By = Annotated[
    str,
    typer.Option(
        "--by", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
    ),
]
