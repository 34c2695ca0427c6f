"""`offramp cohort list`, `status`, `show` and what else shows cohorts and their people."""

from typing import Annotated

import typer

from domain.rollouts.cohorts import Ineligibility
from offramp.usage.cohort_options import By, Name, Reason, app
from offramp.usage.options import AsJson


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
def compare(
    name: Name,
    other: Annotated[str, typer.Argument(help="The name of the cohort beside which it is put.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Put two cohorts beside each other: how far people are, now and at the same age, guardrails, pace, definition.

    Examples: `offramp cohort compare autumn spring`, `offramp cohort compare autumn spring --json | jq .steps`
    """
    from offramp.commands import cohort_compare as command

    command.compare(name, other, as_json=as_json)


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
