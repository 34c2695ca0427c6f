"""`offramp doctor`."""

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

app = Usage()


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Check configuration, providers, database, relay, Temporal and the promises that must hold; changes nothing.

    Exit code 1: something is not well, and the answer says what, and what to do.

    Examples: `offramp doctor`, `offramp doctor --json | jq '.findings[] | select(.verdict == "unwell")'`
    """
    from offramp.commands import doctor as command

    command.doctor(as_json=as_json)
