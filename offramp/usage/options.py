"""Arguments and options that several commands have."""

import getpass
from typing import Annotated

import typer

from domain.presets import PRESETS

_LONGEST_REASON = 200


def os_user() -> str:
    """The name of this machine's user, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the user has no name, as in some containers
        return "unknown"


def short_reason(text: str) -> str:
    """Return the reason. Raises BadParameter of typer if it is empty or too long."""
    if not text.strip():
        raise typer.BadParameter("say in a few words what it is about")
    if len(text) > _LONGEST_REASON:
        raise typer.BadParameter(f"{_LONGEST_REASON} characters at most")
    return text.strip()


def policy_name(name: str) -> str:
    """Return the name of an existing policy. Raises BadParameter of typer for any other name."""
    if name not in PRESETS:
        raise typer.BadParameter(f"no policy is called {name}; there are {', '.join(PRESETS)}")
    return name


POLICY_NAMES = "|".join(PRESETS)

ExternalId = Annotated[str, typer.Argument(help="The host's id of the account.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def require_two(by: str, with_member: str) -> None:
    """Raise BadParameter of typer unless both have a name, and not the same."""
    if with_member.strip().casefold() in ("", by.strip().casefold()):
        raise typer.BadParameter(
            f"{by} cannot do this alone: name the colleague who has looked at it, too, and agrees",
            param_hint="--with",
        )


With = Annotated[
    str,
    typer.Option(
        "--with",
        metavar="NAME",
        help="Which colleague has looked at it, too, and agrees. Two people do this, so it is always needed.",
        show_default=False,
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
    ),
]
