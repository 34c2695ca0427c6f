"""`offramp accounts import`."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson
from services.imports.account_files import FileFormat, WithoutPlus

app = Usage(
    "accounts",
    about="Accounts, as the host tells of them.",
    example="offramp accounts import accounts.csv",
)


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="The file; - reads standard input.")],
    *,
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="Without it, the file's ending decides.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Where phone numbers without a country code belong, like DE.")
    ] = None,
    without_plus: Annotated[
        WithoutPlus | None,
        typer.Option(
            help="What numbers are that begin with neither a plus nor a zero: national, as they are dialled in the "
            "region, or international, because a spreadsheet took the plus away."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import accounts from a CSV or NDJSON file.

    Columns: external_id and phone; if wanted email, locale, time_zone, attributes (a JSON object), attr.NAME,
    sim_checked_at, sim_changed_at. Lines that cannot be used are told of and skipped, and make the exit code 1.
    An empty cell leaves what is there, and importing the same file again changes nothing. A contact that cannot be
    used is told of and left out, and leaves what is there, too.

    Examples: `offramp accounts import accounts.csv`,
    `zcat all.ndjson.gz | offramp accounts import - --format ndjson`
    """
    from offramp.commands import accounts as command

    command.import_(file, file_format=file_format, region=region, without_plus=without_plus, as_json=as_json)


@app.command()
def compare(
    *,
    file: Annotated[str | None, typer.Option(help="The list; - reads standard input.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the host answers with the list.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what the host says of text-message codes with what Offramp believes; changes nothing.

    The list is NDJSON with an account on each line: `{"external_id": "u-1001", "sms": "off"}`. Every difference and
    every line that cannot be used makes the exit code 1. Accounts that the list does not have are told at the end, if
    every line could be used. With `--json`, each difference is a line, and so is the end.
    `OFFRAMP_HOST_LIST_TOKEN` is sent to `--url` as a bearer token.

    Examples: `offramp accounts compare --file host.ndjson`,
    `offramp accounts compare --url https://login.example.com/sms-states --json`
    """
    from offramp.commands import comparing as command

    command.compare(file=file, url=url, as_json=as_json)
