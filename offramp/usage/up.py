"""`offramp up`."""

from offramp.usage.groups import Usage

app = Usage()


@app.command()
def up() -> None:
    """Run all of Offramp on this machine, until Ctrl-C.

    Temporal is started too, unless its own environment configuration (TEMPORAL_ADDRESS, a profile) names a server.
    What dies is started again; after a crash or a kill, the next `offramp up` goes on where this one was.

    Example: `OFFRAMP_API_PORT=8500 OFFRAMP_TEMPORAL_PORT=7300 offramp up`
    """
    from offramp.commands import up as command

    command.up()
