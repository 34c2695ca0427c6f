"""`offramp cohort people`: lists the people behind the numbers of a cohort."""

from domain.rollouts.people_filters import PeopleFilter
from domain.words.people_words import who_they_are
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import note, out, print_json
from services.rollouts.cohort_portraits import get_by_name
from store.rollouts import people

_MOST_SHOWN = 200


def show(name: str, wanted: PeopleFilter, *, as_json: bool) -> None:
    """Show them: all to machines, the first ones to people."""
    rows: list[tuple[str, str]] = []
    with opened_database(runnable_settings()) as database, database.reading() as session:
        cohort_id = get_by_name(session, name).cohort_id
        for account_ids in people.every(session, cohort_id, wanted):
            ids = people.external_ids(session, account_ids)
            rows += [(ids[account_id], account_id) for account_id in account_ids]
    if as_json:
        print_json(
            [{"external_id": external_id, "account_id": account_id} for external_id, account_id in rows]
        )
    elif rows:
        out.print(Listing(titles=("account", "id"), rows=rows[:_MOST_SHOWN]))
    else:
        out.print(f"nobody: {who_they_are(wanted)}", markup=False)
    if not as_json and len(rows) > _MOST_SHOWN:
        note(f"and {len(rows) - _MOST_SHOWN} more; --json shows all")
