"""`offramp cohort archive` and `unarchive`: take a cohort that is over off the list, and bring it back."""

from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out
from services.rollouts import archives
from services.rollouts.cohort_portraits import get_by_name


def archive(name: str, *, reason: str, by: str) -> None:
    """Take a cohort off the list."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        cohort_id = get_by_name(session, name).cohort_id
        archives.archive_in(session, cohort_id, by=by, reason=reason, at=clock())
    out.print(f"{name} is archived; `offramp cohort list --archived` lists it", markup=False)


def bring_back(name: str, *, reason: str, by: str) -> None:
    """Bring a cohort back to the list."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        cohort_id = get_by_name(session, name).cohort_id
        archives.bring_back_in(session, cohort_id, by=by, reason=reason, at=clock())
    out.print(f"{name} is on the list again", markup=False)
