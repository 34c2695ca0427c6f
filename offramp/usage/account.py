"""`offramp account`: one account, and what support does about it from the machine itself."""

from pathlib import Path
from typing import Annotated

import typer

from domain.safety.objections import Outcome
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, ExternalId, With, require_two, short_reason

app = Usage(
    "account",
    about="One account.",
    example="offramp account show u-1001",
)


@app.command()
def show(
    external_id: ExternalId,
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until its journey ends.")] = False,
) -> None:
    """Show where an account stands: facts, milestones, what happens next and when, messages, journal.

    Phone numbers and e-mail addresses are masked.

    Examples: `offramp account show u-1001`, `offramp account show u-1001 --json | jq .facts`
    """
    from offramp.commands import account as command

    command.show(external_id, as_json=as_json, watch=watch)


@app.command()
def case(
    external_id: ExternalId,
    *,
    reason: Annotated[
        str,
        typer.Option("--reason", help="What about; no names, numbers or addresses.", callback=short_reason),
    ],
    by: By,
) -> None:
    """Note that a person has asked support for help. Guardrails count it, and the account's journal keeps it.

    Example: `offramp account case u-1001 --reason "cannot find the passkey on the new phone"`
    """
    from offramp.commands import case as command

    command.case(external_id, reason=reason, by=by)


@app.command()
def export(
    external_id: ExternalId,
    *,
    as_html: Annotated[
        bool, typer.Option("--html", help="A page to read and to print, instead of JSON.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where to; standard output otherwise.", show_default=False),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
    ] = "the person asked for it",
    by: By,
) -> None:
    """Write out all that is kept about a person, to hand it to them: as JSON, or as one page that needs no other file.

    Codes and tokens are named and not shown. A file is its owner's alone. The account's journal and the audit keep
    that it was done, and by whom.

    Examples: `offramp account export u-1001 --to u-1001.json`, `offramp account export u-1001 --html --to u-1001.html`
    """
    from offramp.commands import account_export as command

    command.export(external_id, as_html=as_html, to=to, reason=reason, by=by)


@app.command()
def erase(
    external_id: ExternalId,
    *,
    restores_sms: Annotated[
        bool,
        typer.Option(
            "--restore-sms/--leave-sms",
            help="Whether text-message codes that are not on count as restored: the service is told so.",
        ),
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
    ],
    by: By,
    with_member: With = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
) -> None:
    """Erase a person: contacts, names, sessions, ways in and where messages went are forgotten; the journey ends.

    The journal stays without what names the person, and figures go on counting them. The service hears of it by
    `account_erased`, and may make a new account under the same id. Two people do this: `--by` and `--with` name them,
    and both names are kept. It cannot be undone.

    Examples:
    `offramp account erase u-1001 --restore-sms --reason "asked for by letter" --by sam --with sue`,
    `offramp account erase u-1001 --leave-sms --reason "asked for by letter" --with sue --yes`
    """
    from offramp.commands import account_erase as command

    require_two(by, with_member)
    command.erase(
        external_id,
        restores_sms=restores_sms,
        reason=reason,
        by=by,
        with_member=with_member.strip(),
        asks_back=not yes,
    )


@app.command()
def objections(
    *,
    settled_too: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what owners say was not them, oldest first. Their accounts stand still until it is settled.

    Example: `offramp account objections --all --json`
    """
    from offramp.commands import objections as command

    command.list_objections(settled_too=settled_too, as_json=as_json)


@app.command()
def settle(
    objection_id: Annotated[str, typer.Argument(metavar="OBJECTION", help="Its id.")],
    *,
    outcome: Annotated[
        Outcome,
        typer.Option("--outcome", help="upheld: it was not the owner. dismissed: it was, after all."),
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
    ],
    by: By,
    with_member: With = "",
) -> None:
    """Settle an objection. `upheld` removes the passkey that it is about, `dismissed` takes it off hold.

    Two people do this: `--by` and `--with` name them, and both names are kept. The account's journey goes on when none
    of its objections is open.

    Examples:
    `offramp account settle 0198c0de-… --outcome upheld --reason "the phone was stolen" --by sam --with sue`,
    `offramp account settle 0198c0de-… --outcome dismissed --reason "the owner called" --with sue`
    """
    from offramp.commands import objections as command

    require_two(by, with_member)
    command.settle(objection_id, outcome=outcome, reason=reason, by=by, with_member=with_member.strip())


@app.command("lift-hold")
def lift_hold(
    passkey_id: Annotated[str, typer.Argument(metavar="PASSKEY", help="Its id.")],
    *,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
    ],
    by: By,
    with_member: With = "",
) -> None:
    """Let a passkey sign in again that was put on hold because it behaved like a copy of itself.

    Two people do this: `--by` and `--with` name them, and both names are kept. The owner is told.

    Example:
    `offramp account lift-hold 0198c0de-… --reason "the phone was restored from a backup" --by sam --with sue`
    """
    from offramp.commands import lift_hold as command

    require_two(by, with_member)
    command.lift_hold(passkey_id, reason=reason, by=by, with_member=with_member.strip())
