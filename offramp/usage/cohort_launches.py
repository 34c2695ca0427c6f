"""`offramp cohort plan`, `launch`, `edit` and `diff`: cohorts by their descriptions."""

from offramp.usage.cohort_options import By, File, Reason, Seen, app
from offramp.usage.options import AsJson


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
