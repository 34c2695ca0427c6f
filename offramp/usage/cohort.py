"""`offramp cohort`: plans, launches, watches and commands staged cohorts."""

from typing import Annotated

import typer

from domain.rollouts.rollout import Command, Order
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, os_user

app = Usage(
    "cohort",
    about="Cohorts: people who are moved together, in waves that guardrails watch.",
    example="offramp cohort plan cohort.toml",
)


def _required_reason(reason: str) -> str:
    if not reason.strip():
        raise typer.BadParameter("say why; it goes into the cohort's journal")
    return reason.strip()


Name = Annotated[str, typer.Argument(help="The cohort's name.")]
File = Annotated[str, typer.Argument(help="Its description in TOML; - reads standard input.")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=_required_reason)
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        "--who",
        help="Who, if not the user of this machine.",
        show_default=False,
        default_factory=os_user,
    ),
]


@app.command()
def plan(file: File, *, as_json: AsJson = False) -> None:
    """Say what a launch would come to, and change nothing: people, waves, messages a day, times, overlaps.

    Example: `offramp cohort plan cohort.toml`
    """
    from offramp.commands import cohort_plan as command

    command.plan(file, as_json=as_json)


@app.command()
def launch(file: File, *, reason: Reason, by: By) -> None:
    """Launch a cohort: its members are written down, and its first wave begins.

    Example: `offramp cohort launch cohort.toml --reason "first one percent"`
    """
    from offramp.commands import cohort_commands as command

    command.launch(file, reason=reason, by=by)


@app.command()
def edit(file: File, *, reason: Reason, by: By) -> None:
    """Describe a launched cohort anew: policy, waves, pace, windows, guardrails. Who is in it stays.

    Example: `offramp cohort edit cohort.toml --reason "slower"`
    """
    from offramp.commands import cohort_commands as command

    command.edit(file, reason=reason, by=by)


@app.command()
def pause(name: Name, *, reason: Reason, by: By) -> None:
    """Stop starting and nudging people, until resume.

    Example: `offramp cohort pause spring --reason "the help desk is full"`
    """
    _give(name, Order(command=Command.PAUSE, by=by, reason=reason))


@app.command()
def resume(name: Name, *, reason: Reason, by: By) -> None:
    """Go on after a pause, from where it was.

    Example: `offramp cohort resume spring --reason "the help desk is back"`
    """
    _give(name, Order(command=Command.RESUME, by=by, reason=reason))


@app.command()
def advance(name: Name, *, reason: Reason, by: By) -> None:
    """Begin the next wave now, whatever the guardrails say.

    Example: `offramp cohort advance spring --reason "looked at every case by hand"`
    """
    _give(name, Order(command=Command.ADVANCE, by=by, reason=reason))


@app.command()
def abort(name: Name, *, reason: Reason, by: By) -> None:
    """End the rollout: no more is asked of anybody, passkeys stay, SMS is restored where it was unproven since.

    Example: `offramp cohort abort spring --reason "a new sign-in comes first"`
    """
    _give(name, Order(command=Command.ABORT, by=by, reason=reason))


@app.command()
def rollback(name: Name, *, reason: Reason, by: By) -> None:
    """End the rollout, and restore SMS to everyone of the wave who is still in probation.

    Example: `offramp cohort rollback spring --reason "too many lock-outs"`
    """
    _give(name, Order(command=Command.ROLLBACK, by=by, reason=reason))


@app.command()
def extend(
    name: Name,
    *,
    span: Annotated[str, typer.Option("--by", help='How much longer, like "2 days".')],
    reason: Reason,
    who: Annotated[
        str,
        typer.Option(
            "--who", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
        ),
    ],
) -> None:
    """Watch the wave for longer before the next.

    Example: `offramp cohort extend spring --by "2 days" --reason "a holiday in between"`
    """
    from offramp.commands import cohort_commands as command

    longer = command.longer(span)
    _give(name, Order(command=Command.EXTEND, by=who, reason=reason, extend_by=longer))


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """List all cohorts, the newest first.

    Example: `offramp cohort list`
    """
    from offramp.commands import cohort as command

    command.list_(as_json=as_json)


@app.command()
def status(
    name: Name,
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until it is over.")] = False,
) -> None:
    """Show where a cohort stands: waves, rates, guardrails with their samples, what it waits for, who did what.

    Examples: `offramp cohort status spring --watch`, `offramp cohort status spring --json | jq .standing`
    """
    from offramp.commands import cohort as command

    command.status(name, as_json=as_json, watch=watch)


def _give(name: str, order: Order) -> None:
    from offramp.commands import cohort_commands as command

    command.give(name, order)
