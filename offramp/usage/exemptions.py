"""`offramp exemptions`: who is left alone, on which basis and until when; grant, review, renew and end it."""

from typing import Annotated

import typer

from domain.desk.acts import LONGEST_EXEMPTION
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, ExternalId, require_two, short_reason

app = Usage(
    "exemptions",
    about="Exemptions: who is left alone, on which basis, and until when.",
    example="offramp exemptions list --due",
)

Reason = Annotated[
    str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
]
Basis = Annotated[str, typer.Option("--basis", metavar="CODE", help="As `exemptions bases` lists them.")]
Days = Annotated[int, typer.Option("--days", min=1, max=LONGEST_EXEMPTION.days, help="Until when, from now.")]
Evidence = Annotated[
    str, typer.Option("--evidence", help="A link that begins with https://, or a ticket's reference.")
]
Second = Annotated[
    str,
    typer.Option(
        "--with",
        metavar="NAME",
        help="Which colleague has looked at it, too, and agrees, where it takes two.",
        show_default=False,
    ),
]


@app.command("list")
def list_(
    *,
    basis: Annotated[str, typer.Option("--basis", metavar="CODE", help="Only those on this basis.")] = "",
    cohort: Annotated[str, typer.Option("--cohort", help="Only members of the cohort of this name.")] = "",
    is_due: Annotated[bool, typer.Option("--due", help="Only those that are due for review.")] = False,
    over_too: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer with CSV.")] = False,
) -> None:
    """List the exemptions that last, the next to end first.

    Examples: `offramp exemptions list --due`, `offramp exemptions list --cohort spring --all --csv`
    """
    from offramp.commands import exemptions as command

    wanted = command.Wanted(basis=basis, cohort=cohort, is_due=is_due, over_too=over_too)
    command.list_(wanted, as_json=as_json, as_csv=as_csv)


@app.command()
def bases(*, as_json: AsJson = False) -> None:
    """List the grounds on which people can be exempted, and what each asks for.

    Example: `offramp exemptions bases --json`
    """
    from offramp.commands import exemptions as command

    command.bases(as_json=as_json)


@app.command()
def show(external_id: ExternalId, *, as_json: AsJson = False) -> None:
    """Show every exemption that an account has had, newest first.

    Example: `offramp exemptions show u-1001 --json`
    """
    from offramp.commands import exemptions as command

    command.show(external_id, as_json=as_json)


@app.command()
def grant(
    external_id: ExternalId,
    *,
    basis: Basis,
    days: Days,
    evidence: Evidence = "",
    reason: Reason,
    by: By,
    with_member: Second = "",
) -> None:
    """Exempt the owner of an account: no reminders, and text-message codes stay on, until the last day.

    Examples:
    `offramp exemptions grant u-1001 --basis machine_account --days 180 --evidence CRM-1234 --reason "a till"`,
    `offramp exemptions grant u-1001 --basis other --days 30 --reason "in hospital" --by sam --with sue`
    """
    from offramp.commands import exemption_acts as command

    _require_other(by, with_member)
    author = command.author(by, with_member)
    command.grant(external_id, author, basis=basis, days=days, evidence=evidence, reason=reason)


@app.command()
def renew(
    external_id: ExternalId,
    *,
    basis: Annotated[
        str, typer.Option("--basis", metavar="CODE", help="As `exemptions bases` lists them; else the same.")
    ] = "",
    days: Days,
    evidence: Evidence = "",
    reason: Reason,
    by: By,
    with_member: Second = "",
) -> None:
    """Let another exemption take the place of the one that lasts, by all the rules of its basis.

    Example: `offramp exemptions renew u-1001 --days 90 --reason "still no device" --evidence CRM-1300`
    """
    from offramp.commands import exemption_acts as command

    _require_other(by, with_member)
    author = command.author(by, with_member)
    command.renew(external_id, author, basis=basis, days=days, evidence=evidence, reason=reason)


@app.command()
def review(external_id: ExternalId, *, reason: Reason, by: By) -> None:
    """Note that somebody has looked at an exemption, and that its ground still holds. Its last day stays.

    Example: `offramp exemptions review u-1001 --reason "the till is still there"`
    """
    from offramp.commands import exemption_acts as command

    command.review(external_id, command.author(by), reason=reason)


@app.command()
def end(external_id: ExternalId, *, reason: Reason, by: By) -> None:
    """End an exemption now: the person is asked again, as everybody else.

    Example: `offramp exemptions end u-1001 --reason "has a new phone"`
    """
    from offramp.commands import exemption_acts as command

    command.end(external_id, command.author(by), reason=reason)


def _require_other(by: str, with_member: str) -> None:
    if with_member.strip():
        require_two(by, with_member)
