"""`offramp cohort passed-over`: lists the members whom launches have passed over, and why."""

from domain.rollouts.cohorts import Ineligibility
from domain.words.cohort_captions import OBSTACLES
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, note, out, print_json
from services.rollouts.cohort_portraits import get_by_name
from store.rollouts import passed_over
from store.rollouts.passed_over import PassedOverMember

_MOST_SHOWN = 200


def show(name: str, *, because: Ineligibility | None, as_json: bool) -> None:
    """Show who was passed over: all of them to machines, the first ones to people."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        cohort_id = get_by_name(session, name).cohort_id
        people = list(passed_over.every(session, cohort_id, because=because))
    if as_json:
        print_json(people)
    elif people:
        out.print(_listing(people[:_MOST_SHOWN]))
    else:
        out.print("nobody has been passed over")
    if not as_json and len(people) > _MOST_SHOWN:
        note(f"and {len(people) - _MOST_SHOWN} more; --json shows all")


def _listing(people: list[PassedOverMember]) -> Listing:
    rows = [(member.external_id, moment(member.at), f"they {OBSTACLES[member.because]}") for member in people]
    return Listing(titles=("account", "since", "because"), rows=rows)
