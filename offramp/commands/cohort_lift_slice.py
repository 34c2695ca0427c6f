"""`offramp cohort lift-slice`: lets the prompt come back to a slice of a cohort's people."""

from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out, print_json
from services.rollouts import cohort_portraits, slice_holds


def lift(name: str, hold_id: str, *, reason: str, by: str, as_json: bool) -> None:
    """Lift a hold, and say whose prompt comes back."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        cohort_id = cohort_portraits.get_by_name(session, name).cohort_id
        hold = slice_holds.lift_in(session, cohort_id, hold_id, by=by, reason=reason, at=clock())
    if as_json:
        print_json(hold)
    else:
        out.print(f"{name}: people of {hold.slice} are shown the prompt again", markup=False)
