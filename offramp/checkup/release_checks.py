"""Says whether Temporal gives journeys to the workers of this release."""

from importlib.metadata import version

from temporalio.client import Client

from offramp.checkup.findings import Finding, note, unwell, well
from workflows.deployments import NoDeployments, current_release, is_newer


async def release_finding(client: Client) -> Finding:
    """Which release's workers are given journeys and rollouts. Raises RPCError."""
    own = version("offramp")
    try:
        current = await current_release(client)
    except NoDeployments:
        return note("release", "this Temporal server has no worker deployments: any worker is given journeys")
    if current is None:
        return note("release", f"no worker of {own} or a later release has run here yet")
    if current == own:
        return well("release", f"journeys are given to the workers of {own}")
    what = (
        "an older release's worker has to be upgraded"
        if is_newer(own, current)
        else "this is an older release"
    )
    return unwell("release", f"journeys are given to the workers of {current}, and this is {own}: {what}")
