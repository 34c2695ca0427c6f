"""`offramp cohort`: plans, launches, watches and commands staged cohorts."""

from typing import Annotated

import typer

from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.rollout import Command, Order
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, With, os_user

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

Seen = Annotated[
    int | None,
    typer.Option(
        "--seen",
        metavar="VERSION",
        min=1,
        help="The version that `cohort status` showed when you decided; the order is refused if it has changed since.",
        show_default=False,
    ),
]
WaveNumber = Annotated[
    int | None,
    typer.Option(
        "--wave",
        metavar="N",
        min=1,
        help="The wave that is meant; the order is refused in any other.",
        show_default=False,
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
def edit(file: File, *, reason: Reason, by: By, seen: Seen = None) -> None:
    """Describe a launched cohort anew: policy, waves, pace, windows, guardrails. Who is in it stays.

    Example: `offramp cohort edit cohort.toml --reason "slower"`
    """
    from offramp.commands import cohort_commands as command

    command.edit(file, reason=reason, by=by, seen=seen)


@app.command()
def diff(file: File, *, as_json: AsJson = False) -> None:
    """Say what an edit would change, and what it does to people on their way; change nothing.

    Example: `offramp cohort diff cohort.toml`
    """
    from offramp.commands import cohort_diff as command

    command.diff(file, as_json=as_json)


@app.command()
def pause(
    name: Annotated[str, typer.Argument(help="The cohort's name; none with --all.", show_default=False)] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Pause every rollout that is under way.")] = False,
    reason: Reason,
    by: By,
    seen: Seen = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --all: answer with JSON.")] = False,
) -> None:
    """Stop starting and nudging people, until resume. With --all, exit code 0 only if every rollout is paused.

    Examples: `offramp cohort pause spring --reason "the help desk is full"`,
    `offramp cohort pause --all --reason "texts cannot go out"`
    """
    if bool(name) == everything:
        raise typer.BadParameter("name one cohort, or say --all", param_hint="NAME")
    if everything and seen is not None:
        raise typer.BadParameter("goes with one cohort only", param_hint="--seen")
    if not everything:
        if as_json:
            raise typer.BadParameter("goes with --all only", param_hint="--json")
        _give(name, Order(command=Command.PAUSE, by=by, reason=reason, seen=seen))
        return
    from offramp.commands import cohort_pause_all as command

    command.pause(reason=reason, by=by, as_json=as_json)


@app.command()
def resume(name: Name, *, reason: Reason, by: By, seen: Seen = None) -> None:
    """Go on after a pause, from where it was.

    Example: `offramp cohort resume spring --reason "the help desk is back"`
    """
    _give(name, Order(command=Command.RESUME, by=by, reason=reason, seen=seen))


@app.command()
def advance(name: Name, *, reason: Reason, by: By, wave: WaveNumber = None, seen: Seen = None) -> None:
    """Begin the next wave now, whatever the guardrails say. `--wave 1` says that wave 1 is to be over.

    Example: `offramp cohort advance spring --wave 1 --reason "looked at every case by hand"`
    """
    ended = None if wave is None else wave - 1
    _give(name, Order(command=Command.ADVANCE, by=by, reason=reason, seen=seen, wave=ended))


@app.command()
def abort(name: Name, *, reason: Reason, by: By, seen: Seen = None) -> None:
    """End the rollout: no more is asked of anybody, passkeys stay, SMS is restored where it was unproven since.

    Example: `offramp cohort abort spring --reason "a new sign-in comes first"`
    """
    _give(name, Order(command=Command.ABORT, by=by, reason=reason, seen=seen))


@app.command()
def rollback(
    name: Name,
    *,
    reason: Reason,
    by: By,
    waves: Annotated[
        list[int] | None,
        typer.Option(
            "--wave", metavar="N", min=1, help="Restore this wave alone; may come again.", show_default=False
        ),
    ] = None,
    seen: Seen = None,
) -> None:
    """End the rollout, and restore SMS to everyone of its waves who is under notice or in probation.

    Examples: `offramp cohort rollback spring --reason "too many lock-outs"`, `offramp cohort rollback spring --wave 2
    --reason "only the new phones fail"`
    """
    takes_back = tuple(sorted({wave - 1 for wave in waves or ()}))
    _give(name, Order(command=Command.ROLLBACK, by=by, reason=reason, seen=seen, takes_back=takes_back))


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
    wave: WaveNumber = None,
    seen: Seen = None,
) -> None:
    """Watch the wave for longer before the next.

    Example: `offramp cohort extend spring --by "2 days" --reason "a holiday in between"`
    """
    from offramp.commands import cohort_commands as command

    longer = command.longer(span)
    watched = None if wave is None else wave - 1
    order = Order(command=Command.EXTEND, by=who, reason=reason, extend_by=longer, wave=watched, seen=seen)
    _give(name, order)


@app.command(name="lift-slice")
def lift_slice(
    name: Name,
    hold: Annotated[str, typer.Argument(help="The hold's id; `cohort status` shows it.")],
    *,
    reason: Reason,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let the prompt come back to people from whom a guardrail keeps it: one browser, provider, platform or country.

    Example: `offramp cohort lift-slice spring 0197c3a2-6b1e-7c39-b0aa-4d1c2f9a7e55 --reason "the browser was mended"`
    """
    from offramp.commands import cohort_lift_slice as command

    command.lift(name, hold, reason=reason, by=by, as_json=as_json)


@app.command(name="list")
def list_(
    *,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the cohorts that are not archived, the newest first.

    Examples: `offramp cohort list`, `offramp cohort list --archived --json`
    """
    from offramp.commands import cohort as command

    command.list_(as_json=as_json, is_archived=archived)


@app.command()
def archive(name: Name, *, reason: Reason, by: By) -> None:
    """Take a cohort that has ended, or was given up, off the list. Nothing of it is lost.

    Example: `offramp cohort archive spring --reason "all moved"`
    """
    from offramp.commands import cohort_archive as command

    command.archive(name, reason=reason, by=by)


@app.command()
def unarchive(name: Name, *, reason: Reason, by: By) -> None:
    """Bring an archived cohort back to the list.

    Example: `offramp cohort unarchive spring --reason "the auditor asks"`
    """
    from offramp.commands import cohort_archive as command

    command.bring_back(name, reason=reason, by=by)


@app.command()
def status(
    name: Name,
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until it has ended.")] = False,
) -> None:
    """Show where a cohort stands: waves, rates, guardrails with their samples, what it waits for, who did what.

    Examples: `offramp cohort status spring --watch`, `offramp cohort status spring --json | jq .standing`
    """
    from offramp.commands import cohort as command

    command.status(name, as_json=as_json, watch=watch)


@app.command()
def show(
    name: Name,
    *,
    as_toml: Annotated[bool, typer.Option("--toml", help="Write the TOML that describes it.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With the rules that are as in the preset.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a cohort is defined by: who, waves, launch windows, policy and guardrails.

    Examples: `offramp cohort show spring`, `offramp cohort show spring --toml > spring.toml`
    """
    if as_toml and as_json:
        raise typer.BadParameter("choose --toml or --json", param_hint="--toml")
    from offramp.commands import cohort_show as command

    command.show(name, as_toml=as_toml, as_json=as_json, is_whole=everything)


@app.command()
def people(
    name: Name,
    *,
    wave: Annotated[
        str,
        typer.Option(
            "--wave", metavar="N", help="Of this wave, `unreached` or `held_out`.", show_default=False
        ),
    ] = "",
    step: Annotated[
        str,
        typer.Option(
            "--step",
            metavar="STEP",
            help="Who have come so far: launched, passkey_proven …",
            show_default=False,
        ),
    ] = "",
    without: Annotated[
        bool, typer.Option("--without", help="With --step: who have not come so far.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the people behind the numbers of a cohort: of a wave, and who have come so far, or not.

    Examples: `offramp cohort people spring --wave 2 --step passkey_proven`,
    `offramp cohort people spring --step passkey_enrolled --without --json`
    """
    from domain.rollouts.people_filters import LAUNCHED, STEPS, CohortPlace, PeopleFilter

    wanted = PeopleFilter.read(wave=wave, step=step, is_missing=without)
    if wave and "wave" not in wanted.words and wave != CohortPlace.WAVES:
        raise typer.BadParameter("a number, unreached or held_out", param_hint="--wave")
    if step and not wanted.step:
        raise typer.BadParameter(f"one of {', '.join((LAUNCHED, *STEPS))}", param_hint="--step")
    if without and not step:
        raise typer.BadParameter("goes with --step", param_hint="--without")
    from offramp.commands import cohort_people as command

    command.show(name, wanted, as_json=as_json)


@app.command(name="passed-over")
def passed_over(
    name: Name,
    *,
    because: Annotated[Ineligibility | None, typer.Option("--because", help="For this reason only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the members whom a wave came to and could not launch, since when, and why.

    Examples: `offramp cohort passed-over spring`, `offramp cohort passed-over spring --because excluded --json`
    """
    from offramp.commands import cohort_passed_over as command

    command.show(name, because=because, as_json=as_json)


@app.command(name="if-ended-today")
def if_ended_today(
    name: Name,
    *,
    on: Annotated[
        str,
        typer.Option(
            "--on", metavar="DATE", help="On another day than that of the end date.", show_default=False
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what the end date comes to: who is let in only to set up, who could not even do that, and the pace.

    Examples: `offramp cohort if-ended-today spring`, `offramp cohort if-ended-today spring --on 2027-02-01 --json`
    """
    from offramp.commands import cohort_ends as command

    command.show(name, on=on, as_json=as_json)


@app.command(name="move-end")
def move_end(
    name: Name,
    *,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="The new day.", show_default=False)] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Have no end date any more.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="HH:MM", help="When it begins, if not at midnight.")
    ] = "",
    zone: Annotated[
        str, typer.Option("--zone", help="By which clocks; those of the launch windows without it.")
    ] = "",
    reason: Reason,
    by: By,
    with_member: With = "",
    seen: Seen = None,
) -> None:
    """Move the end date of a cohort, or lift it. Its people are told. A nearer day takes two: `--by` and `--with`.

    Examples: `offramp cohort move-end spring --to 2027-03-01 --reason "the regulator gave us a month"`,
    `offramp cohort move-end spring --to 2027-01-15 --with sam --reason "a leak of phone numbers"`
    """
    if bool(to) == lift:
        raise typer.BadParameter("name a day, or say --lift", param_hint="--to")
    from offramp.commands import cohort_ends as command

    command.move(name, day=to, begins=at, zone=zone, reason=reason, by=by, with_member=with_member, seen=seen)


def _give(name: str, order: Order) -> None:
    from offramp.commands import cohort_commands as command

    command.give(name, order)
