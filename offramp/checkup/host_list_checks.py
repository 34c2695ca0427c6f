"""Whether the host's list says what Offramp believes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from offramp.checkup.findings import Finding, note, unwell, well
from offramp.views.terminal import moment
from store import Session
from store.host import comparisons, list_runs

_STALE_AFTER = timedelta(days=2)


def host_list_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """What the last comparison with the host's list found, and why a later one failed; nothing if none was tried."""
    last_comparison, last_run = comparisons.last(session), list_runs.last(session)
    tried_at = last_run.tried_at if last_run and last_run.failed_because else None
    if last_run and tried_at and (last_comparison is None or last_comparison.ended_at < tried_at):
        yield unwell(
            "host_list", f"at {moment(tried_at)}: {last_run.failed_because}; it is asked again each hour"
        )
    if last_comparison is None:
        return
    at = moment(last_comparison.ended_at)
    if last_comparison.count:
        counts = ", ".join(f"{count} {kind}" for kind, count in last_comparison.differences.items() if count)
        yield unwell("host_list", f"at {at} the host's list differed: {counts}; see OfframpHostDiffers")
    elif now - last_comparison.ended_at > _STALE_AFTER:
        yield note("host_list", f"last compared at {at}; `offramp accounts compare` is meant for every night")
    elif not last_comparison.is_whole:
        yield note(
            "host_list", f"the list of {at} had bad lines or no accounts: it does not say who is missing"
        )
    else:
        yield well("host_list", f"at {at} the host's list said what is believed here")
