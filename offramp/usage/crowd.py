"""`offramp crowd`."""

from typing import Annotated

import typer

from domain.presets import FAST
from offramp.crowd.kinds import PARTS
from offramp.usage.groups import Usage
from offramp.usage.options import POLICY_NAMES, AsJson, policy_name

app = Usage()


def crowd(
    *,
    people: Annotated[int, typer.Option("--accounts", min=1, help="How many people.")] = 100,
    policy: Annotated[
        str,
        typer.Option(
            help="How they are moved; fast has seconds for days.", metavar=POLICY_NAMES, callback=policy_name
        ),
    ] = FAST.name,
    cohort: Annotated[
        str | None, typer.Option(help="Launch them as a cohort of this name, in waves, with a holdout.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    pace: Annotated[float, typer.Option(min=0.1, help="How many people come a second.")] = 2.0,
    host: Annotated[
        str | None,
        typer.Option(help="Play customers of the sample host at this address, from its own sign-in page."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play people against a running development instance, with software authenticators: a crowd for looking.

    Each crowd brings accounts of its own. They do over HTTP what people do, and read the development inbox. In the end
    what they have counted themselves is compared with the database; a difference, or anything that nobody expected,
    makes the exit code 1. Nothing but a development instance on this machine is played with.

    With `--host`, they are customers of a sample host, hosted or orchestrated as OFFRAMP_CEREMONIES says, and its own
    database is asked in the end, too.

    Examples: `offramp crowd --accounts 500 --policy fast`, `offramp crowd --accounts 200 --cohort autumn`

    The kinds of people, and their shares:
    """
    from offramp.commands import crowd as command

    if host and cohort:
        raise typer.BadParameter("a host's customers are launched one by one", param_hint="--cohort")
    command.crowd(people, policy=policy, cohort=cohort, seed=seed, pace=pace, host=host, as_json=as_json)


def _shares() -> str:
    """The kinds with their shares and stories, from where they are kept."""
    return "\n\n".join(f"- {kind} {part.share} %: {part.story}" for kind, part in PARTS.items())


crowd.__doc__ = f"{crowd.__doc__}\n{_shares()}\n"
app.command()(crowd)
