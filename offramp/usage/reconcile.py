"""`offramp reconcile`."""

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

app = Usage()


@app.command()
def reconcile(*, as_json: AsJson = False) -> None:
    """Start every journey and every rollout that ought to run and does not, even on an empty Temporal.

    Example: `offramp reconcile`, after Temporal's database was lost or restored from a backup
    """
    from offramp.commands import reconcile as command

    command.reconcile(as_json=as_json)
